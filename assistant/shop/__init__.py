"""The shop's side of a conversation: customers, orders, tickets, conversations and policies."""
