"""Which size fits: the shop's size guides (`sizes.toml`), and how a product turned out for others."""

from assistant.shop.sizing.fit import Fit, fit_of
from assistant.shop.sizing.guides import SIZES_FILE, SizeGuide, SizeGuides, WatchedSizes, default_sizes, parse_sizes
from assistant.shop.sizing.sizes import sizes_of

__all__ = [
    "SIZES_FILE",
    "Fit",
    "SizeGuide",
    "SizeGuides",
    "WatchedSizes",
    "default_sizes",
    "fit_of",
    "parse_sizes",
    "sizes_of",
]
