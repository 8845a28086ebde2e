import gzip
import io
import zipfile
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers import read_feed
from retrieval.importers.files import has_ending, open_feeds, read_lines, read_start
from tests.retrieval.feeds import GOLDEN, expected_products


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        ("feed.jsonl", "feed.expected.json"),
        ("feed.csv", "feed.expected.json"),
        ("google.xml", "google.expected.json"),
        ("google.tsv", "google.expected.json"),
    ],
)
def test_packed_feeds_are_read(tmp_path: Path, name: str, golden: str) -> None:
    content = (GOLDEN / name).read_bytes()
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(content))
    assert read_feed(packed) == (expected_products(golden), [])
    archive = make_zip(tmp_path / "export.zip", {f"shop/{name}": content, "__MACOSX/._x": b"\0", ".DS_Store": b"\0"})
    assert read_feed(archive) == (expected_products(golden), [])


def test_several_feeds_in_a_zip_are_one_catalogue(tmp_path: Path) -> None:
    files = {"a.csv": b"\xef\xbb\xbfid,title\n1,Kettle\n", "b.csv": b"title,id\nMug,2\nKettle again,1\n"}
    products, errors = read_feed(make_zip(tmp_path / "feeds.zip", files))
    assert [(product.id, product.title) for product in products] == [("1", "Kettle"), ("2", "Mug")]
    assert [(error.file, error.row) for error in errors] == [("feeds.zip/b.csv", 3)]


def test_a_zip_of_several_kinds_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "mixed.zip", {"a.csv": b"id,title\n", "b.jsonl": b""})
    with pytest.raises(CatalogueError, match="several of the same kind"):
        read_feed(path)
    assert not has_ending(make_zip(tmp_path / "empty.zip", {}), ".csv")


@pytest.mark.parametrize("name", ["feed.csv.gz", "feed.zip"])
def test_what_unpacks_to_far_too_much_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = b"id,title\n" + b"\n" * (80 << 20)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(rows))
    else:
        make_zip(path, {"feed.csv": rows})
    with pytest.raises(CatalogueError, match="unpacks to far more"):
        for _, feed in open_feeds(path):
            while feed.read(1 << 20):
                pass


def test_a_damaged_zip_is_said_so(tmp_path: Path) -> None:
    whole = make_zip(tmp_path / "feed.zip", {"feed.csv": b"id,title\n" + bytes(range(32, 127)) * 50}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-10])
    (tmp_path / "flipped.zip").write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    for name in ("cut.zip", "flipped.zip"):
        with pytest.raises(CatalogueError, match=f"{name} cannot be read to its end"):
            read_feed(tmp_path / name)


def test_a_zip_with_a_password_is_said_so(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("feed.csv", "id,title\n1,Kettle\n")
    content = bytearray(buffer.getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(CatalogueError, match=r"secret\.zip cannot be read .*password"):
        read_feed(path)


def test_starts_and_lines_are_unpacked_and_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfid,title\r\n1,Kettle\r\n"))
    assert read_start(path, 8) == b"id,title"
    assert list(read_lines(path)) == [b"id,title\r\n", b"1,Kettle\r\n"]
