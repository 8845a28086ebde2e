"""Shoppers who are made up: what they want, how they say it, and what a good assistant does about it."""
