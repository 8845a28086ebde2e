"""What code says to the customer itself: results as plain sentences, in the customer's language."""
