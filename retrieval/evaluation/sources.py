"""The fingerprint of the code that an index comes from, so that a kept one is never measured in place of today's."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PACKAGE = "retrieval"
_ROOT = Path(__file__).parents[1]
# Where reading a feed and building an index begin. Importers are loaded by name, so no import statement leads to them.
_ENTRANCES = ("indexing.py", "importers/*.py")


@cache
def building_code() -> str:
    """Return a digest of every module that reading a feed and indexing it imports, and of the data beside each."""
    found = {path for entrance in _ENTRANCES for path in _ROOT.glob(entrance)}
    waiting = list(found)
    while waiting:
        for path in _imported(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting.append(path)
    digest = hashlib.sha256()
    for path in sorted(found):
        for file in (path, path.with_suffix(".toml")):
            if file.is_file():
                digest.update(file.relative_to(_ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, *parts = name.split(".")
            if package == _PACKAGE and parts:
                module = _ROOT.joinpath(*parts)
                yield from (file for file in (module.with_suffix(".py"), module / "__init__.py") if file.is_file())
