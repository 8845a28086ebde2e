"""Untrusted words made harmless: catalogue, policies, model and shopper may write anything."""

import re

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
# What makes links, pictures, code, tables, headings or tags. Bold and lists stay: a model may well use them.
_ACTIVE = re.compile(r"[\\`\[\]<>&|#_~$!=@{}\"']|:(?=//)|(?<=www)\.")


def literal(text: str) -> str:
    """Return `text` so that HTML, Markdown and the screen's templates all show it letter by letter.

    Every ASCII punctuation mark becomes a character reference: right in an element, in a quoted attribute and in
    Markdown.
    """
    return _PUNCTUATION.sub(_reference, text)


def literal_lines(text: str) -> str:
    """Return `text` as `literal` does, its line ends as <br>: a blank line would end an HTML block in Markdown."""
    return "<br>".join(literal(line.strip()) for line in text.strip().splitlines())


def prose(text: str) -> str:
    """Return a model's words as Markdown that can hold paragraphs, lists and bold, and nothing else."""
    return "\n".join(_ACTIVE.sub(_reference, line.strip()) for line in text.strip().splitlines())


def button(
    label: str,
    look: str,
    kind: str = "button",
    name: str = "",
    says: str = "",
    disabled: bool = False,
    pressed: bool | None = None,
    **data: object,
) -> str:
    """Return a button whose `data` is what a tap sends.

    One that stays `pressed` or isn't says so. Who can't see it hears `says`, else the label, and of which thing it is
    (`name`). Label and `says` are texts of our own, or literal; everything else may be anybody's.
    """
    attributes = "".join(f' data-{key}="{literal(str(value))}"' for key, value in data.items())
    if name:
        attributes += f' aria-label="{says or label}: {literal(name)}"'
    if pressed is not None:
        attributes += f' aria-pressed="{str(pressed).lower()}"'
    return f'<button type="{kind}" class="{look}"{attributes}{" disabled" if disabled else ""}>{label}</button>'


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
