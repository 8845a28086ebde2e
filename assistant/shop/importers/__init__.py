"""A shop's own customers, orders and coupons: CSV, TSV, JSON Lines, with columns as Shopify exports them or mapped."""

from assistant.shop.importers.coupons import COUPON_FIELDS, read_coupons
from assistant.shop.importers.customers import CUSTOMER_FIELDS, read_customers
from assistant.shop.importers.orders import ORDER_FIELDS, read_orders

__all__ = ["COUPON_FIELDS", "CUSTOMER_FIELDS", "ORDER_FIELDS", "read_coupons", "read_customers", "read_orders"]
