import itertools
import random
import threading
import time
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from retrieval.database import open_database
from retrieval.errors import CatalogueError, ProductNotFound
from retrieval.product_store import ProductStore
from retrieval.schema import Filters, Money, Product, ProductTexts, Review, Variant
from tests.retrieval.makers import MakeProduct


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    return ProductStore(open_database(tmp_path))


@pytest.fixture
def boots() -> Product:
    return Product(
        id="B1",
        texts={
            "en": ProductTexts(title="Trail Boots", short_name="Trail Boots", attributes={"Material": "Suede"}),
            "zh": ProductTexts(title="越野靴", short_name="越野靴", attributes={"材质": "绒面革"}),
        },
        brand="Fernhollow",
        department="Footwear",
        category="Hiking boots",
        price=usd("149.00"),
        stock=7,
        rating=4.6,
        rating_count=12,
        attributes={"material": "suede"},
        variants=(
            Variant(id="B1-39", title="39", options={"size": "39"}, price=usd("149.00"), stock=3),
            Variant(id="B1-40", title="40", options={"size": "40"}, price=usd("159.50"), stock=4),
        ),
        reviews=(Review(rating=5, text="Good."),),
    )


def test_a_product_comes_back_as_it_was(store: ProductStore, boots: Product) -> None:
    store.put([boots])
    assert store.get("B1") == boots
    assert str(store.get("B1").price) == "$149.00"


@pytest.mark.parametrize("amount", ["0", "0.1", "149.999999", "999999999999.99", "12.345", "1500"])
def test_amounts_are_exact(store: ProductStore, make_product: MakeProduct, amount: str) -> None:
    store.put([make_product("A", price=amount)])
    price = store.get("A").price
    assert price is not None and price.amount == Decimal(amount)


def test_an_amount_that_would_be_rounded_is_refused(store: ProductStore, make_product: MakeProduct) -> None:
    with pytest.raises(Exception, match="six decimals"):
        store.put([make_product("A", price="0.0000001")])
    assert store.count() == 0


def test_put_replaces_and_changes_nothing_else(store: ProductStore, make_product: MakeProduct) -> None:
    store.put([make_product("A", "Old"), make_product("B")])
    store.put([make_product("A", "Newer"), make_product("A", "Newest")])
    assert (store.count(), store.get("A").title) == (2, "Newest")


def test_many_keep_the_order_asked_for(store: ProductStore, make_product: MakeProduct) -> None:
    store.put([make_product(f"P{number}") for number in range(1200)])
    wanted = [f"P{number}" for number in range(1199, -1, -1)]
    assert [product.id for product in store.get_many([*wanted, "missing"])] == wanted


def test_a_missing_product_is_said_so(store: ProductStore) -> None:
    assert store.find("nope") is None
    with pytest.raises(ProductNotFound, match="'nope'"):
        store.get("nope")


def test_the_shops_words_are_listed_once(store: ProductStore, boots: Product, make_product: MakeProduct) -> None:
    store.put([boots, make_product("X"), make_product("Y", category="Hiking boots", brand="aurora")])
    assert (store.categories(), store.brands(), store.departments()) == (
        ["Hiking boots"],
        ["aurora", "Fernhollow"],
        ["Footwear"],
    )


def test_price_and_stock_change_alone(store: ProductStore, make_product: MakeProduct) -> None:
    store.put([make_product("A", stock=3)])
    store.set_price_and_stock("A", usd("8.5"), 0)
    assert (store.get("A").price, store.get("A").stock) == (usd("8.5"), 0)
    assert store.admitted_ids(Filters(max_price=Decimal(9))) == {"A"}
    store.set_price_and_stock("A", None, None)
    assert (store.get("A").price, store.get("A").stock) == (None, None)


def test_a_variants_change_reaches_its_product(store: ProductStore, boots: Product) -> None:
    store.put([boots])
    store.set_price_and_stock("B1", usd("99.00"), 0, variant_id="B1-40")
    changed = store.get("B1")
    assert (changed.price, changed.stock) == (usd("99.00"), 3)
    assert (changed.variants[1].price, changed.variants[1].stock) == (usd("99.00"), 0)
    assert changed.variants[0] == boots.variants[0]


def test_an_unknown_product_or_variant_cannot_change(store: ProductStore, boots: Product) -> None:
    store.put([boots])
    for product_id, variant_id in (("B2", None), ("B1", "B1-99"), ("B2", "B1-39")):
        with pytest.raises(ProductNotFound):
            store.set_price_and_stock(product_id, usd("1"), 1, variant_id)
    with pytest.raises(ValueError, match="-1"):
        store.set_price_and_stock("B1", usd("1"), -1)
    assert store.get("B1") == boots


