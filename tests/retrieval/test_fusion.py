from retrieval.fusion import fuse


def test_agreement_beats_one_first_place() -> None:
    assert [identifier for identifier, _ in fuse(["a", "b", "c"], ["b", "d", "a"])] == ["b", "a", "d", "c"]


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    assert dict(fuse(["a"], ["b", "a"])) == {"a": 1 / 61 + 1 / 62, "b": 1 / 61}


def test_nothing_fused_is_nothing() -> None:
    assert fuse() == fuse([], []) == []
