"""The vectors on a real Chroma server: import, search, swap between processes, and what goes wrong with it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings

from retrieval.chroma_server import ChromaServer
from retrieval.dense import COLLECTION_FILE
from retrieval.encoders import HashingEncoder
from retrieval.errors import IndexDamaged, IndexServerError
from retrieval.indexing import INDEX_FOLDER, import_products, is_outdated, open_index, rebuild_index
from retrieval.schema import Filters, Product, Query
from retrieval.search import open_catalogue
from tests.chroma import free_port, running_chroma
from tests.retrieval.makers import MakeProduct

ROOT = Path(__file__).parents[2]
ENCODER = HashingEncoder()
MATERIALS = ["Oak", "Steel", "Linen", "Cork", "Glass", "Wool", "Brass", "Clay"]
THINGS = ["Lamp", "Bench", "Basket", "Mirror", "Blanket", "Candle", "Tray", "Vase"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_chroma(tmp_path_factory.mktemp("chroma") / "data") as address:
        yield address


def shelf(make_product: MakeProduct, count: int = 60, first: str = "Blue Kettle") -> list[Product]:
    brands = ["Karvik", "Lund"]
    # Of varied words: a graph of near twins loses what is far from them all.
    things = [f"{material} {thing}" for material in MATERIALS for thing in THINGS]
    names = [f"{first} with Gooseneck Spout", *things[: count - 1]]
    return [make_product(f"P{number}", name, brand=brands[number % 2]) for number, name in enumerate(names)]


def collections(url: str) -> set[str]:
    host, port = url.removeprefix("http://").split(":")
    client = chromadb.HttpClient(host, int(port), settings=Settings(anonymized_telemetry=False))
    return {collection.name for collection in client.list_collections()}


def collection_of(store: Path, generation: str) -> str:
    return str(json.loads((store / INDEX_FOLDER / generation / "dense" / COLLECTION_FILE).read_text()))


def test_search_is_the_same_as_with_the_vectors_in_the_store(
    url: str, tmp_path: Path, make_product: MakeProduct
) -> None:
    import_products(shelf(make_product), tmp_path / "a", ENCODER)
    moved = import_products(shelf(make_product), tmp_path / "b", ENCODER, place=ChromaServer(url))
    here, there = (
        open_catalogue(tmp_path / "a", ENCODER),
        open_catalogue(tmp_path / "b", ENCODER, place=ChromaServer(url)),
    )
    for system in ("dense", "fused"):
        assert (
            there.rank("blue kettle with gooseneck spout", 10, system)[:1]
            == ["P0"]
            == here.rank("blue kettle with gooseneck spout", 10, system)[:1]
        )
    few = Query(text="kettle", k=60, filters=Filters(brand="lund"))
    assert {hit.product.id for hit in there.search(few)} == {hit.product.id for hit in here.search(few)}
    assert np.allclose(here.items().vectors, there.items().vectors)
    # Nothing that grows with the shop's vectors is in the store.
    assert not list((tmp_path / "b").rglob("chroma.sqlite3")) and collection_of(tmp_path / "b", moved.generation)


def test_an_import_encodes_what_is_new_and_sweeps_the_server(
    url: str, tmp_path: Path, make_product: MakeProduct
) -> None:
    place, before = ChromaServer(url), collections(url)
    names = []
    for number, first in enumerate(["Blue Kettle", "Red Kettle", "Green Kettle", "Red Kettle"]):
        report = import_products(shelf(make_product, first=first), tmp_path, ENCODER, place=place)
        assert report.encoded == (1 if number else 60)
        names.append(collection_of(tmp_path, report.generation))
        shop = open_catalogue(tmp_path, ENCODER, place=place)
        assert shop.search(Query(text=first.lower(), k=1))[0].product.title == f"{first} with Gooseneck Spout"
        del shop
    assert collections(url) - before == set(names[-2:])
    repriced = [
        *shelf(make_product, first="Red Kettle")[1:],
        make_product("P0", "Red Kettle with Gooseneck Spout", "1.00", brand="Karvik"),
    ]
    assert not import_products(repriced, tmp_path, ENCODER, place=place).reindexed


def test_an_import_that_breaks_off_leaves_nothing_on_the_server(
    url: str, tmp_path: Path, make_product: MakeProduct
) -> None:
    class Broken(Exception):
        pass

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "Indexing fields":
            raise Broken

    place = ChromaServer(url)
    import_products(shelf(make_product), tmp_path, ENCODER, place=place)
    before = collections(url)
    with pytest.raises(Broken):
        import_products(shelf(make_product, first="Red Kettle"), tmp_path, ENCODER, progress, place=place)
    assert collections(url) == before
    assert (
        open_catalogue(tmp_path, ENCODER, place=place).search(Query(text="kettle", k=1))[0].product.title[:4] == "Blue"
    )


def test_vectors_move_out_and_back(url: str, tmp_path: Path, make_product: MakeProduct) -> None:
    place = ChromaServer(url)
    import_products(shelf(make_product), tmp_path, ENCODER)
    with pytest.raises(IndexDamaged, match=r"in the store's folder, and SHELFTALK_CHROMA_URL is to have.*reindex"):
        open_catalogue(tmp_path, ENCODER, place=place)
    assert is_outdated(tmp_path, place) and not is_outdated(tmp_path)
    rebuild_index(tmp_path, ENCODER, place=place)
    assert not is_outdated(tmp_path, place)
    assert open_catalogue(tmp_path, ENCODER, place=place).rank("blue kettle with gooseneck spout", 1, "dense") == ["P0"]
    with pytest.raises(IndexDamaged, match=r"on a Chroma server.*SHELFTALK_CHROMA_URL.*isn't set.*reindex"):
        open_catalogue(tmp_path, ENCODER)
    rebuild_index(tmp_path, ENCODER)
    assert open_catalogue(tmp_path, ENCODER).rank("blue kettle with gooseneck spout", 1, "dense") == ["P0"]


def test_a_server_that_lost_its_vectors(url: str, tmp_path: Path, make_product: MakeProduct) -> None:
    place = ChromaServer(url)
    report = import_products(shelf(make_product), tmp_path, ENCODER, place=place)
    shop = open_catalogue(tmp_path, ENCODER, place=place)
    host, port = url.removeprefix("http://").split(":")
    client = chromadb.HttpClient(host, int(port), settings=Settings(anonymized_telemetry=False))
    name = collection_of(tmp_path, report.generation)
    held = client.get_collection(name, embedding_function=None)
    held.delete(ids=["P3"])
    with pytest.raises(IndexDamaged, match=r"holds 59 vectors instead of 60.*reindex"):
        open_catalogue(tmp_path, ENCODER, place=place)
    client.delete_collection(name)
    with pytest.raises(IndexServerError, match=r"refuses.*reindex"):
        shop.search(Query(text="kettle"))
    with pytest.raises(IndexDamaged, match=rf"server at {url} holds no vectors of it.*shelftalk reindex"):
        open_catalogue(tmp_path, ENCODER, place=place)
    # The next import heals it, though nothing else has changed.
    assert import_products(shelf(make_product), tmp_path, ENCODER, place=place).encoded == 60
    assert open_catalogue(tmp_path, ENCODER, place=place).rank("blue kettle with gooseneck spout", 1, "dense") == ["P0"]


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path, make_product: MakeProduct) -> None:
    port, store = free_port(), tmp_path / "store"
    place = ChromaServer(f"http://127.0.0.1:{port}")
    with pytest.raises(
        IndexServerError, match=rf"127.0.0.1:{port} does not answer.*Start it, or mend SHELFTALK_CHROMA"
    ):
        import_products(shelf(make_product), store, ENCODER, place=place)
    with running_chroma(tmp_path / "data", port):
        import_products(shelf(make_product), store, ENCODER, place=place)
        shop = open_catalogue(store, ENCODER, place=place)
        assert shop.search(Query(text="blue kettle"))[0].product.id == "P0"
    with pytest.raises(IndexServerError, match="does not answer"):
        shop.search(Query(text="blue kettle"))
    with pytest.raises(IndexServerError, match="does not answer"):
        import_products(shelf(make_product, first="Red Kettle"), store, ENCODER, place=place)
    with running_chroma(tmp_path / "data", port):
        assert shop.search(Query(text="blue kettle"))[0].product.id == "P0"


class NoChroma(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<h1>Welcome</h1>")

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def test_an_address_that_is_no_chroma_server(tmp_path: Path, make_product: MakeProduct) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), NoChroma)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(IndexServerError, match=r"is no Chroma server \(status 404\).*chroma run"):
            place = ChromaServer(f"http://127.0.0.1:{server.server_port}")
            import_products(shelf(make_product), tmp_path, ENCODER, place=place)
    finally:
        server.shutdown()
        server.server_close()
    for wrong in ("index:8000", "chroma", "ftp://index"):
        with pytest.raises(IndexServerError, match="is not an address"):
            import_products(shelf(make_product), tmp_path, ENCODER, place=ChromaServer(wrong))


SEARCHING = """
import json, sys
from pathlib import Path
from retrieval.chroma_server import ChromaServer
from retrieval.encoders import HashingEncoder
from retrieval.schema import Query
from retrieval.search import open_catalogue

