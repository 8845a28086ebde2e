"""One policy's file as Markdown: a '#' title, '##' sections, each short enough to be quoted."""

import io
import re
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from assistant.shop.policy_sections import arrange, guess_headings

ENDINGS = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf")
_NO_CONTENT = ("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "button", "svg")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (*_HEADINGS, "p", "li", "tr", "dt", "dd", "blockquote", "pre", "div", "section", "td", "th")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class UnreadablePolicy(Exception):
    """A policy's file cannot be used; says why, to the operator."""


def read_policy(path: Path) -> tuple[str, str | None]:
    """Return a policy as Markdown, and its language where the file itself declares one.

    Raises `UnreadablePolicy`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadablePolicy(f"it cannot be read ({error}).") from error
    title = path.stem.replace("-", " ").replace("_", " ").strip().capitalize()
    ending = path.suffix.lower()
    if ending in (".html", ".htm"):
        text, language = _from_html(content)
    elif ending == ".pdf":
        text, language = guess_headings(_from_pdf(content)), None
    else:
        text, language = _decoded(content), None
        if ending == ".txt":
            text = guess_headings(text)
    if not text.strip():
        raise UnreadablePolicy("it holds no text.")
    return arrange(text, title), language


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadablePolicy(f"it is not UTF-8 text ({error.reason} at byte {error.start}).") from error
    return _FRONT_MATTER.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _from_pdf(content: bytes) -> str:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadablePolicy("it is locked with a password.")
        text = "\n".join(page.extract_text() for page in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        # The parser meets a broken file with whatever its innards raise.
        raise UnreadablePolicy(f"it is no PDF that can be read ({error}).") from error
    if not text.strip():
        raise UnreadablePolicy("it holds pictures of text only, as a scan does. Give the text itself.")
    return text


def _from_html(content: bytes) -> tuple[str, str | None]:
    page = BeautifulSoup(content, "html.parser")
    for tag in page(_NO_CONTENT):
        tag.decompose()
    for line_break in page("br"):
        line_break.replace_with("\n")
    body = page.find("main") or page.find("article") or page.body or page
    blocks = [block for block in _blocks(body) if block]
    heading = body.find("h1") if isinstance(body, Tag) else None
    if heading is None and page.title and page.title.get_text(strip=True):
        blocks.insert(0, f"# {_words(page.title)}")
    declared = str(page.html.get("lang", "")) if page.html else ""
    language = declared.split("-")[0].lower()
    return "\n\n".join(blocks), language if re.fullmatch("[a-z]{2}", language) else None


def _blocks(tag: Tag) -> list[str]:
    """Return the text of a tag as blocks of Markdown, in order."""
    if tag.name in _HEADINGS:
        return [f"{'#' * int(tag.name[1])} {_words(tag)}" if _words(tag) else ""]
    if tag.name == "tr":
        return [" | ".join(_words(cell) for cell in tag.find_all(("td", "th")))]
    if tag.find(_BLOCKS) is None:
        text = _words(tag)
        return [f"- {text}" if tag.name == "li" and text else text]
    found: list[str] = []
    loose: list[str] = []
    for child in tag.children:
        if isinstance(child, Tag) and (child.name in _BLOCKS or child.find(_BLOCKS) is not None):
            found += [" ".join(loose), *_blocks(child)]
            loose = []
        elif text := _words(child) if isinstance(child, Tag) else " ".join(str(child).split()):
            loose.append(text)
    return [*found, " ".join(loose)]


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())
