import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from retrieval.database import open_database
from retrieval.encoders import HashingEncoder
from retrieval.errors import CatalogueError, IndexDamaged
from retrieval.indexing import build_index, rebuild_index
from retrieval.product_store import ProductStore
from retrieval.schema import Query
from retrieval.search import open_catalogue
from tests.retrieval.makers import MakeProduct

ENCODER = HashingEncoder()


class Failing(HashingEncoder):
    """An encoder whose machine runs out of something after a while."""

    def encode(self, texts: Sequence[str]) -> np.typing.NDArray[np.float32]:
        if len(texts) != 128:
            raise MemoryError("no more")
        return super().encode(texts)


def found(store: Path, text: str) -> list[str]:
    return [hit.product.id for hit in open_catalogue(store, ENCODER).search(Query(text=text))]


def generations(store: Path) -> list[str]:
    return [path.name for path in (store / "index").iterdir() if path.is_dir()]


def test_progress_and_manifest_tell_what_was_done(tmp_path: Path, make_product: MakeProduct) -> None:
    reports: list[tuple[str, int, int]] = []
    chinese = make_product("zh", "登山靴")
    manifest = build_index(
        [*(make_product(f"P{n}") for n in range(200)), chinese],
        tmp_path,
        ENCODER,
        lambda stage, done, total: reports.append((stage, done, total)),
    )
    assert (manifest.count, manifest.dense_count, manifest.encoder) == (201, 200, "hashing-256")
    assert {stage: (done, total) for stage, done, total in reports} == {
        "Encoding": (200, 200),
        "Indexing words": (201, 201),
        "Indexing fields": (201, 201),
        "Saving": (201, 201),
    }


def test_a_new_import_replaces_the_old(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("old", "Blue Kettle")], tmp_path, ENCODER)
    running = open_catalogue(tmp_path, ENCODER)
    build_index([make_product("new", "Green Kettle")], tmp_path, ENCODER)
    assert found(tmp_path, "kettle") == ["new"]
    # A shop that was open meanwhile finds the new ones as well.
    assert [hit.product.id for hit in running.search(Query(text="kettle"))] == ["new"]
    build_index([make_product("newest", "Red Kettle")], tmp_path, ENCODER)
    assert len(generations(tmp_path)) == 2


def test_a_failed_import_leaves_the_old_shop_and_nothing_else(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("old", "Blue Kettle")], tmp_path, ENCODER)
    before = generations(tmp_path)
    with pytest.raises(MemoryError):
        build_index([make_product(f"N{number}", "Green Kettle") for number in range(200)], tmp_path, Failing())
    assert found(tmp_path, "kettle") == ["old"] and generations(tmp_path) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from retrieval.encoders import HashingEncoder
from retrieval.indexing import build_index
from retrieval.schema import Product, ProductTexts

def progress(stage, done, total):
    if (stage, done) == (sys.argv[2], int(sys.argv[3])):
        os.kill(os.getpid(), signal.SIGKILL)

