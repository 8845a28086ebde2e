"""What the widget weighs, and how it is served."""

import gzip
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.chat_models.scripted import ScriptedModel
from assistant.testing.stage import ShopCopy
from ui.widget import widget_routes
from ui.widget.bundle import build_widget

_KB = 1000
_PAGE = "https://shop.example"


@pytest.fixture(scope="module")
def client(demo_shop: ShopCopy) -> Iterator[TestClient]:
    with demo_shop.stage(ScriptedModel([])) as stage:
        yield TestClient(Starlette(routes=widget_routes(stage.app)))


def test_the_loader_and_the_whole_keep_their_budgets() -> None:
    widget = build_widget()
    loader = len(widget.loader.gzipped)
    panels = {language: len(panel.gzipped) for language, panel in widget.panels.items()}
    assert loader < 2 * _KB
    assert loader + max(panels.values()) < 15 * _KB
    # The other end: an empty file keeps every budget.
    assert min(panels.values()) > 8 * _KB


def test_the_same_sources_give_the_same_bytes() -> None:
    again = build_widget.__wrapped__()
    assert again == build_widget()


def test_no_second_runtime_comes_into_the_service() -> None:
    build_widget.__wrapped__()
    assert "minify" not in sys.modules


def test_every_language_says_everything() -> None:
    tables = tomllib.loads(files("ui.widget").joinpath("texts.toml").read_text(encoding="utf-8"))
    assert {language: set(table) for language, table in tables.items()} == {name: set(tables["en"]) for name in tables}
    for name, text in tables["en"].items():
        places = set(re.findall(r"\{\w+\}", str(text)))
        for language, table in tables.items():
            assert set(re.findall(r"\{\w+\}", str(table[name]))) == places, (language, name)


def test_texts_that_the_panel_asks_for_are_there() -> None:
    texts = tomllib.loads(files("ui.widget").joinpath("texts.toml").read_text(encoding="utf-8"))["en"]
    scripts = [entry.read_text() for entry in files("ui.widget").joinpath("js").iterdir() if entry.name.endswith(".js")]
    asked = {name for script in scripts for name in re.findall(r"\btexts\.(\w+)", script)}
    assert len(asked) > 30
    assert asked <= set(texts)


def test_a_module_cannot_come_before_what_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.widget.bundle._PANEL", ("panel", "colour"))
    with pytest.raises(ValueError, match="must come before it"):
        build_widget.__wrapped__()


def test_the_loader_is_checked_again_and_its_panel_kept_for_ever(client: TestClient) -> None:
    loader = client.get("/widget.js", headers={"Origin": _PAGE, "Accept-Encoding": "gzip"})
    assert loader.headers["content-encoding"] == "gzip"
    assert loader.headers["content-type"].startswith("text/javascript")
    assert "immutable" not in loader.headers["cache-control"]
    again = client.get("/widget.js", headers={"If-None-Match": loader.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    panels = set(re.findall(r"widget/panel\.\w+\.\w+\.js", loader.text))
    assert len(panels) == 2
    for path in panels:
        panel = client.get(f"/{path}", headers={"Origin": _PAGE, "Accept-Encoding": "identity"})
        assert "content-encoding" not in panel.headers
        assert "immutable" in panel.headers["cache-control"]
        assert panel.headers["access-control-allow-origin"] == "*"
        assert len(gzip.compress(panel.content, 9)) < 15 * _KB


def test_an_old_panel_is_gone_not_another_one(client: TestClient) -> None:
    assert client.get("/widget/panel.en.0123456789ab.js").status_code == 404
