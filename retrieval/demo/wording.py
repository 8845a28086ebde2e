"""How the demo shop puts attributes into words."""

from functools import cache
from importlib import resources

import yaml

from retrieval.schema import Value


class Phrase(Value):
    """A phrase in both languages, with `{value}` and the like to be filled in."""

    en: str
    zh: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Default(Value):
    """The phrases for an attribute that has none of its own."""

    word: Phrase
    measure: Phrase
    none: Phrase


class Fact(Value):
    """One attribute of a product: the names it is found by, and the words it is shown in."""

    type_id: str
    name: str
    value: str
    shown_name: str
    shown_value: str


class Wording(Value):
    """The phrases that the facts of a description are put together from."""

    leads: dict[str, tuple[str, ...]]
    colours: Phrase
    one_colour: Phrase
    choice: Phrase
    default: Default
    facts: dict[str, Phrase]
    values: dict[str, dict[str, Phrase]]

    def tell(self, fact: Fact, language: str) -> str:
        """Return the phrase of one attribute."""
        phrase = self._find(fact)
        if phrase is None and _says(fact.shown_value, fact.shown_name):
            return fact.shown_value
        name = fact.shown_name.removesuffix("s") if fact.value == "1" else fact.shown_name
        return (phrase or self._default(fact))[language].format(name=name, value=fact.shown_value)

    def _find(self, fact: Fact) -> Phrase | None:
        """Look for the value's own phrase, then the attribute's; what is said of one type goes first."""
        keys = (f"{fact.type_id}.{fact.name}", fact.name)
        of_value = [table[fact.value] for key in keys if (table := self.values.get(key)) and fact.value in table]
        of_name = [self.facts[key] for key in keys if key in self.facts and fact.value != "none"]
        return next(iter(of_value + of_name), None)

    def _default(self, fact: Fact) -> Phrase:
        if fact.value == "none":
            return self.default.none
        return self.default.measure if fact.value[:1].isdecimal() else self.default.word


def _says(value: str, name: str) -> bool:
    """Tell whether the value has the name's noun in it already, as "20 pieces" has "pieces"."""
    return name.split()[-1].removesuffix("s").casefold() in value.casefold()


@cache
def load_wording() -> Wording:
    """Read the wording that is shipped with the package."""
    text = (resources.files("retrieval.demo") / "wording.yaml").read_text("utf-8")
    return Wording.model_validate(yaml.safe_load(text))
