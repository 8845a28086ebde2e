"""The assistant: a chat loop in which a model calls tools, and whose facts come from tool results alone."""
