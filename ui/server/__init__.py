"""The shop's assistant over HTTP."""
