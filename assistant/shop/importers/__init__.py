"""A shop's own customers, orders, coupons and gift cards: CSV, TSV, JSON Lines, columns as Shopify's or mapped."""

from assistant.shop.importers.coupons import COUPON_FIELDS, read_coupons
from assistant.shop.importers.customers import CUSTOMER_FIELDS, read_customers
from assistant.shop.importers.gift_cards import GIFT_CARD_FIELDS, read_gift_cards
from assistant.shop.importers.orders import ORDER_FIELDS, read_orders

__all__ = [
    "COUPON_FIELDS",
    "CUSTOMER_FIELDS",
    "GIFT_CARD_FIELDS",
    "ORDER_FIELDS",
    "read_coupons",
    "read_customers",
    "read_gift_cards",
    "read_orders",
]
