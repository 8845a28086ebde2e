"""`shelftalk backup` and `shelftalk restore`, as an operator types them."""

import tarfile
from pathlib import Path

import pytest

from tests.ui.test_cli import run

FEED = "id,title,price,currency\nk1,Copper Kettle,49.90,USD\n"
PEOPLE = "email,name,line1,city,zip,country\nida@example.com,Ida,1 Elm Street,Boise,83702,US\n"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELFTALK_ENCODER", "hashing")
    monkeypatch.setenv("SHELFTALK_CHAT_MODEL", "scripted")
    monkeypatch.setenv("SHELFTALK_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("SHELFTALK_STORE", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A shop with one product, one customer and a rule of its own."""
    folder = tmp_path / "shop"
    for name, text in (("feed.csv", FEED), ("people.csv", PEOPLE)):
        (tmp_path / name).write_text(text)
    run("import", tmp_path / "feed.csv", "--store", folder)
    run("customers", tmp_path / "people.csv", "--store", folder)
    (folder / "policy.toml").write_text("[returns]\ndays = 14\n")
    return folder


def test_a_restored_shop_has_products_people_and_rules(store: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "shop.tar.gz", tmp_path / "again"
    code, _, told = run("backup", file, "--store", store)
    assert code == 0 and str(file) in told
    assert file.stat().st_mode & 0o077 == 0
    code, _, told = run("restore", file, "--store", again)
    assert code == 0 and "1 products" in told
    code, out, _ = run("search", "kettle", "--store", again, "--json")
    assert code == 0 and '"k1"' in out
    _, out, _ = run("customers", tmp_path / "people.csv", "--store", again, "--json")
    assert '"unchanged": 1' in out
    assert (again / "policy.toml").read_text() == (store / "policy.toml").read_text()


def test_nothing_is_overwritten(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.gz"
    run("backup", file, "--store", store)
    code, _, told = run("restore", file, "--store", store)
    assert code == 2 and "is not empty" in told
    code, _, told = run("restore", file)
    assert code == 2 and "--store DIR" in told


@pytest.mark.parametrize("damage", ["cut", "other", "escape"])
def test_what_is_no_backup_leaves_nothing_behind(store: Path, tmp_path: Path, damage: str) -> None:
    file, again = tmp_path / "shop.tar.gz", tmp_path / "again"
    run("backup", file, "--store", store)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-2000])
    else:
        with tarfile.open(file, "w:gz") as archive:
            archive.add(tmp_path / "feed.csv", "../evil.csv" if damage == "escape" else "feed.csv")
    code, _, told = run("restore", file, "--store", again)
    assert code == 2 and "shop.tar.gz" in told
    assert not again.exists()
    assert not (tmp_path / "evil.csv").exists()
    assert list(tmp_path.glob(".restore-*")) == []


def test_a_place_without_a_shop_is_told(tmp_path: Path) -> None:
    code, _, told = run("backup", tmp_path / "shop.tar.gz", "--store", tmp_path / "none")
    assert code == 2 and "There is no shop" in told
