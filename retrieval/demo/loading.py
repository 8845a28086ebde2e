"""Reads the demo shop's written content: one YAML file a department, checked before anything is made of it."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import yaml
from pydantic import ValidationError

from retrieval.demo.content import Department
from retrieval.errors import CatalogueError

# PyYAML's parser in C is about eight times as fast as the one in Python, but not every build has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load_departments() -> tuple[Department, ...]:
    """Read every department shipped with the package, ordered by file name."""
    folder = resources.files("retrieval.demo") / "departments"
    return read_departments(folder)


def read_departments(folder: Traversable) -> tuple[Department, ...]:
    """Read a folder's departments, ordered by file name.

    Raises:
        CatalogueError: Naming file and place, where the content breaks the format or an id or a name comes twice.
    """
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    departments = tuple(_read(file) for file in files)
    kinds = [kind for department in departments for kind in department.types]
    _refuse_repeats("type id", (kind.id for kind in kinds))
    _refuse_repeats("short name", (product.name.en.casefold() for kind in kinds for product in kind.products))
    return departments


def _read(file: Traversable) -> Department:
    try:
        return Department.model_validate(yaml.load(file.read_text("utf-8"), Loader=_LOADER))
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name} is not YAML: {error}") from error
    except ValidationError as error:
        faults = "\n".join(f"  {_place(fault['loc'])}: {fault['msg']}" for fault in error.errors())
        raise CatalogueError(f"{file.name} breaks the format:\n{faults}") from error


def _place(location: tuple[int | str, ...]) -> str:
    """Write a location as one reads it in the file: types[3].products[0].price."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".") or "file"


def _refuse_repeats(what: str, values: Iterable[str]) -> None:
    if repeated := [value for value, count in Counter(values).items() if count > 1]:
        raise CatalogueError(f"The same {what} comes twice in the departments: {', '.join(repeated)}.")
