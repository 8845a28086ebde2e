"""The settings, read once at the door. Environment names begin with SHELFTALK_; an unknown one is an error."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

PREFIX = "SHELFTALK_"


def _data() -> Path:
    return user_data_path("shelftalk", appauthor=False)


class Settings(BaseSettings):
    """What a shop may choose. Every field is also an environment variable: SHELFTALK_ and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    store: Path = Field(
        default_factory=lambda: _data() / "demo", description="The shop's folder: products, index, records, policies."
    )
    records_url: SecretStr | None = Field(
        default=None,
        description="A database for people and orders, such as postgresql+psycopg://me@host/shop; unset: the store's.",
    )
    models: Path = Field(
        default_factory=lambda: _data() / "models", description="Where model files are kept, shared by all stores."
    )
    chat_model: Literal["embedded", "local", "openai_compatible", "scripted"] = Field(
        default="embedded", description="Which chat model answers."
    )
    chat_model_name: str | None = Field(
        default=None,
        description="embedded: a name in weights.toml; local: a Hugging Face id or folder; else the server's.",
    )
    chat_model_url: str | None = Field(default=None, description="openai_compatible: the server's address up to /v1.")
    chat_model_key: SecretStr | None = Field(default=None, description="openai_compatible: the server's key.")
    adapter: str = Field(
        default="shipped",
        description="embedded, local: shipped (or the shop's own in use), none, or a folder with a LoRA adapter.",
    )
    max_steps: int = Field(default=4, ge=1, le=12, description="Model calls in one turn, at most.")
    max_results: int = Field(
        default=1,
        ge=1,
        le=8,
        description="Tool results after which the model has to speak; a small one forgets the first over the second.",
    )
    max_tokens: int = Field(default=120, ge=16, le=2048, description="Tokens in one reply, at most.")
    temperature: float = Field(
        default=0, ge=0, le=2, description="How freely the chat model chooses its words; 0: always the likeliest."
    )
    encoder: str = Field(
        default="all-minilm-l6-v2", description="The encoder of products and queries; must be the index's."
    )
    chroma_url: str | None = Field(
        default=None,
        description="A Chroma server that keeps the products' vectors, such as http://index:8000; unset: the store.",
    )
    ranker: str = Field(
        default="learned", description="What orders the hits: learned, none, or a folder that a trainer wrote."
    )
    reranker: str = Field(
        default="none", description="A further reranker of the best hits: none, or a folder with a trained one."
    )
    recommender: str = Field(
        default="learned",
        description="What ranks recommendations: learned (the store's own model, else the one that ships), "
        "formula, or a folder.",
    )
    explore: float = Field(
        default=0.1, ge=0, le=0.5, description="Share of lists in which a product without a history is tried; 0: never."
    )
    personal_search: bool = Field(
        default=True, description="Whether a customer's history moves search hits by a place or two."
    )
    token_key: SecretStr | None = Field(
        default=None,
        description="What the shop's page signs its customers' tokens with: a shared key, or a public one in PEM.",
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(), description='Pages that may call the HTTP service, as JSON: ["https://shop.example"].'
    )
    conversation_days: int = Field(
        default=180, ge=1, description="Days that conversations, closed tickets, thumbs and guests' carts are kept."
    )
    event_days: int = Field(default=730, ge=1, description="Days that views, clicks and the like are kept.")
    trace_days: int = Field(
        default=30, ge=0, description="Days that `shelftalk trace` can tell what was done in a turn."
    )
    webhook_url: str | None = Field(
        default=None, description="The shop's own system, told of every change by a signed webhook; unset: nobody is."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="What webhooks are signed with, both ways: base64, with or without whsec_."
    )
    visitor_key: SecretStr | None = Field(
        default=None,
        description="What visitors' ids are signed with; unset: a key that the shop makes and keeps in its records.",
    )
    rate_limit: str = Field(
        default="20/minute;300/day",
        description="Turns that one visitor may take over HTTP.",
    )
    rate_limit_address: str = Field(default="120/minute", description="Turns from one address, by all its visitors.")
    rate_limit_all: str = Field(default="600/minute", description="Turns that all visitors together may take.")
    rate_limit_visitors: str = Field(default="30/minute", description="New visitors' ids that one address may get.")
    daily_cap: int | None = Field(default=None, ge=1, description="Turns of all visitors in a day; unset: no cap.")
    rate_storage: str = Field(
        default="auto",
        description="Where turns are counted: memory (each process its own), records (all as one), redis://host; "
        "auto: memory for a store of its own, records for a database by SHELFTALK_RECORDS_URL.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="What the service logs: a JSON document a line, or text; auto: text on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="From which level on.")
    log_messages: bool = Field(
        default=False, description="Log what customers say, personal data masked; else nothing of it is logged."
    )
    spans_url: str | None = Field(
        default=None, description="Where OpenTelemetry spans go, a collector's OTLP address: http://collector:4317."
    )
    shutdown_seconds: float = Field(
        default=25, ge=0, description="How long turns under way may go on when the service is told to end."
    )
    places: int = Field(default=8, ge=1, le=256, description="Turns that run side by side in this process.")
    places_each: int = Field(default=2, ge=1, le=256, description="Places that one visitor may have at once.")
    brief_from: int | None = Field(
        default=None,
        ge=0,
        description="Turns at once from which on the words after a lookup are a plain sentence, so that cards come "
        "sooner; 0: never; unset: 3 for a model on this machine, never for a server's.",
    )
    longest_wait: float = Field(default=20, ge=0, le=300, description="Seconds that a turn waits for a place, at most.")
    console_password: SecretStr | None = Field(
        default=None,
        min_length=12,
        description="What opens the shop's own view at /console; unset: it opens on this machine alone.",
    )
    shop_name: str = Field(default="Larkhill", description="The shop's name, at the head of the app.")
    host: str = Field(default="127.0.0.1", description="The address that the app listens on.")
    port: int = Field(default=7860, ge=0, le=65535, description="The port that the app listens on; 0 takes a free one.")


def load_settings(environ: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """Read the settings; `given` ones, where not None, go before the environment.

    Raises SettingsError that names the setting, and for a misspelt one the closest there is: pydantic-settings itself
    passes over an unknown environment variable in silence.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            closest = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f" Did you mean {closest[0]}?" if closest else ""
            raise SettingsError(f"There is no setting {name}.{hint} See: shelftalk settings")
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(f"{PREFIX}{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"{problems}. See: shelftalk settings") from None
