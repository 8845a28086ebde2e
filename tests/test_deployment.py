"""The Dockerfile and compose.yaml as far as they can be held true without Docker."""

import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
NAMES = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in text.splitlines() if line.strip()]


def test_all_that_is_copied_is_there_and_all_that_is_needed_is_copied() -> None:
    copied = {source for name, rest in instructions() if name == "COPY" for source in shlex.split(rest)[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages <= copied
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not copied & set(ignored)


def test_every_setting_that_is_named_is_one() -> None:
    text = (ROOT / "Dockerfile").read_text() + (ROOT / "compose.yaml").read_text()
    named = set(re.findall(r"SHELFTALK_[A-Z_]+", text))
    assert named
    assert named <= NAMES


def test_the_settings_of_the_image_are_good() -> None:
    (told,) = [rest for name, rest in instructions() if name == "ENV"]
    given = dict(pair.split("=", 1) for pair in shlex.split(told))
    settings = Settings(**{name.removeprefix(PREFIX).lower(): value for name, value in given.items()})  # type: ignore[arg-type]
    (exposed,) = [rest for name, rest in instructions() if name == "EXPOSE"]
    assert (settings.host, settings.port) == ("0.0.0.0", int(exposed))
    (volume,) = [rest for name, rest in instructions() if name == "VOLUME"]
    assert settings.store.is_relative_to(volume)
    assert settings.models.is_relative_to(volume)
    assert COMPOSE["services"]["service"]["ports"] == [f"{exposed}:{exposed}"]


def test_torch_is_the_one_that_the_project_pins() -> None:
    pinned = re.search(r'"(torch==[\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert pinned
    assert any(name == "RUN" and pinned[1] in rest for name, rest in instructions())


@pytest.mark.parametrize("service", [name for name, each in COMPOSE["services"].items() if "build" in each])
def test_what_is_started_is_a_command_of_ours(service: str) -> None:
    import ui.cli

    commands = {
        command.name or command.callback.__name__ for command in ui.cli.app.registered_commands if command.callback
    }
    (given,) = [yaml.safe_load(rest) for name, rest in instructions() if name == "CMD"]
    program, command = COMPOSE["services"][service].get("command", given)
    assert program in {script.name for script in entry_points(group="console_scripts")}
    assert command in commands


def test_the_index_server_is_the_version_that_the_service_speaks_to() -> None:
    services = COMPOSE["services"]
    host = str(services["service"]["environment"]["SHELFTALK_CHROMA_URL"]).removeprefix("http://").split(":")[0]
    image, tag = services[host]["image"].split(":")
    assert image == "chromadb/chroma"
    assert f'"chromadb~={tag}"' in (ROOT / "pyproject.toml").read_text()
    assert host in services["setup"]["depends_on"] and host in services["service"]["depends_on"]
    assert "ports" not in services[host]


def test_the_services_fit_together() -> None:
    services = COMPOSE["services"]
    for each in services.values():
        assert set(each.get("depends_on", {})) <= set(services)
        for volume in each.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]
    url = services["service"]["environment"]["SHELFTALK_RECORDS_URL"]
    records = services["records"]["environment"]
    user, database = records["POSTGRES_USER"], records["POSTGRES_DB"]
    assert re.fullmatch(rf"postgresql\+psycopg://{user}:\$\{{POSTGRES_PASSWORD[^}}]*\}}@records/{database}", url)
    grace = float(services["service"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.model_fields["shutdown_seconds"].default
    assert not any("password" in str(value).lower() and "${" not in str(value) for value in records.values())
