"""HTML, as shops write their descriptions in it, to plain text."""

import html
import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import PageElement, PreformattedString, Tag

_BLOCKS = {
    *("address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figure", "footer"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
    *("table", "tbody", "tfoot", "thead", "tr", "ul"),
}
_INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "center", "cite", "code", "del", "dfn", "em"),
    *("figcaption", "font", "form", "i", "img", "input", "ins", "kbd", "label", "mark", "q", "s", "small", "span"),
    *("strike", "strong", "sub", "summary", "sup", "td", "th", "time", "tt", "u", "video", "body", "details"),
}
_UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "svg", "head", "title", "textarea", "select"}
_CELLS = {"td", "th"}

# Only these tags make a text HTML: "sizes <M> and <L>, 3 < 4" is plain text.
_TAG = re.compile(rf"</?({'|'.join(sorted(_BLOCKS | _INLINE | _UNSEEN | {'html'}))})(\s[^>]*|/)?>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNBROKEN_SPACE = str.maketrans({"\xa0": " ", "\u200b": None})
# No text holds this character, so it can stand for the end of a line.
_BREAK = "\x00"
# Some shop systems escape twice.
_MOST_PASSES = 3


def html_to_text(text: str) -> str:
    """Return what a reader of the HTML sees, a line for each block; text without markup comes back unchanged.

    Scripts and styles are dropped; <br>, paragraphs, list items and table rows become line breaks.
    """
    for _ in range(_MOST_PASSES):
        if _TAG.search(text):
            text = _visible(text)
        elif _ENTITY.search(text):
            text = _ENTITY.sub(_character, text)
        else:
            break
    return text


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0]).translate(_UNBROKEN_SPACE)


def _visible(markup: str) -> str:
    soup = BeautifulSoup(markup.replace(_BREAK, ""), "html.parser")
    for unseen in soup.find_all(list(_UNSEEN)):
        unseen.extract()
    lines = "".join(_pieces(soup)).translate(_UNBROKEN_SPACE).split(_BREAK)
    return "\n".join(" ".join(words) for line in lines if (words := line.split()))


def _pieces(soup: BeautifulSoup) -> Iterator[str]:
    """Yield texts and breaks in reading order, without recursion: markup may be nested to any depth."""
    waiting: list[PageElement | str] = [soup]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Tag):
            edge = _BREAK if found.name in _BLOCKS else " " if found.name in _CELLS else ""
            yield edge
            waiting += [edge, *reversed(found.contents)]
        elif not isinstance(found, PreformattedString):  # A comment, a doctype and the like.
            yield str(found)
