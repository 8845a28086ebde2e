"""The widget's two files, made of the sources in js/ when the service starts: no other tool, and no step to forget."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SOURCES = files("ui.widget")
_LOADER = ("colour", "loader")
_PANEL = (
    "colour",
    "contrast",
    "stream",
    "format",
    "client",
    "reporter",
    "dom",
    "visitor",
    "cards",
    "thread",
    "cart",
    "colleague",
    "talk",
    "panel",
)
"""In an order in which each module comes behind those that it imports."""
_IMPORT = re.compile(r'^import [^;]+ from "\./([a-z]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)
_PUBLIC = "export { mount };"
_MINIFIER = """
import sys
import minify
source = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(minify.string(sys.argv[1], source).encode())
"""


@dataclass(frozen=True)
class BuiltFile:
    """One file as it is served: its bytes, the same gzipped, and a name for exactly these bytes."""

    content: bytes
    gzipped: bytes
    version: str


@dataclass(frozen=True)
class Widget:
    """The loader, which every page carries, and the panel, which is fetched when the widget is first opened."""

    loader: BuiltFile
    panels: dict[str, BuiltFile]
    """By language, each with the texts of that one."""


def panel_path(language: str, panel: BuiltFile) -> str:
    """Return where the loader looks for a panel, beside itself; a changed panel has another path."""
    return f"widget/panel.{language}.{panel.version}.js"


@cache
def build_widget() -> Widget:
    """Put the widget together; the same sources always give the same bytes."""
    code, styles = _joined(_PANEL), _constant("STYLES", _styles("panel.css"))
    tables = tomllib.loads(_read("texts.toml"))
    panels = {
        language: _built(f"{styles}{_constant('TEXTS', texts)}{code}{_PUBLIC}") for language, texts in tables.items()
    }
    paths = {language: panel_path(language, panel) for language, panel in panels.items()}
    head = _constant("LOADER_STYLES", _styles("loader.css")) + _constant("PANELS", paths)
    return Widget(_built(f"(()=>{{{head}{_joined(_LOADER)}}})();"), panels)


def _joined(names: tuple[str, ...]) -> str:
    """Return modules as one: their imports are above them, and what they export stays inside."""
    above: set[str] = set()
    text = ""
    for name in names:
        source = _read(f"js/{name}.js")
        if late := set(_IMPORT.findall(source)) - above:
            raise ValueError(f"{name}.js imports {', '.join(sorted(late))}, which must come before it.")
        text += _EXPORT.sub("", _IMPORT.sub("", source))
        above.add(name)
    return text


def _built(source: str) -> BuiltFile:
    content = _minified("application/javascript", source)
    # Without a time in its header, so that the bytes depend on the sources alone.
    return BuiltFile(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:12])


def _styles(name: str) -> str:
    return _minified("text/css", _read(name)).decode()


def _minified(kind: str, source: str) -> bytes:
    """Return a source made small, by its MIME type."""
    # In a process of its own: the minifier brings Go's runtime, which crashes where OpenVINO's is already loaded.
    command = [sys.executable, "-c", _MINIFIER, kind]
    return subprocess.run(command, input=source.encode(), stdout=subprocess.PIPE, check=True).stdout


def _constant(name: str, value: object) -> str:
    return f"const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"


def _read(name: str) -> str:
    return _SOURCES.joinpath(name).read_text(encoding="utf-8")
