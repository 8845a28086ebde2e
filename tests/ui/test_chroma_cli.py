"""A shop whose vectors are on a Chroma server, as an operator types it."""

from pathlib import Path

import pytest

from tests.chroma import free_port, running_chroma
from tests.ui.test_cli import run
from tests.ui.test_import_cli import ROWS, write


def test_a_shop_moves_to_a_chroma_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"ENCODER": "hashing", "CHAT_MODEL": "scripted", "MODELS": str(tmp_path / "models")}.items():
        monkeypatch.setenv(f"SHELFTALK_{name}", value)
    monkeypatch.setenv("COLUMNS", "300")
    store, port = tmp_path / "shop", free_port()
    run("import", write(tmp_path, ROWS), "--store", store)
    monkeypatch.setenv("SHELFTALK_CHROMA_URL", f"http://127.0.0.1:{port}")
    assert f"| `SHELFTALK_CHROMA_URL` | http://127.0.0.1:{port} |" in run("settings")[1]
    code, _, told = run("search", "kettle", "--store", store)
    assert code == 2 and "`shelftalk reindex --store" in told and len(told.strip().splitlines()) == 1
    code, _, told = run("reindex", "--store", store)
    assert code == 2 and "does not answer" in told and "SHELFTALK_CHROMA_URL" in told
    assert len(told.strip().splitlines()) == 1
    with running_chroma(tmp_path / "data", port):
        assert run("reindex", "--store", store)[0] == 0
        code, out, _ = run("search", "copper kettle 3", "--store", store)
        assert code == 0 and "[k3]" in out
        assert f"10 products in {store}, vectors on the Chroma server at http://127.0.0.1:{port}" in run(
            "doctor", "--store", store
        )[1].replace("\n", "")
    code, out, _ = run("doctor", "--store", store)
    assert code == 1 and "FAIL index: The Chroma server at" in out and "Start it" in out
