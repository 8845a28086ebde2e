"""What code reads in the customer's own words: their language, a yes or a no, several wishes, tastes, an address."""