text = ProductTexts(title="Green Kettle", short_name="Green Kettle")
build_index([Product(id=f"N{n}", texts={"en": text}) for n in range(600)], Path(sys.argv[1]), HashingEncoder(), progress)
"""


@pytest.mark.parametrize(
    ("stage", "done"),
    [("Encoding", 512), ("Indexing words", 300), ("Indexing fields", 300), ("Saving", 500), ("Saving", 600)],
)
def test_a_killed_import_leaves_the_old_shop(tmp_path: Path, make_product: MakeProduct, stage: str, done: int) -> None:
    build_index([make_product("old", "Blue Kettle")], tmp_path, ENCODER)
    before = generations(tmp_path)
    root = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), stage, str(done)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert found(tmp_path, "kettle") == ["old"]
    # What the dead one left goes with the next import, and it holds no lock.
    build_index([make_product("new", "Red Kettle")], tmp_path, ENCODER)
    assert found(tmp_path, "kettle") == ["new"]
    assert len(generations(tmp_path)) == 2 and set(before) < set(generations(tmp_path))


def test_two_imports_do_not_mix(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("old")], tmp_path, ENCODER)
    with FileLock(tmp_path / "index" / ".lock"), pytest.raises(CatalogueError, match="Another import"):
        build_index([make_product("new")], tmp_path, ENCODER)


def test_nothing_and_twins_are_refused(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("old", "Blue Kettle")], tmp_path, ENCODER)
    with pytest.raises(CatalogueError, match="no products"):
        build_index([], tmp_path, ENCODER)
    with pytest.raises(CatalogueError, match="'twin'"):
        build_index([make_product("twin"), make_product("twin")], tmp_path, ENCODER)
    assert found(tmp_path, "kettle") == ["old"]


def test_a_damaged_index_is_rebuilt_from_the_products(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("kept", "Blue Kettle")], tmp_path, ENCODER)
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(IndexDamaged):
        open_catalogue(tmp_path, ENCODER)
    rebuild_index(tmp_path, ENCODER)
    assert found(tmp_path, "kettle") == ["kept"]


def test_a_missing_shop_names_the_commands_and_makes_nothing(tmp_path: Path) -> None:
    store = tmp_path / "none"
    with pytest.raises(IndexDamaged, match=rf"reindex --store {store}.*import FILE --store {store}.*setup --rebuild"):
        open_catalogue(store, ENCODER)
    assert not store.exists()


def test_another_encoder_is_refused(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("A")], tmp_path, ENCODER)
    with pytest.raises(IndexDamaged, match=r"hashing-256.*hashing-64"):
        open_catalogue(tmp_path, HashingEncoder(64))


def test_products_without_an_index_are_said_so(tmp_path: Path, make_product: MakeProduct) -> None:
    ProductStore(open_database(tmp_path)).put([make_product("A")])
    with pytest.raises(IndexDamaged, match="missing"):
        open_catalogue(tmp_path, ENCODER)


def index_files() -> list[str]:
    return [
        "manifest.json",
        "lexical/documents.json",
        "lexical/vocab.index.json",
        "lexical/data.csc.index.npy",
        "lexical/params.index.json",
        "dense/chroma.sqlite3",
        "dense/*/data_level0.bin",
        "dense/*/link_lists.bin",
        "dense/*/length.bin",
        "dense/*/header.bin",
        "dense/*/index_metadata.pickle",
        "dense/ids.json",
    ]


@pytest.fixture(scope="module")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop large enough that Chroma writes all its kinds of files."""
    from retrieval.schema import Product, ProductTexts

    store = tmp_path_factory.mktemp("large")
    text = ProductTexts(title="Blue Kettle", short_name="Blue Kettle")
    build_index([Product(id=f"P{n}", texts={"en": text}) for n in range(1200)], store, ENCODER)
    return store


@pytest.mark.parametrize("name", index_files())
@pytest.mark.parametrize("damage", ["gone", "cut", "overwritten"])
def test_every_damage_is_named(large_store: Path, tmp_path: Path, name: str, damage: str) -> None:
    store = tmp_path / "copy"
    shutil.copytree(large_store, store)
    path = next((store / "index").glob(f"*/{name}"))
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        if not content:
            pytest.skip("an empty file cannot be cut")
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(bytes(byte ^ 0x5A for byte in content[:4096]) + content[4096:] + b"more")
    with pytest.raises(IndexDamaged, match=rf"shelftalk import FILE --store {store}"):
        open_catalogue(store, ENCODER)


def test_a_whole_index_opens_again_and_again(large_store: Path) -> None:
    for _ in range(3):
        assert len(open_catalogue(large_store, ENCODER).search(Query(text="kettle", k=3))) == 3


def test_a_damaged_database_is_named(tmp_path: Path, make_product: MakeProduct) -> None:
    build_index([make_product("A")], tmp_path, ENCODER)
    for path in tmp_path.glob("shop.sqlite*"):
        path.unlink()
    (tmp_path / "shop.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.raises(IndexDamaged, match=r"shop\.sqlite"):
        open_catalogue(tmp_path, ENCODER)


@pytest.mark.parametrize("count", [1, 2, 7, 999, 1000])
def test_a_shop_of_any_size_opens_again_and_again(tmp_path: Path, make_product: MakeProduct, count: int) -> None:
    build_index([make_product(f"P{number}", "Blue Kettle") for number in range(count)], tmp_path, ENCODER)
    for _ in range(3):
        assert len(found(tmp_path, "kettle")) == min(count, 10)
