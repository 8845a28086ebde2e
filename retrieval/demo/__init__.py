"""The demo shop: Larkhill, a general store whose products are written and drawn by this project."""
