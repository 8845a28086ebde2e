"""A shop's own customers and orders: CSV, TSV and JSON Lines, with the columns of Shopify's exports or mapped."""

from assistant.shop.importers.customers import CUSTOMER_FIELDS, read_customers
from assistant.shop.importers.orders import ORDER_FIELDS, read_orders

__all__ = ["CUSTOMER_FIELDS", "ORDER_FIELDS", "read_customers", "read_orders"]