def test_sql_admits_what_the_filters_admit(store: ProductStore, make_product: MakeProduct, boots: Product) -> None:
    shelf = [
        boots,
        make_product("free", price="0"),
        make_product("unknown", price=None, stock=None),
        make_product("euro", price=None).model_copy(update={"price": Money(amount=Decimal(20), currency="EUR")}),
        make_product("sold-out", stock=0, brand="FERNHOLLOW", rating=4.5),
        make_product("strasse", stock=1, brand="Straße", category="hiking BOOTS", attributes={"Size": "40"}),
    ]
    store.put(shelf)
    choices: dict[str, list[object]] = {
        "min_price": [None, Decimal(0), Decimal("10.000000001"), Decimal("1e30")],
        "max_price": [None, Decimal(10), Decimal("148.9999999"), Decimal("1e30")],
        "currency": [None, "EUR"],
        "brand": [None, "fernhollow", "STRASSE"],
        "category": [None, "Hiking Boots"],
        "in_stock": [None, True, False],
        "min_rating": [None, 4.5],
        "attributes": [{}, {"SIZE": "40"}, {"材质": "绒面革"}, {"size": "40", "material": "suede"}],
    }
    combinations = list(itertools.product(*choices.values()))
    for values in random.Random(4).sample(combinations, 400):
        filters = Filters.model_validate(dict(zip(choices, values, strict=True)))
        expected = {product.id for product in shelf if filters.admit(product)}
        assert store.admitted_ids(filters) == expected, filters
        assert store.admitted_ids(filters, among=["B1", "euro", "gone"]) == expected & {"B1", "euro"}


def test_many_ratings_beat_one_perfect_one(store: ProductStore, make_product: MakeProduct) -> None:
    store.put(
        [
            make_product("none"),
            make_product("lucky", rating=5.0, rating_count=1),
            make_product("proven", rating=4.8, rating_count=300),
        ]
    )
    assert [identifier for identifier, _ in store.best_rated(Filters(), 3)] == ["proven", "lucky", "none"]


def test_an_import_is_all_or_nothing(store: ProductStore, make_product: MakeProduct) -> None:
    store.apply([make_product("old")], [], ["old"], "one")
    with pytest.raises(Exception, match="UNIQUE"):
        store.apply([make_product("new"), make_product("new")], ["old"], ["new"], "two")
    assert ([product.id for product in store.all()], store.generation()) == (["old"], "one")


def test_what_comes_into_a_shop_is_new_and_what_a_shop_began_with_isnt(
    store: ProductStore, make_product: MakeProduct
) -> None:
    def bring(*ids: str, removed: tuple[str, ...] = (), order: str = "") -> dict[str, float | None]:
        store.apply([make_product(product_id) for product_id in ids], removed, list(order), "g")
        return {fact.id: fact.arrived for fact in store.facts()}

    began = time.time()
    assert bring("a", "b", order="ab") == {"a": None, "b": None}
    second = bring("b", "c", order="abc")
    assert (second["a"], second["b"]) == (None, None)
    assert second["c"] is not None and began <= second["c"] <= time.time()
    # Read anew it is as new as it was; gone and back, too.
    assert bring("c", order="abc") == second
    bring(removed=("c",), order="ab")
    assert bring("c", order="abc") == second


def test_threads_read_while_one_writes(store: ProductStore, make_product: MakeProduct) -> None:
    store.put([make_product(f"P{number}", stock=1) for number in range(20)])
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for _ in range(10):
                store.set_price_and_stock(f"P{number}", usd("1"), number)
                assert store.get(f"P{number}").stock == number
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_sqlite_is_set_up_for_a_shop(tmp_path: Path) -> None:
    with open_database(tmp_path / "new" / "shop").connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_bytes(b"not a database" * 200)
    with pytest.raises(CatalogueError, match=r"shop\.sqlite cannot be read"):
        open_database(tmp_path)


def test_in_stock_without_a_number(tmp_path: Path, make_product: MakeProduct) -> None:
    # Many feeds say that there are some, and not how many.
    shop = ProductStore(open_database(tmp_path))
    told = make_product("told", "Mug", attributes={"availability": "in_stock"})
    untold = make_product("untold", "Cup")
    gone = make_product("gone", "Jug", stock=0, attributes={"availability": "in_stock"})
    shop.apply([told, untold, gone], [], ["told", "untold", "gone"], "g")
    for wanted, expected in ((True, {"told"}), (False, {"gone"})):
        filters = Filters(in_stock=wanted)
        assert shop.admitted_ids(filters) == expected
        assert {product.id for product in (told, untold, gone) if filters.admit(product)} == expected


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(CatalogueError, match="does not answer") as refused:
        open_database("postgresql+psycopg://shop:secret@127.0.0.1:1/shop")
    assert "127.0.0.1:1/shop" in str(refused.value)
    assert "secret" not in str(refused.value)
