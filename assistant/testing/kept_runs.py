"""Runs with a model that are finished are kept: by the model, the settings, the code and the case that was played."""

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

from assistant.app import adapter_folder
from assistant.chat_models.adapters import load_adapter
from assistant.schema import Value
from assistant.settings import Settings

RunType = TypeVar("RunType", bound=Value)


def runs_folder(kind: str, settings: Settings, cases: str, cache_folder: Path | None = None) -> Path:
    """Return where runs are kept; `cases` is a hash of what is played, such as a shop or a file."""
    adapter = adapter_folder(settings)
    model = [settings.chat_model, settings.chat_model_name, load_adapter(adapter).fingerprint if adapter else None]
    limits = [settings.max_tokens, settings.max_steps, settings.max_results, settings.temperature]
    content = json.dumps([model, limits, _code(), cases])
    root = cache_folder or user_cache_path("shelftalk") / "evaluation"
    return root / kind / hashlib.sha256(content.encode()).hexdigest()[:16]


def kept_run(file: Path, kind: type[RunType]) -> RunType | None:
    """Return a run that was kept, None where there is none."""
    return kind.model_validate_json(file.read_text(encoding="utf-8")) if file.is_file() else None


def keep_run(file: Path, run: RunType) -> RunType:
    """Keep a run, and return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".part")
    fresh.write_text(run.model_dump_json(), encoding="utf-8")
    fresh.replace(file)
    return run


@cache
def _code() -> str:
    """Return a hash of the assistant's own files, prompt and words included."""
    root = Path(str(resources.files("assistant")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".toml", ".md", ".yaml") and path.is_file():
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()
