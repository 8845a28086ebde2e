"""The gate: a candidate goes live only if no figure falls and one rises."""

import pytest

from finetune.gate import judge

BEFORE = {
    "requests": {
        "first_call_accuracy": 0.86,
        "by_language": {"en": {"first_call_accuracy": 0.86}},
        "over_refusal": 0.1,
    },
    "conversations": {"pass^1": 0.62, "held_back_per_100": 3.5, "turn_p50_s": 2.3},
}


def changed(**figures: float) -> dict[str, dict[str, object]]:
    after = {name: dict(group) for name, group in BEFORE.items()}
    for name, value in figures.items():
        group = next(group for group in after.values() if name in group)
        group[name] = value
    return after


def test_a_figure_that_rises_and_none_that_falls() -> None:
    verdict = judge(BEFORE, changed(first_call_accuracy=0.9))
    assert verdict.passes
    assert verdict.rose == ("requests.first_call_accuracy",)
    assert verdict.line() == "Goes live: requests.first_call_accuracy 0.86 → 0.9."


def test_one_that_falls_outweighs_all_that_rise() -> None:
    verdict = judge(BEFORE, changed(first_call_accuracy=0.95, **{"pass^1": 0.61}))
    assert not verdict.passes
    assert verdict.fell == ("conversations.pass^1",)
    assert "0.62 → 0.61 got worse" in verdict.line()


def test_a_share_that_should_be_low_falls_by_rising() -> None:
    assert judge(BEFORE, changed(held_back_per_100=4.0)).fell == ("conversations.held_back_per_100",)
    assert judge(BEFORE, changed(over_refusal=0.0)).passes


def test_seconds_don_t_count_and_the_same_figures_are_no_reason() -> None:
    verdict = judge(BEFORE, changed(turn_p50_s=1.0))
    assert not verdict.passes
    assert verdict.line() == "Stays out: nothing got better."


def test_a_language_may_not_pay_for_another() -> None:
    after = changed(first_call_accuracy=0.9)
    after["requests"]["by_language"] = {"en": {"first_call_accuracy": 0.8}}
    assert judge(BEFORE, after).fell == ("requests.by_language.en.first_call_accuracy",)


def test_what_isn_t_measured_doesn_t_go_live() -> None:
    with pytest.raises(ValueError, match="Nothing was measured"):
        judge({"requests": {}}, {"requests": {"first_call_accuracy": 1.0}})
