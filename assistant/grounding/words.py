"""The word tables of grounding, read once from the TOML files beside this module and compiled."""

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh", "de", "fr", "es")
_LATIN = re.compile(r"[a-z0-9À-ɏ]")
_NEVER = re.compile(r"(?!)")
_BEFORE = r"(?<![a-z0-9À-ɏ])"
_AFTER = r"(?![a-z0-9À-ɏ])"


@dataclass(frozen=True)
class Unit:
    """A unit of measure: its dimension and how many of the dimension's base it makes."""

    name: str
    dimension: str
    factor: Decimal


@dataclass(frozen=True)
class Words:
    """Compiled tables: `pattern[key]` finds any word of the key in any language, in folded text."""

    pattern: dict[str, re.Pattern[str]]
    sets: dict[str, frozenset[str]]
    topics: dict[str, re.Pattern[str]]
    services: dict[str, re.Pattern[str]]
    statuses: dict[str, frozenset[str]]
    common: dict[str, frozenset[str]]
    ranks: dict[str, re.Pattern[str]]
    rank_of: dict[str, dict[str, tuple[int, tuple[str, ...]]]]
    rank_fields: dict[str, tuple[str, ...]]
    spoken_sizes: dict[str, re.Pattern[str]]
    units: dict[str, Unit]
    currencies: dict[str, str]
    concept_of: dict[str, tuple[str, ...]]
    concept_forms: dict[str, tuple[str, ...]]
    concepts: re.Pattern[str]
    group_of: dict[str, str]
    implied: dict[str, tuple[str, ...]]
    deciding: dict[str, frozenset[str]]
    evident: dict[str, tuple[frozenset[str], frozenset[str]]]
    yes: frozenset[str]
    no: frozenset[str]

    def has(self, key: str, text: str) -> bool:
        """Tell whether the folded text holds a word of the key."""
        return self.pattern[key].search(text) is not None


@cache
def load_words() -> Words:
    """Read and compile the tables."""
    words, attributes, units = _read("words.toml"), _read("attributes.toml"), _read("units.toml")
    keys = sorted({key for language in LANGUAGES for key in words[language]})
    forms = {key: [form for language in LANGUAGES for form in words[language].get(key, [])] for key in keys}
    groups = {group: attributes[group] for group in ("feature", "safety", "material", "colour")}
    concept_forms = {concept: tuple(listed) for table in groups.values() for concept, listed in table.items()}
    currencies = {form.lower(): code for code, listed in units.pop("currencies").items() for form in listed}
    return Words(
        pattern={key: compile_forms(listed) for key, listed in forms.items()},
        sets={key: frozenset(form.lower() for form in listed) for key, listed in forms.items()},
        topics={topic: compile_forms(listed) for topic, listed in words["topics"].items()},
        services={concept: compile_forms(listed) for concept, listed in words["services"].items()},
        statuses={word: frozenset(listed) for word, listed in words["statuses"].items()},
        common={language: frozenset(listed) for language, listed in words["common"].items()},
        ranks={
            kind: compile_forms([form for listed in words[f"rank_{kind}"].values() for form in listed])
            for kind in ("superlative", "comparative")
        },
        rank_of={kind: _rank_words(words[f"rank_{kind}"]) for kind in ("superlative", "comparative")},
        rank_fields={field: tuple(listed) for field, listed in words["rank_fields"].items()},
        spoken_sizes={size: compile_forms(listed) for size, listed in words["spoken_sizes"].items()},
        units=_units(units),
        currencies=currencies,
        concept_of=_invert(concept_forms),
        concept_forms=concept_forms,
        concepts=compile_forms([form for listed in concept_forms.values() for form in listed]),
        group_of={concept: group for group, table in groups.items() for concept in table},
        implied={concept: tuple(listed) for concept, listed in attributes["implied"].items()},
        deciding={group: frozenset(names) for group, names in attributes["deciding"].items()},
        evident={
            concept: (frozenset(entry["names"]), frozenset(entry["values"]))
            for concept, entry in attributes["evident"].items()
        },
        yes=frozenset(attributes["affirmation"]["yes"]),
        no=frozenset(attributes["affirmation"]["no"]),
    )


def compile_forms(forms: list[str]) -> re.Pattern[str]:
    """Compile words into one pattern for folded text; where several fit at a place the longest is found."""
    lowered = {form.lower() for form in forms}
    plain = {form for form in lowered if "~" not in form and "*" not in form}
    latin = {form for form in plain if _LATIN.match(form[0]) and _LATIN.match(form[-1])}
    # A tree of shared beginnings: a list of a thousand alternatives would be tried one by one at every letter.
    parts = [
        _form(form)
        for form in sorted(lowered - latin, key=len, reverse=True)
        if _LATIN.match(form) or form in lowered - plain
    ]
    rest = plain - latin - {form for form in plain if _LATIN.match(form)}
    parts += [f"{_BEFORE}{_tree(latin)}{_AFTER}"] if latin else []
    parts += [_tree(rest)] if rest else []
    return re.compile("|".join(parts)) if parts else _NEVER


def key_of_form(text: str) -> str:
    """Return the form by which a matched word is looked up: hyphens and double spaces are one space."""
    return re.sub(r"[\s\-]+", " ", text)


def _tree(forms: set[str]) -> str:
    """Write words as a pattern in which every shared beginning stands once; it prefers the longest."""
    branches: dict[str, set[str]] = {}
    for form in forms:
        if form:
            branches.setdefault(form[0], set()).add(form[1:])
    written = [
        (r"[\s\-]+" if sign == " " else re.escape(sign)) + _tree(rest) for sign, rest in sorted(branches.items())
    ]
    if not written:
        return ""
    body = written[0] if len(written) == 1 and "" not in forms else f"(?:{'|'.join(written)})"
    return f"{body}?" if "" in forms else body


def _form(form: str) -> str:
    body = re.escape(form).replace(r"\ ", r"[\s\-]+").replace(r"\*", r"[a-z]*")
    body = body.replace(r"[\s\-]+\~[\s\-]+", r"(?:[\s\-]+(?:[^\s,.;!?。;]|[.,](?=\d))+){0,5}?[\s\-]+").replace(
        r"\~", r"[^,;!?。]{0,14}?"
    )
    start = _BEFORE if _LATIN.match(form) else ""
    end = _AFTER if _LATIN.match(form[-1]) else ""
    return f"{start}{body}{end}"


def _invert(concept_forms: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for concept, forms in concept_forms.items():
        for form in forms:
            key = key_of_form(form.lower())
            table[key] = (*table.get(key, ()), concept)
    return table


def _rank_words(table: dict[str, list[str]]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Read '+battery' as the most of a battery's field; '+' alone speaks of whatever attribute is named."""
    return {
        form: (1 if key[0] == "+" else -1, tuple(key[1:].split("|")) if key[1:] else ())
        for key, listed in table.items()
        for form in listed
    }


def _units(tables: dict[str, Any]) -> dict[str, Unit]:
    return {
        form.lower(): Unit(name, dimension, Decimal(str(entry["factor"])))
        for dimension, table in tables.items()
        for name, entry in table.items()
        for form in entry["forms"]
    }


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("assistant.grounding").joinpath(name).read_text(encoding="utf-8"))
