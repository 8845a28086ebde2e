"""Yes or no, decided by code and never by the model: only a whole message from a short list counts."""

import tomllib
import unicodedata
from functools import cache
from importlib import resources


def consent(text: str) -> bool | None:
    """Return True for a yes, False for a no, None for anything else; in any of the languages of consent.toml."""
    return _answers().get(_plain(text))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    # A comma inside is kept as a space, so that "yes, please" and "yes please" are one form.
    return " ".join(folded.replace(",", " ").split()).strip(" .!。～~?")


@cache
def _answers() -> dict[str, bool]:
    table = tomllib.loads(resources.files("assistant.listening").joinpath("consent.toml").read_text(encoding="utf-8"))
    return {
        _plain(form): answer == "yes"
        for forms_by_answer in table.values()
        for answer, forms in forms_by_answer.items()
        for form in forms
    }
