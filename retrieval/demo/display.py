"""The demo shop's names in the shopper's language: of options, their values, departments and categories."""

from functools import cache

from retrieval.demo.loading import load_departments
from retrieval.demo.palette import load_palette


def display_option(name: str, value: str, language: str) -> str:
    """Return an option's value as it is shown: ("colour", "moss") is "moss green", "苔藓绿".

    A value that the shop doesn't know is shown as it is.
    """
    if name == "colour":
        colour = load_palette().colours.get(value)
        return colour.name(language) if colour else value
    return _chinese_values().get((name, value), value) if language == "zh" else value


def display_option_name(name: str, language: str) -> str:
    """Return an option's name as it is shown: "size" is "Size", "尺码"; unknown ones as they are."""
    if language == "zh":
        return _chinese_option_names().get(name, name)
    return name[:1].upper() + name[1:]


def display_place(name: str, language: str) -> str:
    """Return a department's or a category's English name in the language; an unknown one as it is."""
    return _chinese_places().get(name, name) if language == "zh" else name


@cache
def _chinese_values() -> dict[tuple[str, str], str]:
    """Return the Chinese of every option value, by the option's name: a plain shirt isn't a plain page."""
    return {
        (kind.option.name, item.value): department.value(item.value, "zh")
        for department in load_departments()
        for kind in department.types
        if kind.option
        for values in (kind.option.values, *(product.option_values for product in kind.products))
        for item in values
    }


@cache
def _chinese_option_names() -> dict[str, str]:
    options = [kind.option for department in load_departments() for kind in department.types if kind.option]
    return {"colour": "颜色"} | {option.name: option.zh for option in options}


@cache
def _chinese_places() -> dict[str, str]:
    departments = load_departments()
    categories = {kind.name.en: kind.name.zh for department in departments for kind in department.types}
    return categories | {department.name.en: department.name.zh for department in departments}
