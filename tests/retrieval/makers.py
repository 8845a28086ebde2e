"""What the fixtures that make products and shops look like to a type checker."""

from collections.abc import Callable

from retrieval.schema import Product
from retrieval.search import Catalogue

MakeProduct = Callable[..., Product]
MakeShop = Callable[..., Catalogue]
