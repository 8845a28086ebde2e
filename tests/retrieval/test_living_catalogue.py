"""Importing again: only what changed is done, searches go on, and a crash leaves the old shop or the new one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.changes import ImportReport
from retrieval.database import open_database
from retrieval.encoders import HashingEncoder
from retrieval.errors import CatalogueError
from retrieval.indexing import SearchIndex, build_index, import_products, open_current_index, open_index
from retrieval.leases import Lease, remove_unless_held
from retrieval.product_store import ProductStore
from retrieval.schema import Product, ProductTexts, Query, Variant
from retrieval.search import open_catalogue
from tests.retrieval.makers import MakeProduct

ENCODER = HashingEncoder()
ROOT = Path(__file__).parents[2]


class Counting(HashingEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self, dimension: int = 256) -> None:
        super().__init__(dimension)
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.typing.NDArray[np.float32]:
        self.texts += texts
        return super().encode(texts)


def counts(report: ImportReport) -> dict[str, int]:
    numbers = report.model_dump(exclude={"products", "encoded", "reindexed", "generation"})
    return {name: number for name, number in numbers.items() if number}


def found(store: Path, text: str, k: int = 10) -> list[str]:
    """Search, and keep the hits that have the words in their title: vectors always find something."""
    hits = open_catalogue(store, ENCODER).search(Query(text=text, k=k))
    return [
        hit.product.id
        for hit in hits
        if text.casefold() in [*hit.product.title.casefold().split(), hit.product.title.casefold()]
    ]


def shelf(make_product: MakeProduct, count: int = 60) -> list[Product]:
    return [make_product(f"P{number:03}", f"Kettle model{number}", stock=1) for number in range(count)]


def generations(store: Path) -> set[str]:
    return {path.name for path in (store / "index").iterdir() if path.is_dir()}


def test_only_what_changed_is_done(tmp_path: Path, make_product: MakeProduct) -> None:
    before = shelf(make_product)
    first = import_products(before, tmp_path, ENCODER)
    assert counts(first) == {"added": 60} and first.encoded == 60
    feed = [
        *before[2:],
        make_product("P001", "Copper Saucepan", stock=1),
        make_product("new", "Enamel Teapot"),
    ]
    feed[0] = before[2].model_copy(update={"stock": 9})
    encoder = Counting()
    report = import_products(feed, tmp_path, encoder)
    assert counts(report) == {"added": 1, "changed": 1, "removed": 1, "repriced": 1, "unchanged": 57}
    assert sorted(encoder.texts) == ["Copper Saucepan. ", "Enamel Teapot. "] and report.encoded == 2
    assert found(tmp_path, "saucepan") == ["P001"] and found(tmp_path, "teapot") == ["new"]
    assert found(tmp_path, "model0") == [] and found(tmp_path, "model1") == []
    shop = open_catalogue(tmp_path, ENCODER)
    assert shop.get_product("P002").stock == 9 and shop.count() == 60


def test_the_taken_over_index_finds_what_a_new_one_finds(tmp_path: Path, make_product: MakeProduct) -> None:
    words = random.Random(1)

    def title() -> str:
        """Words of no other title, since near ties are what a graph gets wrong however it was built."""
        return " ".join(f"{words.getrandbits(32):x}" for _ in range(6))

    before = [make_product(f"P{number:04}", title(), stock=1) for number in range(1500)]
    after = [
        make_product(product.id, title()) if number % 20 == 0 else product
        for number, product in enumerate(before)
        if number % 40 != 7
    ]
    import_products(before, tmp_path / "again", ENCODER)
    assert import_products(after, tmp_path / "again", ENCODER).encoded == 75
    import_products(after, tmp_path / "fresh", ENCODER)
    again, fresh = (_open_current(tmp_path / name) for name in ("again", "fresh"))
    assert again.dense and fresh.dense and again.manifest.patched == 75 + 38 and fresh.manifest.patched == 0
    assert again.dense.count() == fresh.dense.count() == len(after)
    ids = [product.id for product in after]
    ours, theirs = again.dense.vectors(ids), fresh.dense.vectors(ids)
    assert all(np.allclose(ours[name], theirs[name], atol=1e-6) for name in ids)
    assert _finds_itself(fresh, theirs) > 0.95
    assert _finds_itself(again, ours) > 0.95


def _finds_itself(index: SearchIndex, vectors: dict[str, np.typing.NDArray[np.float32]]) -> float:
    """Return the share of every tenth vector for which one like it is the nearest."""
    asked = list(vectors.values())[::10]
    assert index.dense
    nearest = [vectors[index.dense.search(vector, 1)[0]] for vector in asked]
    return sum(float(found @ vector) > 0.9999 for found, vector in zip(nearest, asked, strict=True)) / len(asked)


def _open_current(store: Path) -> SearchIndex:
    return open_current_index(store, ProductStore(open_database(store)), ENCODER)


def test_much_change_builds_the_graph_anew(tmp_path: Path, make_product: MakeProduct) -> None:
    before = shelf(make_product, 30)
    import_products(before, tmp_path, ENCODER)
    encoder = Counting()
    after = [*before[:20], *(make_product(product.id, "Lamp") for product in before[20:])]
    import_products(after, tmp_path, encoder)
    assert _open_current(tmp_path).manifest.patched == 0
    assert len(encoder.texts) == 10
    assert set(found(tmp_path, "lamp", k=30)) == {product.id for product in before[20:]}


def test_prices_alone_touch_no_index(tmp_path: Path, make_product: MakeProduct) -> None:
    before = [*shelf(make_product, 5), make_product("V", variants=(Variant(id="V1", title="V1", stock=1),), stock=1)]
    first = import_products(before, tmp_path, ENCODER)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*.json")}
    running = open_catalogue(tmp_path, ENCODER)
    update = {"price": None, "rating": 4.5, "rating_count": 3}
    after = [product.model_copy(update=update) for product in before[:5]]
    after.append(before[5].model_copy(update={"variants": (Variant(id="V1", title="V1", stock=4),), "stock": 4}))
    report = import_products(after, tmp_path, Counting())
    assert counts(report) == {"repriced": 6} and not report.reindexed and report.encoded == 0
    assert report.generation == first.generation and generations(tmp_path) == {first.generation}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*.json")} == files
    assert running.get_product("P003").rating == 4.5 and running.get_product("V").variants[0].stock == 4


def test_the_same_feed_in_another_order_is_kept_in_that_order(tmp_path: Path, make_product: MakeProduct) -> None:
    before = shelf(make_product, 5)
    import_products(before, tmp_path, ENCODER)
    report = import_products(before[::-1], tmp_path, ENCODER)
    assert counts(report) == {"unchanged": 5} and not report.reindexed
    listed = [product.id for product in ProductStore(open_database(tmp_path)).all()]
    assert listed == [product.id for product in before[::-1]]


def test_another_encoder_encodes_everything(tmp_path: Path, make_product: MakeProduct) -> None:
    import_products(shelf(make_product), tmp_path, ENCODER)
    encoder = Counting(64)
    report = import_products(shelf(make_product), tmp_path, encoder)
    assert len(encoder.texts) == 60 and report.reindexed and counts(report) == {"unchanged": 60}
    assert len(open_catalogue(tmp_path, encoder).search(Query(text="kettle"))) == 10


def test_a_damaged_index_is_mended_by_importing_again(tmp_path: Path, make_product: MakeProduct) -> None:
    report = import_products(shelf(make_product), tmp_path, ENCODER)
    (tmp_path / "index" / report.generation / "dense" / "ids.json").write_text("[]")
    again = import_products(shelf(make_product), tmp_path, ENCODER)
    assert again.encoded == 60 and again.reindexed and len(found(tmp_path, "kettle")) == 10


def test_a_store_of_an_earlier_version_opens_and_is_imported_into(tmp_path: Path, make_product: MakeProduct) -> None:
    report = import_products(shelf(make_product), tmp_path, ENCODER)
    folder = tmp_path / "index" / report.generation
    # As it was before indexes said what they were built of.
    (folder / "contents.json").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["contents.json"], manifest["patched"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert len(found(tmp_path, "kettle")) == 10
    again = import_products(shelf(make_product), tmp_path, ENCODER)
    assert again.encoded == 60 and counts(again) == {"unchanged": 60}
    assert import_products(shelf(make_product), tmp_path, ENCODER).encoded == 0


def test_a_partial_feed_removes_nothing(tmp_path: Path, make_product: MakeProduct) -> None:
    import_products(shelf(make_product), tmp_path, ENCODER)
    part = [make_product("P005", "Copper Saucepan"), make_product("new", "Enamel Teapot")]
    report = import_products(part, tmp_path, ENCODER, partial=True)
    assert counts(report) == {"added": 1, "changed": 1, "kept": 59} and report.products == 61
    assert found(tmp_path, "model6") == ["P006"] and found(tmp_path, "teapot") == ["new"]


@pytest.mark.parametrize(("left", "refused"), [(30, False), (29, True)])
def test_a_feed_that_loses_most_products_is_questioned(
    tmp_path: Path, make_product: MakeProduct, left: int, refused: bool
) -> None:
    import_products(shelf(make_product), tmp_path, ENCODER)
    if refused:
        with pytest.raises(CatalogueError, match=r"31 of the shop's 60.*--allow-removals.*--partial"):
            import_products(shelf(make_product)[:left], tmp_path, ENCODER)
        assert found(tmp_path, "model59") == ["P059"]
    report = import_products(shelf(make_product)[:left], tmp_path, ENCODER, allow_removals=refused)
    assert report.removed == 60 - left


def test_an_unreadable_script_may_come_and_go(tmp_path: Path, make_product: MakeProduct) -> None:
    def chinese(product_id: str, title: str) -> Product:
        text = ProductTexts(title=title, short_name=title)
        return Product(id=product_id, language="zh", texts={"zh": text})

    import_products([chinese("A", "登山靴"), chinese("B", "水壶")], tmp_path, ENCODER)
    assert import_products([make_product("A", "Boot"), chinese("B", "水壶")], tmp_path, ENCODER).encoded == 1
    assert found(tmp_path, "boot") == ["A"] and found(tmp_path, "水壶") == ["B"]
    assert import_products([chinese("A", "登山靴"), chinese("B", "水壶")], tmp_path, ENCODER).encoded == 0
    assert found(tmp_path, "登山靴") == ["A"]


KILLED = """
import os, signal, sys
from pathlib import Path
import retrieval.indexing as indexing
from retrieval.encoders import HashingEncoder
from retrieval.schema import Product, ProductTexts

