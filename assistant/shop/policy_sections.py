"""The headings of a policy, brought to the form that the search cuts at."""

import re
from collections.abc import Iterator

_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[IVX]+\.|第[一二三四五六七八九十\d]+[章条节])[ \t]*\S")
_SENTENCE_END = tuple(".!?;:,。！？；：，…")
_LONGEST_HEADING = 60
# A passage is quoted to a shopper and read by the model, so a long section is cut between paragraphs.
_LONGEST_SECTION = 1500


def arrange(text: str, title: str) -> str:
    """Return the policy with one '#' title and its uppermost sections at '##'; the title is `title` where it has none.

    A section of more than 1,500 characters is cut between its paragraphs, the heading repeated.
    """
    lines = list(_lines(text))
    levels = [level for level, _ in lines if level]
    first = next((level for level, line in lines if line.strip()), 0)
    if first and first == min(levels) and levels.count(first) == 1:
        place = next(place for place, (level, _) in enumerate(lines) if level)
        title = lines.pop(place)[1]
        levels.remove(first)
    shift = 2 - min(levels, default=2)
    marked = (f"\n{'#' * max(2, level + shift)} {line}\n" if level else line for level, line in lines)
    head, *sections = re.split(r"^## ", re.sub(r"\n{3,}", "\n\n", "\n".join(marked)), flags=re.MULTILINE)
    parts = [f"# {title}", *_cut(head.strip())]
    if len(parts) > 2:
        parts = [parts[0], parts[1], *(f"## {title} ({number})\n\n{part}" for number, part in enumerate(parts[2:], 2))]
    for section in sections:
        heading, _, body = section.partition("\n")
        for number, part in enumerate(_cut(body.strip()), start=1):
            parts.append(f"## {heading.strip()}{f' ({number})' if number > 1 else ''}\n\n{part}")
    return "\n\n".join(parts) + "\n"


def guess_headings(text: str) -> str:
    """Return plain text, as it comes out of a PDF, with the lines that look like headings marked as such."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    filled = [line for line in lines if line]
    marked: list[str] = []
    for place, line in enumerate(lines):
        following = next((later for later in lines[place + 1 :] if later), "")
        if filled and line is filled[0] and _short(line):
            marked += [f"# {line}", ""]
        elif _is_heading(line, marked[-1] if marked else "", following):
            marked += ["", f"## {line}", ""]
        else:
            marked.append(line)
    return "\n".join(marked)


def _is_heading(line: str, previous: str, following: str) -> bool:
    if not _short(line) or line.startswith(("-", "•", "*", "·")) or not following:
        return False
    starts = not line[0].islower() and any(character.isalpha() for character in line)
    # A short line at the end of a paragraph is followed by an empty one or begins in the middle of a sentence.
    fresh = not previous or previous.endswith((".", "!", "?", "。", "！", "？"))
    longer = len(following) > len(line) or bool(_NUMBERED.match(line))
    return starts and fresh and longer


def _short(line: str) -> bool:
    return 0 < len(line) <= _LONGEST_HEADING and len(line.split()) <= 9 and not line.endswith(_SENTENCE_END)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (level, heading) for headings of either style and (0, line) for everything else."""
    fenced = False
    held: str | None = None
    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        under = None if fenced else _SETEXT.match(line)
        if under and held and held.strip() and not _ATX.match(held):
            yield (1 if under[1].startswith("=") else 2), held.strip()
            held = None
            continue
        if held is not None:
            yield _one(held)
        held = None
        if fenced or _FENCE.match(line):
            yield 0, line
        else:
            held = line
    if held is not None:
        yield _one(held)


def _one(line: str) -> tuple[int, str]:
    heading = _ATX.match(line)
    return (len(heading[1]), heading[2].strip()) if heading else (0, line)


def _cut(body: str) -> list[str]:
    if len(body) <= _LONGEST_SECTION:
        return [body] if body else []
    parts: list[str] = []
    for paragraph in re.split(r"\n{2,}", body):
        if parts and len(parts[-1]) + len(paragraph) <= _LONGEST_SECTION:
            parts[-1] += f"\n\n{paragraph}"
        else:
            parts.append(paragraph)
    return parts
