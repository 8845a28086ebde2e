"""What delivery costs and when it comes: `shipping.toml`, read into a table that estimates are made from."""

from assistant.shop.shipping.estimate import Parcel, estimate, find_zone
from assistant.shop.shipping.file import SHIPPING_FILE, WatchedShipping, default_shipping, parse_shipping
from assistant.shop.shipping.schema import ShippingTable, Way, Zone

__all__ = [
    "SHIPPING_FILE",
    "Parcel",
    "ShippingTable",
    "WatchedShipping",
    "Way",
    "Zone",
    "default_shipping",
    "estimate",
    "find_zone",
    "parse_shipping",
]
