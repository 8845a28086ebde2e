"""What is in use: model, adapter, index, rules and records."""

from pathlib import Path

from assistant.app import App, adapter_folder
from assistant.chat_models.adapters import load_adapter
from assistant.errors import AssistantError
from assistant.prompting import prompt_hash
from assistant.shop.rules import POLICY_FILE
from retrieval.errors import RetrievalError
from retrieval.merchandising import MERCHANDISING_FILE, check_merchandising
from ui.gradio_markup import literal
from ui.texts import text


def house_html(app: App, language: str) -> str:
    """Return what the shop runs on, as it is now."""
    rows = {
        "in_model": _model(app),
        "in_adapter": _adapter(app, language),
        "in_index": _index(app, language),
        "in_encoder": app.settings.encoder,
        "in_ranker": f"{app.settings.ranker}, {app.settings.reranker}",
        "in_policies": _policies(app, language),
        "in_rules": POLICY_FILE if (app.settings.store / POLICY_FILE).is_file() else text("defaults", language),
        "in_merchandising": _merchandising(app, language),
        "in_records": _records(app),
        "in_prompt": prompt_hash(examples=not app.chat_model.tuned)[:12],
    }
    shown = "".join(
        f"<div><dt>{text(name, language)}</dt><dd>{literal(value)}</dd></div>" for name, value in rows.items()
    )
    return f'<section class="sc-house"><h2>{text("tab_house", language)}</h2><dl>{shown}</dl></section>'


def _model(app: App) -> str:
    settings = app.settings
    return " · ".join(filter(None, (app.chat_model.name, settings.chat_model_name, settings.chat_model_url)))


def _adapter(app: App, language: str) -> str:
    folder = adapter_folder(app.settings)
    if folder is None or not app.chat_model.tuned:
        return text("none", language)
    try:
        return f"{load_adapter(folder).fingerprint[:12]} · {_short(folder)}"
    except AssistantError as error:
        return str(error)


def _index(app: App, language: str) -> str:
    try:
        return text(
            "index_is", language, generation=app.catalogue.generation() or "–", count=f"{app.catalogue.count():,}"
        )
    except RetrievalError as error:
        return str(error)


def _policies(app: App, language: str) -> str:
    return ", ".join(f"{len(found)} {name}" for name, found in app.policies.passages.items()) or text("none", language)


def _merchandising(app: App, language: str) -> str:
    if not (app.settings.store / MERCHANDISING_FILE).is_file():
        return text("none", language)
    return " ".join(check_merchandising(app.settings.store, app.catalogue)) or text("in_force", language)


def _records(app: App) -> str:
    url = app.settings.records_url
    return url.get_secret_value().split("@")[-1] if url else _short(app.settings.store / "shop.sqlite")


def _short(path: Path) -> str:
    return str(path).replace(str(Path.home()), "~")
