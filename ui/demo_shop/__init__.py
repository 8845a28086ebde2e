"""A shop front made of the store's own catalogue: where the widget is tried out, and tested."""

from ui.demo_shop.routes import demo_shop_routes

__all__ = ["demo_shop_routes"]