store, stop, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
shop = open_catalogue(store, HashingEncoder(), place=ChromaServer(url))
print("ready", flush=True)
seen = []
while True:
    last = stop.exists()
    best = shop.search(Query(text="kettle with gooseneck spout", k=1))[0].product.title
    if not seen or seen[-1] != best:
        seen.append(best)
    if last:
        break
print(json.dumps(seen), flush=True)
"""


def test_processes_swap_generations_while_imports_go_on(url: str, tmp_path: Path, make_product: MakeProduct) -> None:
    names = [f"{colour} Kettle" for colour in ("Red", "Green", "Blue", "Amber")]
    store, stop, place = tmp_path / "store", tmp_path / "stop", ChromaServer(url)
    import_products(shelf(make_product, first=names[0]), store, ENCODER, place=place)
    searching = [
        subprocess.Popen(
            [sys.executable, "-c", SEARCHING, str(store), str(stop), url],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        assert all(process.stdout and process.stdout.readline() == "ready\n" for process in searching)
        for name in names[1:]:
            import_products(shelf(make_product, first=name), store, ENCODER, place=place)
            time.sleep(0.3)
        stop.touch()
        answers = [json.loads(process.communicate(timeout=60)[0]) for process in searching]
    finally:
        for process in searching:
            process.kill()
            process.wait()
    assert [process.returncode for process in searching] == [0, 0]
    titles = [f"{name} with Gooseneck Spout" for name in names]
    for seen in answers:
        assert [title for title in titles if title in seen] == seen
        assert (seen[0], seen[-1]) == (titles[0], titles[-1])


def test_an_index_in_use_stays_on_the_server(url: str, tmp_path: Path, make_product: MakeProduct) -> None:
    place = ChromaServer(url)
    first = import_products(shelf(make_product), tmp_path, ENCODER, place=place).generation
    held = open_index(tmp_path, first, ENCODER, place)
    for name in ("Red Kettle", "Green Kettle", "Amber Kettle"):
        import_products(shelf(make_product, first=name), tmp_path, ENCODER, place=place)
    assert held.dense and held.dense.search(ENCODER.encode(["blue kettle with gooseneck spout"])[0], 1) == ["P0"]
    name = collection_of(tmp_path, first)
    del held
    import_products(shelf(make_product, first="Grey Kettle"), tmp_path, ENCODER, place=place)
    assert name not in collections(url)
