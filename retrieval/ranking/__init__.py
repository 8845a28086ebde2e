"""The learned order of a query's candidates, and whether anything among them fits."""
