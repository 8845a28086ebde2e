"""The trainers of the reranker and of the encoder on a tiny model: they learn, they are measured, they are written."""

import csv
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import typer

from finetune import sentence_job, train_encoder, train_reranker
from finetune.errors import TrainingError
from finetune.pairs import Pair, above_the_rest, made_pairs
from finetune.sentence_training import SentenceRecipe
from retrieval.encoders import HashingEncoder
from retrieval.errors import WeightsError
from retrieval.importers import read_feed
from retrieval.rerankers import load_reranker

_KINDS = ("boots", "lamp", "kettle", "novel")
_COLOURS = ("red", "blue", "green")
_RECIPE = SentenceRecipe(steps=40, batch=8, rate=1e-2, tokens=16, made=10)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SentenceTransformer of a few thousand weights."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_KINDS, *_COLOURS]
    BertTokenizerFast(vocab={word: place for place, word in enumerate(words)}).save_pretrained(folder)
    # Wide beginnings and no dropout: so few weights learn from a few steps only then.
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        initializer_range=0.2,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder)
    transformer = Transformer(str(folder))
    whole = tmp_path_factory.mktemp("base")
    SentenceTransformer(modules=[transformer, Pooling(16)]).save_pretrained(str(whole))
    return whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judged set: each kind in each colour, asked by kind and colour."""
    products = [
        {"id": f"{colour}-{kind}", "title": f"{colour} {kind}", "category": kind, "price": "9.00", "currency": "EUR"}
        for kind in _KINDS
        for colour in _COLOURS
    ]
    with gzip.open(tmp_path / "catalogue.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(product) + "\n" for product in products)
    asked = {f"q{place}": product for place, product in enumerate(products)}
    with (tmp_path / "queries_dev.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("query_id", "query"), *((name, product["title"]) for name, product in asked.items())]
        )
    with (tmp_path / "qrels_dev.csv").open("w", newline="") as file:
        rows = [
            (name, other["id"], 1.0 if other["id"] == wanted["id"] else 0.0)
            for name, wanted in asked.items()
            for other in products
        ]
        csv.writer(file).writerows([("query_id", "product_id", "gain"), *rows])
    return tmp_path


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Candidates by hashed words, and one thread: a tiny model's threads would only wait for each other."""
    import torch

    monkeypatch.setattr(sentence_job, "load_encoder", lambda name, base: HashingEncoder())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_a_reranker_learns_what_fits_and_the_search_loads_it(base: Path, tmp_path: Path) -> None:
    # Whatever was asked, red is what fits: a small model learns that in a moment.
    pairs = [Pair(kind, f"{colour} {kind}", float(colour == "red")) for kind in _KINDS for colour in _COLOURS] * 4
    train_reranker.train_reranker(base, pairs, _RECIPE).save_pretrained(str(tmp_path / "trained"))
    reranker = load_reranker(str(tmp_path / "trained"))
    assert reranker is not None
    red, blue, green = reranker.score("boots", ["red boots", "blue boots", "green boots"])
    assert red > max(blue, green) + 0.1
    assert reranker.score("boots", []) == []


def test_a_folder_without_a_reranker_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be loaded"):
        load_reranker(str(tmp_path))


def test_the_commands_measure_and_write(folder: Path, base: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    train_reranker.main([folder], base, work, tmp_path / "reranker", folds=2, steps=3, made=10, anyway=True)
    train_encoder.main([folder], base, work, tmp_path / "encoder", folds=2, steps=3, anyway=True)
    for name in ("reranker", "encoder"):
        assert (tmp_path / name / "model.safetensors").is_file()
        card = (tmp_path / name / "README.md").read_text()
        assert f"# The {name}" in card and "cross-validated by query" in card


def test_what_is_not_better_is_not_written(folder: Path, base: Path, tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        train_reranker.main([folder], base, tmp_path / "work", tmp_path / "reranker", folds=2, steps=1, made=0)
    assert not (tmp_path / "reranker").exists()


def test_nothing_to_learn_from_is_told(base: Path) -> None:
    with pytest.raises(TrainingError, match="nothing to learn"):
        train_encoder.train_encoder(base, [], _RECIPE)


def test_made_pairs_are_half_right(folder: Path) -> None:
    products, _ = read_feed(folder / "catalogue.jsonl.gz")
    long = [
        product.model_copy(
            update={"texts": {"en": product.text("en").model_copy(update={"title": f"fine {product.id}"})}}
        )
        for product in products
    ]
    pairs = list(made_pairs(long, 20, random.Random(1)))
    assert {pair.gain for pair in pairs} == {0.0, 1.0} and all(pair.query for pair in pairs)


def test_candidates_that_were_not_read_stay_below_in_their_order() -> None:
    assert np.argsort(-above_the_rest([0.1, 0.9], 5)).tolist() == [1, 0, 2, 3, 4]
