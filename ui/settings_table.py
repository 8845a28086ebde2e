"""The settings as a table, for the command and for the README."""

from assistant.settings import PREFIX, Settings


def settings_table(settings: Settings | None = None) -> str:
    """Return the settings as a Markdown table, with their values now where `settings` is given."""
    rows = [("Setting", "Value now" if settings else "Default", "What it is for")]
    rows.append(("---", "---", "---"))
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name) if settings else _default(name)
        rows.append((f"`{PREFIX}{name.upper()}`", "" if value is None else f"{value}", field.description or ""))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _default(name: str) -> object:
    field = Settings.model_fields[name]
    # A default that depends on the machine is described, not printed.
    return "in the user's data folder" if field.default_factory else field.default
