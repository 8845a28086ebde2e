"""Scripted conversations: a shop's assistant tested by what it does. The format is described in `files.py`."""

from assistant.testing.files import ConversationFile, load_conversations
from assistant.testing.report import Report
from assistant.testing.suite import run_live, run_scripted, run_tests

__all__ = ["ConversationFile", "Report", "load_conversations", "run_live", "run_scripted", "run_tests"]
