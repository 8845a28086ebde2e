"""What a feed lacks."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from retrieval.feed_report import report_feed
from retrieval.schema import ProductTexts, RowError, Variant
from tests.retrieval.makers import MakeProduct

LONG = "A kettle of hammered copper with a long spout that pours slowly and does not drip at all."


def test_missing_things_are_listed(tmp_path: Path, make_product: MakeProduct) -> None:
    chinese = {
        "zh": ProductTexts(title="水壶", short_name="水壶", description="这把铜壶倒水很慢，也不会滴水，适合手冲咖啡。")
    }
    products = [
        make_product("whole", description=LONG, stock=0, image="https://shop.example/a.png"),
        make_product("bare", price=None, stock=1),
        make_product("thin", description="A kettle.", image="https://shop.example/b.png"),
        make_product("chinese", texts=chinese, language="zh", stock=2),
    ]
    left_out = RowError(file="feed.csv", row=3, column="id", message="the id is missing.")
    report = report_feed(products, [left_out], tmp_path)
    assert report.products == 4 and report.rows_left_out == (left_out,)
    assert report.no_price == ("bare",) and report.no_stock == ("thin",)
    assert report.no_description == ("bare",) and report.thin_description == ("thin",)
    assert report.no_image == ("bare", "chinese")
    assert report.dead_images == () and not report.images_on_the_web_checked
    assert report_feed(products, [], tmp_path, thin_words=2).thin_description == ()


def test_pictures_of_the_store_folder(tmp_path: Path, make_product: MakeProduct) -> None:
    (tmp_path / "store/pictures").mkdir(parents=True)
    (tmp_path / "store/pictures/there.svg").write_text("<svg/>")
    (tmp_path / "secret.svg").write_text("<svg/>")
    products = [
        make_product("A", image="pictures/there.svg", more_images=("pictures/gone.svg",)),
        make_product("B", image="../secret.svg", variants=(Variant(id="1", title="1", image="pictures/gone.svg"),)),
        make_product("C", image="data:image/png;base64,AAAA"),
    ]
    dead = report_feed(products, [], tmp_path / "store").dead_images
    assert [(found.product_id, found.image) for found in dead] == [
        ("A", "pictures/gone.svg"),
        ("B", "../secret.svg"),
        ("B", "pictures/gone.svg"),
    ]
    assert "no such file" in dead[0].reason and "outside" in dead[1].reason


def test_duplicates(tmp_path: Path, make_product: MakeProduct) -> None:
    products = [
        make_product("A", "Copper  Kettle", brand="Karvik", gtin="4006381333931"),
        make_product("B", "copper kettle!", brand="KARVIK"),
        make_product("C", "Copper Kettle", brand="Orlen"),
        make_product("D", "Vase", variants=(Variant(id="1", title="1", gtin="04006381333931"),), gtin="4006381333931"),
        make_product("E", "🙂", brand="Karvik"),
        make_product("F", "🙃", brand="Karvik"),
    ]
    found = {(group.by, group.ids) for group in report_feed(products, [], tmp_path).duplicates}
    assert found == {("gtin", ("A", "D")), ("title and brand", ("A", "B"))}


class Pictures(BaseHTTPRequestHandler):
    """A server with one picture, one page, one thing that it tells of only when it sends it, and nothing else."""

    def do_HEAD(self) -> None:
        self._answer({"/a.png": 200, "/page": 200, "/whole.png": 405}.get(self.path, 404))

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/whole.png" else 404)

    def _answer(self, status: int) -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "image/png")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    server.asked = []  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_pictures_on_the_web(tmp_path: Path, make_product: MakeProduct, server: ThreadingHTTPServer) -> None:
    address = f"http://127.0.0.1:{server.server_port}"
    images = [f"{address}/{name}" for name in ("a.png", "page", "whole.png", "gone.png", "a.png")]
    products = [
        make_product(f"P{n}", image=image)
        for n, image in enumerate([*images, "http://127.0.0.1:9/x.png", "http://127.0.0.1:x/"])
    ]
    assert report_feed(products, [], tmp_path).dead_images == ()
    assert server.asked == []  # type: ignore[attr-defined]
    dead = {
        found.product_id: found.reason for found in report_feed(products, [], tmp_path, check_images=True).dead_images
    }
    assert set(dead) == {"P1", "P3", "P5", "P6"}
    assert "no picture" in dead["P1"] and "404" in dead["P3"] and "no answer" in dead["P5"]
    assert server.asked.count("HEAD /a.png") == 1  # type: ignore[attr-defined]