store, stage, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def progress(name, done, total):
    if (name, done) == (stage, at):
        os.kill(os.getpid(), signal.SIGKILL)

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

if stage == "before saving":
    indexing.ProductStore.apply = die
if stage == "before sweeping":
    indexing.sweep = die
def make(n):
    name = "Green Kettle" if n < 20 else "Plain Thing"
    return Product(id=f"P{n}", texts={"en": ProductTexts(title=name, short_name=name)})
indexing.import_products([make(n) for n in range(600)], store, HashingEncoder(), progress)
"""


@pytest.mark.parametrize(
    ("stage", "at", "state"),
    [
        ("Encoding", 20, "old"),
        ("Indexing words", 300, "old"),
        ("before saving", 0, "old"),
        ("Saving", 20, "old"),
        ("before sweeping", 0, "new"),
    ],
)
def test_a_killed_second_import_leaves_one_state(tmp_path: Path, stage: str, at: int, state: str) -> None:
    def make(number: int, name: str) -> Product:
        return Product(id=f"P{number}", texts={"en": ProductTexts(title=name, short_name=name)})

    def shop(first: str) -> list[Product]:
        return [make(number, first if number < 20 else "Plain Thing") for number in range(600)]

    import_products(shop("Blue Kettle"), tmp_path, ENCODER)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), stage, str(at)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    there, gone = ("blue", "green") if state == "old" else ("green", "blue")
    assert len(found(tmp_path, there, 100)) == 20
    shop_now = open_catalogue(tmp_path, ENCODER)
    assert {shop_now.get_product(f"P{number}").title for number in range(20)} == {f"{there.title()} Kettle"}
    assert found(tmp_path, gone) == []
    # The next import needs nothing else, and clears up.
    import_products(shop("Red Kettle"), tmp_path, ENCODER)
    assert len(found(tmp_path, "red", 100)) == 20 and len(generations(tmp_path)) == 2


def test_an_index_in_use_is_not_swept(tmp_path: Path, make_product: MakeProduct) -> None:
    first = import_products(shelf(make_product, 20), tmp_path, ENCODER).generation
    held = open_index(tmp_path, first, ENCODER)
    for number in range(3):
        import_products([*shelf(make_product, 20), make_product("new", f"Lamp {number}")], tmp_path, ENCODER)
    assert first in generations(tmp_path) and len(generations(tmp_path)) == 3
    assert held.dense and len(held.dense.search(ENCODER.encode(["kettle"])[0], 5)) == 5
    del held
    import_products([*shelf(make_product, 20), make_product("new", "Vase")], tmp_path, ENCODER)
    assert first not in generations(tmp_path) and len(generations(tmp_path)) == 2


def test_a_lease_on_a_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    lease = Lease(folder)
    assert not remove_unless_held(folder) and folder.is_dir()
    del lease
    assert remove_unless_held(folder) and not folder.exists()
    with pytest.raises(FileNotFoundError):
        Lease(folder)


SEARCHING = """
import json, sys, time
from pathlib import Path
from retrieval.encoders import HashingEncoder
from retrieval.schema import Query
from retrieval.search import open_catalogue

