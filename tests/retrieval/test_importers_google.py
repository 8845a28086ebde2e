from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers import find_importer, load_importer, read_feed
from retrieval.importers.google import GoogleTsvImporter, GoogleXmlImporter
from tests.retrieval.feeds import GOLDEN, expected_errors, expected_products

_ITEM = "<item><g:id>{0}</g:id><g:title>Kettle {0}</g:title></item>"


def rss(*items: str, head: str = "") -> str:
    body = "\n".join(items)
    return (
        f'<?xml version="1.0"?>{head}<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n{body}\n</channel></rss>'
    )


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        ("google.xml", "google.expected.json"),
        ("google.tsv", "google.expected.json"),
        ("google.atom", "google_atom.expected.json"),
    ],
)
def test_feeds_become_the_golden_products(name: str, golden: str) -> None:
    assert read_feed(GOLDEN / name) == (expected_products(golden), [])


@pytest.mark.parametrize("name", ["google_broken.xml", "google_broken.tsv"])
def test_broken_items_are_named_and_the_good_ones_kept(name: str) -> None:
    products, errors = read_feed(GOLDEN / name)
    assert [product.id for product in products] == ["good-1", "good-2"]
    assert [str(error) for error in errors] == expected_errors(f"{name}.expected.txt")
    assert [error.column for error in errors if error.kept] == (["gtin"] if name.endswith(".xml") else [])


def test_the_formats_are_told_apart(tmp_path: Path) -> None:
    assert isinstance(find_importer(GOLDEN / "google.xml"), GoogleXmlImporter)
    assert isinstance(find_importer(GOLDEN / "google.tsv"), GoogleTsvImporter)
    (tmp_path / "plain.tsv").write_text("id\ttitle\tprice\n1\tKettle\t5 USD\n")
    assert not load_importer("google-tsv").identify(tmp_path / "plain.tsv")
    (tmp_path / "sitemap.xml").write_text("<urlset/>")
    with pytest.raises(CatalogueError, match="google-xml"):
        find_importer(tmp_path / "sitemap.xml")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ],
)
def test_entities_are_refused(tmp_path: Path, head: str) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(rss("<item><g:id>1</g:id><g:title>&a;</g:title></item>", head=head))
    with pytest.raises(CatalogueError, match="declares entities"):
        read_feed(path)


def test_a_feed_cut_off_in_the_middle_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(rss(_ITEM.format(1), _ITEM.format(2))[:-60])
    # Importing what came through would remove the other products from the shop.
    with pytest.raises(CatalogueError, match=r"not well-formed XML \(.*line 3"):
        read_feed(path)


def test_items_come_before_the_whole_feed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(rss(*(_ITEM.format(number) for number in range(5000)))[:-10])
    found = load_importer("google-xml").extract(path, {})
    assert [next(found).id for _ in range(3)] == ["0", "1", "2"]  # type: ignore[union-attr]


def test_markup_that_was_not_escaped_is_text_as_well(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    text = "<g:description>Two <b>cups</b><br/>or <p>more</p></g:description>"
    path.write_text(rss(f"<item><g:id>1</g:id><g:title>Kettle</g:title>{text}</item>"))
    assert read_feed(path)[0][0].text("en").description == "Two cups\nor\nmore"


def test_a_mapping_renames_attributes(tmp_path: Path) -> None:
    path = tmp_path / "feed.tsv"
    path.write_text("id\ttitle\tHouse Price\tavailability\n1\tKettle\t5\tin_stock\n")
    products, errors = read_feed(path, {"price": "House Price", "currency": "=EUR", "language": "=de"})
    assert errors == [] and str(products[0].price) == "€5.00" and products[0].language == "de"
    with pytest.raises(CatalogueError, match="There are: id, title"):
        read_feed(path, {"sale_price": "House Price"})


def item(number: str, title: str, group: str = "G", **attributes: str) -> str:
    cells = "".join(f"<g:{name}>{text}</g:{name}>" for name, text in attributes.items())
    return (
        f"<item><g:id>{number}</g:id><g:item_group_id>{group}</g:item_group_id><g:title>{title}</g:title>{cells}</item>"
    )


def test_what_varies_is_an_option_and_what_does_not_an_attribute(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(
        rss(
            item("1", "Sofa Bergen, two seats", material="wool", size="2", availability="in_stock"),
            item("2", "Sofa Bergen, three seats", material="wool", size="3", availability="out_of_stock"),
        )
    )
    (sofa,), errors = read_feed(path)
    assert errors == [] and sofa.id == "G" and sofa.title == "Sofa Bergen"
    assert [variant.options for variant in sofa.variants] == [{"size": "2"}, {"size": "3"}]
    # The two-seater is available in an unknown number, so the sofa isn't sold out.
    assert [variant.stock for variant in sofa.variants] == [None, 0] and sofa.stock is None
    assert sofa.attributes == {"material": "wool", "availability": "in_stock"}


def test_a_single_item_of_a_group_is_a_product_with_one_variant(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(rss(item("1", "Sofa Bergen - grey", color="grey", gender="unisex")))
    (sofa,), _ = read_feed(path)
    assert (sofa.id, sofa.title, sofa.attributes) == ("G", "Sofa Bergen", {"gender": "unisex"})
    assert [(variant.id, variant.title, variant.options) for variant in sofa.variants] == [
        ("1", "grey", {"color": "grey"})
    ]


def test_a_sale_price_above_the_price_is_no_reduction(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(rss(item("1", "Sofa", price="5 USD", sale_price="7 USD")))
    (sofa,), _ = read_feed(path)
    assert str(sofa.price) == "$7.00" and sofa.list_price is None
