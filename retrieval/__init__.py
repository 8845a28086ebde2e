"""Product search: the truth about products, the index that finds them, and one door, `Catalogue`."""
