"""The parts of recommendations from history; `retrieval/recommend.py` puts them together."""
