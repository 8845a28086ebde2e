"""Adds a rule to `merchandising.toml` without touching a letter of what the shop wrote there."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from retrieval.errors import CatalogueError
from retrieval.merchandising.file import MERCHANDISING_FILE, parse_rules
from retrieval.merchandising.rules import Rules


def add_synonyms(store: Path, words: Sequence[str]) -> Rules:
    """Let each of the words find what the others find, from the next search on; return the rules as they are then.

    Raises CatalogueError, and changes nothing, for fewer than two words, for words known to mean the same already, and
    where the file that is there cannot be read.
    """
    wanted = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
    path = store / MERCHANDISING_FILE
    with FileLock(store / f".{MERCHANDISING_FILE}.lock"):
        before = path.read_bytes() if path.is_file() else b""
        for rule in parse_rules(before).synonyms:
            if {word.casefold() for word in wanted} <= {word.casefold() for word in rule.words}:
                raise CatalogueError(f"{', '.join(wanted)} mean the same already.")
        # A JSON string is one of TOML's as well.
        block = f"[[synonyms]]\nwords = [{', '.join(json.dumps(word, ensure_ascii=False) for word in wanted)}]\n"
        gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
        after = before + gap + block.encode()
        rules = parse_rules(after)
        _replace(path, after)
    return rules


def _replace(path: Path, content: bytes) -> None:
    """Write the file in one step: a search that reads it meanwhile finds the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.is_file() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