store, stop = Path(sys.argv[1]), Path(sys.argv[2])
shop = open_catalogue(store, HashingEncoder())
print("ready", flush=True)
seen, searches = [], 0
while True:
    last = stop.exists()
    # Vectors always find something, so the others are left out here.
    hits = [hit for hit in shop.search(Query(text="kettle", k=50)) if "Kettle" in hit.product.title]
    searches += 1
    state = sorted({hit.product.title for hit in hits}), len(hits)
    if not seen or seen[-1] != state:
        seen.append(state)
    if last:
        break
print(json.dumps({"seen": seen, "searches": searches}), flush=True)
"""


def test_other_processes_swap_by_themselves(tmp_path: Path, make_product: MakeProduct) -> None:
    """Two processes search without a pause during six imports: each answer is of one catalogue, none is an error."""
    colours = ["Red", "Green", "Blue", "Amber", "Cyan", "Lilac", "Olive"]

    def shop(place: int) -> list[Product]:
        # Ids and variants change as well, so a mixture of two states would be seen.
        name = colours[place]
        return [
            *(
                make_product(
                    f"{name}-{number}" if number % 2 else f"K{number}",
                    f"{name} Kettle",
                    variants=tuple(Variant(id=f"{name}{n}", title=name) for n in range(place + 1)),
                )
                for number in range(20 + place)
            ),
            *(make_product(f"X{number}", f"Vase {number}") for number in range(400)),
        ]

    store, stop = tmp_path / "store", tmp_path / "stop"
    build_index(shop(0), store, ENCODER)
    searching = [
        subprocess.Popen(
            [sys.executable, "-W", "error::ResourceWarning", "-c", SEARCHING, str(store), str(stop)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        assert all(process.stdout and process.stdout.readline() == "ready\n" for process in searching)
        for place in range(1, len(colours)):
            import_products(shop(place), store, ENCODER)
            time.sleep(0.2)
        stop.touch()
        answers = [process.communicate(timeout=120)[0] for process in searching]
    finally:
        for process in searching:
            process.kill()
            process.wait()
    assert [process.returncode for process in searching] == [0, 0]
    allowed = [[[f"{name} Kettle"], 20 + place] for place, name in enumerate(colours)]
    for answer in map(json.loads, answers):
        assert [state for state in answer["seen"] if state not in allowed] == []
        places = [allowed.index(state) for state in answer["seen"]]
        assert places == sorted(places) and places[0] == 0 and places[-1] == len(colours) - 1
        assert answer["searches"] > len(colours)
