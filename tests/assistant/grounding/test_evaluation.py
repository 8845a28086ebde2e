"""The measures of grounding: sets of sentences, by writers who hadn't seen the code (varied.yaml: by a developer).

All but the seventh have been tuned on since they were first measured; finetune/LOG.md gives what they said before that.
"""

from tests.assistant.grounding.measured import Measured, measure


def test_evaluation_set() -> None:
    caught, alarms = _figures(measure("evaluation.yaml"), of_each=200)
    assert len(caught) >= 196
    assert len(alarms) <= 4, alarms


def test_regression_guard_on_the_fresh_set() -> None:
    # Before anybody looked, one half had 55 of 60 caught and 8 of 60 false alarms.
    caught, alarms = _figures(measure("fresh.yaml"), of_each=120)
    assert len(caught) >= 115
    assert len(alarms) <= 2, alarms


def test_regression_guard_on_the_third_set() -> None:
    # Before anybody looked: 58 of 64 caught, 10 of 64 false alarms.
    caught, alarms = _figures(measure("third.yaml"), of_each=64)
    assert len(caught) == 64
    assert not alarms


def test_regression_guard_on_the_fourth_set() -> None:
    # Before anybody looked: 47 of 55 caught, 4 of 55 false alarms.
    caught, alarms = _figures(measure("fourth.yaml"), of_each=55)
    assert len(caught) >= 51
    assert not alarms


def test_regression_guard_on_the_fifth_set() -> None:
    # Before anybody looked: 90 of 108 caught, 30 of 102 false alarms.
    sentences = measure("fifth.yaml")
    assert sum(one.held and not one.grounded for one in sentences) >= 89
    assert sum(one.held and one.grounded for one in sentences) <= 19


def test_regression_guard_on_the_sixth_set() -> None:
    # Before anybody looked: 92 of 110 caught, 42 of 110 false alarms.
    caught, alarms = _figures(measure("sixth.yaml"), of_each=110)
    assert len(caught) >= 92
    assert len(alarms) <= 33


def test_the_seventh_set_by_its_totals_alone() -> None:
    """Nobody has read it: mend nothing for it, and let a failure print nothing of it."""
    caught, alarms = (len(found) for found in _figures(measure("seventh.yaml"), of_each=110))
    assert caught >= 92
    assert alarms <= 38


def test_regression_guard_on_the_varied_sentences() -> None:
    # Before anything was mended for them: 91 of 103 caught, 26 of 136 false alarms.
    sentences = measure("varied.yaml")
    missed = [one.text for one in sentences if not one.held and not one.grounded]
    alarms = [one.text for one in sentences if one.held and one.grounded]
    assert len(missed) <= 1 and len(alarms) <= 2, (missed, alarms)


def test_regression_guard_on_the_paraphrases() -> None:
    # Before anything was mended for them: 45 of 56 caught, 28 of 106 false alarms.
    sentences = measure("paraphrased.yaml")
    missed = [one.text for one in sentences if not one.held and not one.grounded]
    alarms = [one.text for one in sentences if one.held and one.grounded]
    assert len(missed) <= 1 and len(alarms) <= 7, (missed, alarms)


def test_carts_deliveries_and_sizes() -> None:
    sentences = measure("shopping.yaml")
    assert [one.text for one in sentences if one.held is one.grounded] == []


def _figures(sentences: list[Measured], *, of_each: int) -> tuple[list[str], list[str]]:
    """Return the ungrounded sentences that were caught and the grounded ones that were held back."""
    assert sum(one.grounded for one in sentences) == sum(not one.grounded for one in sentences) == of_each
    caught = [one.text for one in sentences if one.held and not one.grounded]
    return caught, [one.text for one in sentences if one.held and one.grounded]
