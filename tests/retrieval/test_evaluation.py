from math import log2
from pathlib import Path

import pytest

from retrieval.errors import JudgmentsError
from retrieval.evaluation.bootstrap import paired_difference
from retrieval.evaluation.folds import fold_of
from retrieval.evaluation.judgments import read_judged_queries, read_qrels
from retrieval.evaluation.measures import JUDGED, MRR, NDCG, RECALL, measure

QUERIES = 'query_id,query\nq1,copper kettle\nq2,"mug, blue"\n'
QRELS = "query_id,product_id,gain\nq1,k1,1\nq1,k2,0.1\nq2,m1,0\n"


def write(folder: Path, queries: str = QUERIES, qrels: str = QRELS) -> tuple[Path, Path]:
    paths = folder / "queries.csv", folder / "qrels.csv"
    for path, text in zip(paths, (queries, qrels), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_ndcg_of_fractional_gains_is_the_hand_computed_one() -> None:
    gains = {"q": {"a": 1.0, "b": 0.1, "c": 0.01, "d": 0.0, "e": 0.1}}
    shown = {"q": ["d", "b", "unjudged", "a", "c"]}
    dcg = 0.1 / log2(3) + 1.0 / log2(5) + 0.01 / log2(6)
    ideal = 1.0 + 0.1 / log2(3) + 0.1 / log2(4) + 0.01 / log2(5)
    values = measure(shown, shown, gains)
    assert values[NDCG]["q"] == pytest.approx(dcg / ideal, abs=1e-9)
    assert values[MRR]["q"] == 0.5 and values[RECALL]["q"] == 1.0 and values[JUDGED]["q"] == 0.8


@pytest.mark.parametrize("levels", [(7.0, 3.0, 1.0), (0.333333, 1 / 7, 250.5), (1e-5, 3e-5, 2e-5), (1e6, 1.0, 0.5)])
def test_ndcg_is_linear_in_any_gains_however_they_are_written(levels: tuple[float, ...]) -> None:
    first, second, third = levels
    values = measure({"q": ["a", "b", "c"]}, {}, {"q": {"a": first, "b": second, "c": third}})
    best = sorted(levels, reverse=True)
    expected = (first + second / log2(3) + third / 2) / (best[0] + best[1] / log2(3) + best[2] / 2)
    assert values[NDCG]["q"] == pytest.approx(expected, abs=1e-6)


def test_the_ideal_counts_ten_judged_products_and_the_eleventh_shown_is_not_read() -> None:
    gains = {"q": {f"p{number}": 1.0 for number in range(12)}}
    shown = {"q": [f"n{number}" for number in range(10)] + ["p0"]}
    values = measure(shown, shown, gains)
    assert values[NDCG]["q"] == 0.0 and values[MRR]["q"] == 0.0 and values[JUDGED]["q"] == 0.0
    assert values[RECALL]["q"] == pytest.approx(1 / 12)
    # Ties of gains must not let the library reorder what was shown: ranks are ranks.
    turned = {"q": ["n0", *(f"p{number}" for number in range(11, 2, -1))]}
    full = sum(1 / log2(rank + 1) for rank in range(1, 11))
    assert measure(turned, turned, gains)[NDCG]["q"] == pytest.approx((full - 1) / full)


def test_a_query_with_nothing_relevant_counts_for_judged_only_and_one_without_hits_counts_zero() -> None:
    gains = {"nothing": {"a": 0.0}, "missed": {"a": 2.0}}
    values = measure({"nothing": ["a", "b"], "missed": []}, {"missed": []}, gains)
    assert values[NDCG] == values[MRR] == values[RECALL] == {"missed": 0.0}
    assert values[JUDGED] == {"nothing": 0.5, "missed": 0.0}


def test_recall_counts_the_products_of_the_top_grade_down_to_rank_100() -> None:
    gains = {"q": {"top1": 7.0, "top2": 7.0, "good": 3.0}}
    filler = [f"n{number}" for number in range(99)]
    assert measure({}, {"q": ["good", *filler, "top1"]}, gains)[RECALL]["q"] == 0.0
    assert measure({}, {"q": [*filler, "top1", "top2"]}, gains)[RECALL]["q"] == 0.5


def test_the_bootstrap_tells_a_sure_difference_from_chance_and_repeats_itself() -> None:
    base = {f"q{number}": number / 40 for number in range(40)}
    better = {query: value + 0.1 + 0.05 * (number % 2) for number, (query, value) in enumerate(base.items())}
    found = paired_difference(better, base, resamples=500)
    assert found is not None and found == paired_difference(better, base, resamples=500)
    assert found.mean == pytest.approx(0.125) and 0.1 < found.low < 0.125 < found.high < 0.15
    assert found.share_not_better == 0.0
    noise = {query: value + (0.1 if number % 2 else -0.1) for number, (query, value) in enumerate(base.items())}
    unsure = paired_difference(noise, base, resamples=500)
    assert unsure is not None and unsure.low < 0 < unsure.high and 0.3 < unsure.share_not_better < 0.7
    same = paired_difference(base, base, resamples=50)
    assert same is not None and same.share_not_better == 1.0
    assert paired_difference({}, base) is None


def test_folds_are_even_and_never_change() -> None:
    counts = [0] * 5
    for number in range(1000):
        counts[fold_of(f"query-{number}", 5)] += 1
    assert min(counts) > 150
    # Written down: a fold that moves would let a trainer see what it is measured on.
    assert [fold_of(query, 5) for query in ("a", "b", "锅", "q17")] == [0, 1, 3, 1]
    with pytest.raises(ValueError, match="two or more"):
        fold_of("a", 1)


def test_queries_and_judgments_are_read_and_what_is_in_one_file_only_is_named(tmp_path: Path) -> None:
    queries = QUERIES + "q3,unjudged one\n"
    judged = read_judged_queries(*write(tmp_path, "\ufeff" + queries, QRELS + "q9,k1,1\nq8,k1,1\n"))
    assert judged.texts == {"q1": "copper kettle", "q2": "mug, blue"}
    assert judged.gains == {"q1": {"k1": 1.0, "k2": 0.1}, "q2": {"m1": 0.0}}
    assert "1 query (q3)" in judged.notes[0] and "2 queries (q9, q8)" in judged.notes[1]


def test_a_trec_file_and_a_tsv_say_the_same_as_the_csv(tmp_path: Path) -> None:
    trec, tsv = tmp_path / "qrels.txt", tmp_path / "qrels.tsv"
    trec.write_text("q1 0 k1 1\nq1\t0\tk2\t0.1\n\nq2 0 m1 0\n", encoding="utf-8")
    tsv.write_text("gain\tproduct_id\trater\tquery_id\n1\tk1\tx\tq1\n0.1\tk2\tx\tq1\n0\tm1\tx\tq2\n", encoding="utf-8")
    _, csv = write(tmp_path)
    assert read_qrels(trec) == read_qrels(tsv) == read_qrels(csv)


@pytest.mark.parametrize(
    ("queries", "qrels", "told"),
    [
        ("id,query\nq1,kettle\n", QRELS, "queries.csv, line 1: there is no column query_id; it has id, query."),
        ("", QRELS, "queries.csv, line 1: there is no column query_id, query; it is empty."),
        ("query_id,query\n", QRELS, "queries.csv holds no query."),
        ("query_id,query\nq1,red, blue\n", QRELS, "queries.csv, line 2: more cells than columns."),
        ("query_id,query\nq1,\n", QRELS, "queries.csv, line 2: query is empty."),
        ("query_id,query\nq1,a\n\nq1,b\n", QRELS, "queries.csv, line 4: the query q1 is there twice."),
        ('query_id,query\nq1,"kettle\n', QRELS, "queries.csv, line 2: this is not a CSV row"),
        ("query_id,query\nx,kettle\n", QRELS, "None of the 1 queries of queries.csv has a judgment in qrels.csv."),
        (QUERIES, "query_id,product_id,relevance\nq1,k1,1\n", "qrels.csv, line 1: there is no column gain;"),
        (QUERIES, "query_id,product_id,gain\nq1,k1,good\n", "qrels.csv, line 2: the gain 'good' is not a number"),
        (QUERIES, "query_id,product_id,gain\nq1,k1,nan\n", "qrels.csv, line 2: the gain 'nan' is not a number"),
        (QUERIES, "query_id,product_id,gain\nq1,k1,-2\n", "qrels.csv, line 2: the gain '-2' is not a number of 0"),
        (QUERIES, "query_id,product_id,gain\nq1,k1\n", "qrels.csv, line 2: gain is empty."),
        (QUERIES, "query_id,product_id,gain\nq1,k1,1\nq1,k1,0\n", "qrels.csv, line 3: the product k1 is judged twice"),
        (QUERIES, "query_id,product_id,gain\n", "qrels.csv holds no judgment."),
        (QUERIES, "q1 0 k1 1\nq1 0 k2\n", "qrels.csv, line 2: 3 columns instead of the four"),
        (QUERIES, "q1 0 k1 1\nq1 0 k2 high\n", "qrels.csv, line 2: the gain 'high' is not a number"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, queries: str, qrels: str, told: str) -> None:
    with pytest.raises(JudgmentsError) as error:
        read_judged_queries(*write(tmp_path, queries, qrels))
    assert told in str(error.value)


def test_a_missing_file_and_one_that_is_not_utf8_are_named(tmp_path: Path) -> None:
    with pytest.raises(JudgmentsError, match="There is no file"):
        read_qrels(tmp_path / "nothing.csv")
    (tmp_path / "latin.csv").write_bytes(b"query_id,product_id,gain\nq1,caf\xe9,1\n")
    with pytest.raises(JudgmentsError, match=r"latin.csv, line 2: this is not UTF-8"):
        read_qrels(tmp_path / "latin.csv")
