"""What a turn did, kept for the people who run the shop: written after each turn, printed by `shelftalk trace`."""

from assistant.tracing.journal import Journal
from assistant.tracing.recording import Recorder

__all__ = ["Journal", "Recorder"]
