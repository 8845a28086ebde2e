"""What a shopper's words ask for, read with the shop's own vocabulary. The door is `retrieval.query`."""
