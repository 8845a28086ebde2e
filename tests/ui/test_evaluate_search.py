import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli import app

FEED = """id,title,price,currency
k1,Copper Kettle with Gooseneck Spout,49.90,USD
k2,Steel Kettle,12,USD
m1,Blue Enamel Mug,9,USD
"""
QUERIES = "query_id,query\nq1,gooseneck kettle\nq2,rocking horse\nq3,never judged\n"
QRELS = "query_id,product_id,gain\nq1,k1,1\nq1,k2,0.1\nq2,m1,0\nq1,gone,0.01\n"
FIELDS = ["system", "ndcg@10", "recall@100", "mrr@10", "judged@10", "p50_ms", "p95_ms", "ndcg@10_against_first"]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHELFTALK_ENCODER", "hashing")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    named = {"catalogue": ("feed.csv", FEED), "queries": ("q.csv", QUERIES), "qrels": ("j.csv", QRELS)}
    for name, text in named.values():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [part for option, (name, _) in named.items() for part in (f"--{option}", str(tmp_path / name))]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["evaluate", "search", *(str(argument) for argument in arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_json_alone_is_on_stdout_and_what_was_left_out_on_stderr(files: list[str]) -> None:
    code, out, told = run(*files, "--json")
    systems = json.loads(out)["systems"]
    assert code == 0 and [line["system"] for line in systems] == ["lexical", "dense", "fused"]
    assert all(list(line) == FIELDS for line in systems)
    assert systems[0]["mrr@10"] == 1.0 and systems[0]["recall@100"] == 1.0 and systems[0]["ndcg@10"] > 0.99
    assert systems[0]["ndcg@10_against_first"] is None
    assert set(systems[2]["ndcg@10_against_first"]) == {"mean", "low", "high", "share_not_better"}
    assert "1 query (q3)" in told and "(gone) not in the catalogue" in told


def test_the_table_has_a_line_a_system_in_the_order_that_was_asked_for(files: list[str], tmp_path: Path) -> None:
    code, out, _ = run(*files, "--systems", "fused, lexical", "--per-query", tmp_path / "ndcg.tsv")
    assert code == 0
    heading, *lines = out.splitlines()
    assert heading.split()[:5] == ["System", "NDCG@10", "Recall@100", "MRR@10", "judged@10"]
    assert [line.split()[0] for line in lines] == ["fused", "lexical"]
    table = [line.split("\t") for line in (tmp_path / "ndcg.tsv").read_text(encoding="utf-8").splitlines()]
    assert table[0] == ["query_id", "fused", "lexical"] and [row[0] for row in table[1:]] == ["q1"]


@pytest.mark.parametrize(
    ("systems", "told"),
    [
        ("lexical,magic", "no system called 'magic'. Choose one of: lexical, dense, fused, reranked."),
        ("", "no system called ''. Choose one of: lexical, dense, fused, reranked."),
        ("reranked", "'reranked' needs a ranker, and none is chosen that knows the encoder: set SHELFTALK_RANKER"),
    ],
)
def test_a_system_that_cannot_be_measured_is_said_so_before_anything_is_imported(
    files: list[str], tmp_path: Path, systems: str, told: str
) -> None:
    code, out, errors = run(*files, "--systems", systems, "--json")
    assert code == 2 and out == "" and told in errors
    assert not (tmp_path / "cache").exists()


def test_a_bad_judgment_is_named_by_file_and_line(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("query_id,product_id,gain\nq1,k1,1\nq1,k2,very\n", encoding="utf-8")
    code, out, told = run(*files)
    assert code == 2 and out == "" and "j.csv, line 3: the gain 'very'" in told and "Traceback" not in told


def test_a_table_that_cannot_be_written_is_said_so(files: list[str], tmp_path: Path) -> None:
    code, _, told = run(*files, "--systems", "lexical", "--per-query", tmp_path / "no" / "such.tsv")
    assert code == 2 and "such.tsv cannot be written" in told
