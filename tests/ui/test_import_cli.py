"""`shelftalk import` again, with policies, and `shelftalk stock`, as an operator types them."""

import json
from pathlib import Path

import pytest

from tests.ui.test_cli import run

ROWS = [f"k{number},Copper Kettle {number},49.90,USD,Karvik,3,A kettle." for number in range(10)]
HEADER = "id,title,price,currency,brand,stock,description"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELFTALK_ENCODER", "hashing")
    monkeypatch.setenv("SHELFTALK_CHAT_MODEL", "scripted")
    monkeypatch.setenv("SHELFTALK_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("SHELFTALK_STORE", raising=False)


def write(folder: Path, rows: list[str], name: str = "feed.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_importing_again_tells_what_changed(tmp_path: Path) -> None:
    store = tmp_path / "shop"
    code, _, told = run("import", write(tmp_path, ROWS), "--store", store)
    assert code == 0 and "10 products are in" in told and "10 added" in told and "10 with a thin description" in told
    changed = [*ROWS[:8], "k8,Copper Kettle 8,1.00,USD,Karvik,3,A kettle.", "n,Vase,,,,,"]
    code, out, told = run("import", write(tmp_path, changed), "--store", store, "--json")
    report = json.loads(out)
    assert code == 0 and "products are in" not in told
    done = {name: number for name, number in report["import"].items() if name != "generation"}
    assert done == {
        "products": 10,
        "added": 1,
        "changed": 0,
        "removed": 1,
        "repriced": 1,
        "unchanged": 8,
        "kept": 0,
        "encoded": 1,
        "reindexed": True,
    }
    assert report["feed"]["no_price"] == ["n"] and report["feed"]["no_description"] == ["n"]
    assert report["policies"] is None
    _, _, told = run("import", write(tmp_path, changed), "--store", store)
    assert "10 unchanged" in told and "no index had to change" in told


def test_a_feed_that_loses_most_products_needs_a_word(tmp_path: Path) -> None:
    store = tmp_path / "shop"
    run("import", write(tmp_path, ROWS), "--store", store)
    part = write(tmp_path, ROWS[:4], "part.csv")
    code, _, told = run("import", part, "--store", store)
    assert code == 2 and "6 of the shop's 10" in told and "--allow-removals" in told and "--partial" in told
    code, _, told = run("import", part, "--store", store, "--keep-missing")
    assert code == 0 and "10 products are in" in told and "6 not in this feed and kept" in told
    code, _, told = run("import", part, "--store", store, "--allow-removals")
    assert code == 0 and "4 products are in" in told and "6 removed" in told


def test_duplicates_and_dead_pictures_are_told(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("id,title,brand,image_link\na,Vase,Karvik,pictures/a.png\nb,vase,karvik,\n")
    code, _, told = run("import", path, "--store", tmp_path / "shop")
    assert code == 0
    assert "1 dead pictures" in told and "a: pictures/a.png: there is no such file" in told
    assert "same title and brand (Vase, Karvik): a, b" in told


def test_policies_with_and_without_a_feed(tmp_path: Path) -> None:
    folder, store = tmp_path / "texts", tmp_path / "shop"
    folder.mkdir()
    (folder / "returns.md").write_text("# Returns\n\nYou have 45 days.\n")
    (folder / "bad.md").write_bytes(b"\xff")
    code, _, told = run("import", folder, "--store", store)
    assert (
        code == 0 and "1 policies with 1 passages; 1 files were left out" in told and "bad.md: it is not UTF-8" in told
    )
    assert (store / "policies/en/returns.md").is_file()
    code, out, _ = run("import", write(tmp_path, ROWS), "--policies", folder, "--store", store, "--json")
    report = json.loads(out)
    assert code == 0 and report["import"]["added"] == 10 and report["policies"]["files"][0]["name"] == "returns"
    code, _, told = run("import", "--store", store)
    assert code == 2 and "--policies FOLDER" in told


def test_stock_alone(tmp_path: Path) -> None:
    store, path = tmp_path / "shop", tmp_path / "stock.tsv"
    path.write_text("sku\tqty\tprice\nk1\t0\t45\nk2\tmany\t\nzz\t1\t\n")
    code, _, told = run("stock", path, "--store", store, "--map", "id=sku", "--map", "stock=qty")
    assert code == 2 and "There is no shop" in told and not store.exists()
    run("import", write(tmp_path, ROWS), "--store", store)
    code, _, told = run("stock", path, "--store", store, "--map", "id=sku", "--map", "stock=qty", "--strict")
    assert code == 2 and "nothing was changed" in told and "stock.tsv, row 3, qty" in told
    code, out, told = run("stock", path, "--store", store, "--map", "id=sku", "--map", "stock=qty", "--json")
    assert code == 0 and json.loads(out)["changed"] == 1 and "stock.tsv, row 4, sku: no product has the id 'zz'" in told
    code, out, _ = run("search", "Copper Kettle 1", "--store", store, "--json", "-k", "1")
    product = json.loads(out)["product"]
    assert (product["id"], product["price"]["amount"], product["stock"]) == ("k1", "45.00", 0)
    code, _, told = run("stock", path, "--map", "id=sku")
    assert code == 2 and "--store DIR" in told


def test_people_and_their_orders(tmp_path: Path) -> None:
    store = tmp_path / "shop"
    run("import", write(tmp_path, ROWS), "--store", store)
    people, orders = tmp_path / "people.csv", tmp_path / "orders.csv"
    address = "1 Elm Street,Boise,83702,US"
    people.write_text(f"email,name,line1,city,zip,country\nida@example.com,Ida,{address}\nnobody,Ove,{address}\n")
    orders.write_text(
        "id,email,status,placed_at,currency,total,payment,line1,city,zip,country,title,price\n"
        f"B1,ida@example.com,shipped,2026-03-05,USD,49.90,Visa,{address},Copper Kettle 1,49.90\n"
        f"B2,eve@example.com,shipped,2026-03-05,USD,49.90,Visa,{address},Copper Kettle 1,49.90\n"
    )
    code, out, told = run("orders", orders, "--store", store, "--json")
    assert code == 0 and json.loads(out)["added"] == 0 and "Import the customers first" in told
    code, _, told = run("customers", people, "--store", store, "--strict")
    assert code == 2 and "nothing was changed" in told and "people.csv, row 3, email" in told
    code, _, told = run("customers", people, "--store", store)
    assert code == 0 and "1 added, 0 changed" in told and "1 rows were left out" in told
    code, out, told = run("orders", orders, "--store", store, "--json")
    assert code == 0 and json.loads(out)["added"] == 1 and "orders.csv, row 3, email" in told
    code, _, told = run("customers", people)
    assert code == 2 and "--store DIR" in told
    cards, coupons = tmp_path / "cards.csv", tmp_path / "coupons.csv"
    cards.write_text("id,email,balance\nG1,ida@example.com,25.00 USD\nG2,eve@example.com,5.00 USD\n")
    code, out, told = run("gift-cards", cards, "--store", store, "--json")
    assert code == 0 and json.loads(out)["added"] == 1 and "cards.csv, row 3, email" in told
    code, _, told = run("gift-cards", cards, "--store", store)
    assert code == 0 and "Gift cards: 0 added, 0 changed, 1 unchanged; 1 rows were left out." in told
    coupons.write_text("code,value,ends_at\nSPRING,15%,2031-05-31\nFIVE,5.00 USD,\nBAD,a lot,\n")
    code, out, told = run("coupons", coupons, "--store", store, "--strict")
    assert code == 2 and "nothing was changed" in told
    code, out, told = run("coupons", coupons, "--store", store, "--json")
    assert code == 0 and json.loads(out)["added"] == 2 and "coupons.csv, row 4, value" in told
    code, _, told = run("coupons", coupons, "--store", store)
    assert code == 0 and "Coupons: 0 added, 0 changed, 2 unchanged" in told
