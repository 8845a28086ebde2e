"""The demo shop's colours: what they are called, and the tints that draw them."""

from functools import cache
from importlib import resources

import yaml

from retrieval.schema import Value


class Colour(Value):
    """A colour's names, and the four tints (`#rrggbb`) that a drawing is filled with."""

    en: str
    zh: str
    main: str
    dark: str
    light: str
    accent: str

    def name(self, language: str) -> str:
        """Return the name in Chinese for "zh", else in English."""
        return self.zh if language == "zh" else self.en


class Backdrop(Value):
    """A department's wall and the shape before it (`#rrggbb`)."""

    wall: str
    shape: str


class Palette(Value):
    """Every colour and every backdrop by its id, the colours of uncoloured things, and the accents to vary with."""

    colours: dict[str, Colour]
    uncoloured: tuple[str, ...]
    accents: tuple[str, ...]
    backdrops: dict[str, Backdrop]


@cache
def load_palette() -> Palette:
    """Read the palette that is shipped with the package."""
    text = (resources.files("retrieval.demo") / "palette.yaml").read_text("utf-8")
    return Palette.model_validate(yaml.safe_load(text))
