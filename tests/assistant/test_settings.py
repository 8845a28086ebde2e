from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings
from ui.settings_table import settings_table


def test_given_settings_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_STORE", "/from/environment")
    assert load_settings().store == Path("/from/environment")
    assert load_settings(store=Path("/given")).store == Path("/given")
    assert load_settings(store=None).store == Path("/from/environment")


def test_a_misspelt_name_is_refused_and_the_closest_named() -> None:
    with pytest.raises(SettingsError, match=r"SHELFTALK_CHAT_MODLE\. Did you mean SHELFTALK_CHAT_MODEL"):
        load_settings(environ={"SHELFTALK_CHAT_MODLE": "local"})


def test_a_wrong_value_names_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFTALK_MAX_STEPS", "many")
    with pytest.raises(SettingsError, match="SHELFTALK_MAX_STEPS"):
        load_settings()


def test_secrets_are_not_printed() -> None:
    settings = load_settings(environ={}, chat_model_key="very-secret")
    assert "very-secret" not in settings_table(settings) + repr(settings)


def test_every_setting_is_explained_and_in_the_readme() -> None:
    readme = Path("README.md").read_text(encoding="utf-8")
    assert all(field.description for field in Settings.model_fields.values())
    assert settings_table() in readme, "Paste the output of `settings_table()` into the README."
