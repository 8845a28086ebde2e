"""Chinese words, what they are in English, and what of a shop's own texts says so."""
