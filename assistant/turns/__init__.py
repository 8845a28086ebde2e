"""One turn of a conversation, from the customer's message to its one ending; the loop itself is assistant/agent.py."""
