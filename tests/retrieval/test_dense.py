from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.dense import DenseIndex, build_dense, open_dense
from retrieval.schema import Filters
from tests.retrieval.makers import MakeProduct


@pytest.fixture
def index(tmp_path: Path, make_product: MakeProduct) -> Iterator[DenseIndex]:
    """Forty products on a quarter circle, P0 at its start; every fourth is a kettle."""
    products = [
        make_product(f"P{number}", category="Kettles" if number % 4 == 0 else None, brand="Aurora")
        for number in range(40)
    ]
    angles = np.linspace(0, np.pi / 2, 40)
    build_dense(tmp_path / "dense", products, np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))
    opened = open_dense(tmp_path / "dense")
    yield opened
    opened.close()


START = np.array([1.0, 0.0], dtype=np.float32)


def test_the_nearest_come_first(index: DenseIndex) -> None:
    assert index.search(START, 3) == ["P0", "P1", "P2"]


def test_stable_fields_go_down_and_ignore_case(index: DenseIndex) -> None:
    assert index.search(START, 3, Filters(category="kettles", brand="AURORA")) == ["P0", "P4", "P8"]
    assert index.search(START, 3, Filters(department="Kitchen")) == []


def test_only_the_given_ids_are_searched(index: DenseIndex) -> None:
    assert index.search(START, 5, ids=["P39", "P20", "not there"]) == ["P20", "P39"]
    assert index.search(START, 5, ids=[]) == []


def test_more_may_be_asked_for_than_there_are(index: DenseIndex) -> None:
    assert len(index.search(START, 500)) == index.count() == 40


def test_vectors_come_back(index: DenseIndex) -> None:
    held = index.vectors(["P0", "not there"])
    assert list(held) == ["P0"] and np.allclose(held["P0"], START)
