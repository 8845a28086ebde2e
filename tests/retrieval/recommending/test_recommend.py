"""Recommendations: who gets what, why, and what bad input does to them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from retrieval.recommend import Recommender, nearer_first
from retrieval.recommending.events import MOST_EVENTS, RawEvent, read_events
from retrieval.recommending.exploring import Explorer, Trial
from retrieval.recommending.features import candidates_of
from retrieval.recommending.fitted import fit
from retrieval.recommending.formula import Formula
from retrieval.recommending.past import read_past
from retrieval.recommending.schema import Reason, Suggestion
from retrieval.recommending.situation import situation_of
from tests.retrieval.recommending.makers import NOW, did, make_shop

ITEMS = make_shop()


def shop_of(events: list[RawEvent]) -> Recommender:
    return Recommender(fit(read_events(events, ITEMS, NOW), ITEMS), Formula())


def ids(found: list[Suggestion]) -> list[str]:
    return [each.product_id for each in found]


# Five people buy k0-0 and then k1-0: those two go together.
TOGETHER = [did(f"p{n}", product, 30 - n) for n in range(5) for product in ("k0-0", "k1-0")]


def test_what_others_bought_with_it_comes_first_and_says_so() -> None:
    first = shop_of(TOGETHER).recommend([did("", "k0-0", 3)], NOW, k=4)[0]
    assert first.product_id == "k1-0"
    assert (first.reason.kind, first.reason.product_id, first.reason.count) == ("bought_with", "k0-0", 5)


def test_what_was_just_bought_is_left_out_but_a_consumable_comes_back_when_it_is_due() -> None:
    weekly = [did(f"p{n}", "k2-3", 60 - 10 * week) for n in range(6) for week in range(5)]
    recommender = shop_of([*TOGETHER, *weekly])
    assert "k2-3" not in ids(recommender.recommend([did("", "k2-3", 1)], NOW, k=20))
    again = {each.product_id: each.reason for each in recommender.recommend([did("", "k2-3", 9)], NOW, k=20)}
    assert again["k2-3"].kind == "again"
    # What nobody buys twice never comes back, however long ago it was.
    assert "k0-0" not in ids(recommender.recommend([did("", "k0-0", 300)], NOW, k=20))


def test_a_complement_is_no_substitute_and_a_substitute_no_complement() -> None:
    recommender = shop_of(TOGETHER)
    with_it = ids(recommender.goes_with("k0-0", [], NOW))
    like_it = ids(recommender.similar("k0-0"))
    assert with_it[0] == "k1-0"
    assert all(each.startswith("k0") for each in like_it)
    assert not set(with_it) & set(like_it)
    assert recommender.similar("k9-9") == recommender.goes_with("k9-9", [], NOW) == []


def test_what_goes_with_it_is_of_a_kind_that_its_kinds_buyers_buy_more_than_others() -> None:
    # k0-0's one basket holds a k2; the buyers of all other k0 take a k1, as nobody else does, and k2 is everybody's.
    basket = [did("p0", product, 9) for product in ("k0-0", "k2-0", "k1-0")]
    others = [did(f"q{n}", product, 9) for n in range(1, 7) for product in (f"k0-{n}", f"k1-{n}")]
    everybody = [did(f"r{n}", f"k2-{n % 8}", 9) for n in range(30)]
    with_it = ids(shop_of([*basket, *others, *everybody]).goes_with("k0-0", [], NOW))
    assert with_it[0] == "k1-0" and not any(each.startswith("k2") for each in with_it)


def test_cheaper_is_cheaper() -> None:
    assert set(ids(shop_of(TOGETHER).similar("k0-3", cheaper=True))) == {"k0-0", "k0-1", "k0-2"}


def test_the_list_of_a_stranger_is_popular_and_varied_and_moves_with_each_event() -> None:
    many = [did(f"p{n}", f"k{kind}-{n % 8}", 5) for n in range(40) for kind in range(4)]
    recommender = shop_of(many)
    cold = recommender.recommend([], NOW, k=4)
    assert len({each.product_id[:2] for each in cold}) == 4
    shares = []
    for count in (0, 1, 3):
        seen = [did("", f"k3-{number}", 1, "view") for number in range(count)]
        found = ids(recommender.recommend(seen, NOW, k=6))
        shares.append(sum(each.startswith("k3") for each in found))
    assert shares[0] < shares[1] <= shares[2]


def test_a_stranger_gets_what_is_popular_among_those_of_the_same_segment() -> None:
    # Three times as many people of one language buy k0, those of the other one k2.
    english = [did(f"e{n}", f"k0-{n % 3}", 5) for n in range(90)]
    chinese = [did(f"z{n}", f"k2-{n % 3}", 5) for n in range(30)]
    language = {**{f"e{n}": "en" for n in range(90)}, **{f"z{n}": "zh" for n in range(30)}}
    log = read_events([*english, *chinese], ITEMS, NOW, language)
    recommender = Recommender(fit(log, ITEMS), Formula())
    first = {segment: ids(recommender.recommend([], NOW, k=2, segment=segment))[0] for segment in ("en", "zh", None)}
    assert first["en"].startswith("k0")
    assert first["zh"].startswith("k2")
    # Of a segment that nobody knows the whole shop speaks.
    assert first[None] == ids(recommender.recommend([], NOW, k=2, segment="fr"))[0]


def test_what_one_buys_all_the_time_comes_back_before_what_one_bought_once() -> None:
    weekly = [did(f"w{n}", "k2-3", 7 * week) for n in range(40) for week in range(2, 40)]
    once = [did(f"o{n}", "k1-3", 30 + 7 * n) for n in range(40)]
    few = [did(f"f{n}", "k1-3", day) for n in range(8) for day in (40, 90)]
    recommender = shop_of([*weekly, *once, *few])
    assert recommender.fitted.again is not None
    mine = [*(did("", "k2-3", 7 * week) for week in range(2, 30)), did("", "k1-3", 200)]
    found = recommender.recommend(mine, NOW, k=20)
    assert found[0].product_id == "k2-3"
    assert found[0].reason.kind == "again"
    # Just bought, it rests.
    rested = recommender.recommend([*mine, did("", "k2-3", 0.5)], NOW, k=20)
    assert "k2-3" not in ids(rested)


def test_where_people_come_back_whenever_they_like_a_thing_comes_back_early() -> None:
    # Of twenty who come back, some do after four days and some after a hundred; k1-3 is bought once in a life.
    days = [4, 6, 9, 15, 30, 45, 60, 80, 90, 100]
    often = [did(f"o{n}", "k2-3", 110 - days[n % 10] * step) for n in range(40) for step in (0, 1)]
    once = [did(f"t{n}", "k1-3", 5 * n) for n in range(40)]
    recommender = shop_of([*often, *once])
    mine = [did("", "k2-3", 8), did("", "k1-3", 8)]
    found = ids(recommender.recommend(mine, NOW, k=32))
    assert "k2-3" in found
    assert "k1-3" not in found
    assert "k2-3" not in ids(recommender.recommend([did("", "k2-3", 3)], NOW, k=32))


def test_who_bought_one_of_a_kind_is_shown_no_second_one_unless_they_look_for_it() -> None:
    recommender = shop_of([*TOGETHER, *(did(f"v{n}", f"k0-{n % 8}", 2, "view") for n in range(30))])

    def kinds(*mine: RawEvent) -> set[str]:
        return {each[:2] for each in ids(recommender.recommend(list(mine), NOW, k=8))}

    assert "k0" in kinds(did("", "k0-1", 9, "view"))
    assert "k0" not in kinds(did("", "k0-1", 9, "view"), did("", "k0-0", 3))
    assert "k0" in kinds(did("", "k0-0", 3), did("", "k0-1", 1, "view"))
    assert "k0" in kinds(did("", "k0-0", 90), did("", "k1-1", 3))
    asked = recommender.recommend([did("", "k0-0", 3)], NOW, among={"k0-3": 1.0, "k2-3": 0.5})
    assert "k0-3" in ids(asked)


def test_a_list_tells_little_of_what_one_knows_and_is_of_many_kinds() -> None:
    recommender = shop_of(TOGETHER)
    seen = [f"k{kind}-{number}" for kind in (0, 1) for number in range(5)]
    found = ids(recommender.recommend([did("", each, 2, "view") for each in seen], NOW, k=8))
    assert len(found) == 8
    assert len(set(found) & set(seen)) <= 2
    assert max(Counter(each[:2] for each in found).values()) <= 4
    # Where there is nothing else the list is filled all the same.
    few = recommender.recommend([did("", each, 2, "view") for each in seen], NOW, k=8, admitted=lambda some: set(seen))
    assert len(few) == 8


def test_what_one_has_is_ranked_and_only_the_list_leaves_it_out() -> None:
    recommender = shop_of(TOGETHER)
    mine = [did("", "k0-0", 3), did("", "k3-3", 2, "dislike")]
    situation = situation_of(recommender.fitted, read_past(mine, ITEMS, NOW), NOW.timestamp() / 86400)
    ranked = {ITEMS.ids[row] for row in candidates_of(recommender.fitted, situation)}
    assert "k0-0" in ranked
    assert "k3-3" not in ranked
    assert "k0-0" not in ids(recommender.recommend(mine, NOW, k=32))


def test_ones_own_rhythm_counts_where_nobody_elses_is_known() -> None:
    recommender = shop_of([*TOGETHER, *(did(f"p{n}", "k2-3", 60 - 10 * week) for n in range(6) for week in range(5))])
    monthly = [did("", "k0-3", 30 * month + 24) for month in range(4)]
    chances = situation_of(recommender.fitted, read_past(monthly, ITEMS, NOW), NOW.timestamp() / 86400)
    assert ITEMS.rows["k0-3"] in chances.due


def test_a_new_product_is_found_by_its_content_and_tried_now_and_then() -> None:
    events = [did(f"p{n}", f"k0-{n % 7}", 5, "view") for n in range(30)]
    recommender = shop_of(events)
    past = [did("", "k0-1", 1, "view")]
    assert "k0-7" in ids(recommender.recommend(past, NOW, k=16))
    untried = recommender.untried(past, NOW, 3)
    assert untried[0].product_id == "k0-7"
    assert all(each.explored for each in untried)


def test_what_came_in_lately_is_called_new_and_close_to_what_it_is_close_to() -> None:
    at = NOW.timestamp()
    arrived = {"k0-7": at - 3 * 86400, "k0-6": at - 90 * 86400, "k3-7": at - 60}
    items = replace(ITEMS, arrived={ITEMS.rows[each]: when / 86400 for each, when in arrived.items()})
    events = [did(f"p{n}", f"k{n % 2}-{n % 5}", 5, "view") for n in range(30)]
    recommender = Recommender(fit(read_events(events, items, NOW), items), Formula())
    for kind, bought in (("view", False), ("purchase", True)):
        found = recommender.recommend([did("", "k0-1", 70, kind)], NOW, k=32)
        told = {each.product_id: each.reason for each in found}
        assert (told["k0-7"].kind, told["k0-7"].product_id, told["k0-7"].bought) == ("new", "k0-1", bought)
        assert told["k0-6"].kind == ("bought" if bought else "viewed"), "three months are not new"
    # Nobody has had to do with k0-5 and k0-6, either; what has just come in is tried before them.
    tried = ids(recommender.untried([did("", "k0-1", 70, "view")], NOW, 3))
    assert tried[0] == "k0-7" and set(tried[1:]) == {"k0-5", "k0-6"}
    # Near nothing that the person knows, it is new and no more than that.
    assert told.get("k3-7", Reason(kind="new")) == Reason(kind="new")
    assert {each.product_id: each.reason for each in recommender.untried([], NOW, 40)}["k3-7"] == Reason(kind="new")


def test_exploring_learns_and_can_be_switched_off() -> None:
    trials = [Trial("good", True)] * 60 + [Trial("bad", False)] * 60
    chosen = [Explorer(1.0, seed=n).choose(["good", "bad"], trials) for n in range(30)]
    assert chosen.count("good") > 25
    assert not any(Explorer(0.0, seed=n).draws() for n in range(30))
    assert 0 < sum(Explorer(0.1, seed=n).draws() for n in range(300)) < 75
    assert Explorer(1.0).choose([]) is None


def test_a_robot_that_clicks_one_product_5000_times_does_not_lift_it() -> None:
    people = [did(f"p{n}", f"k1-{n % 4}", 2, "view") for n in range(20)]
    robot = [did("robot", "k2-5", 0.2, "click")] * 5000
    crawler = [did("robot 2", "k2-5", day, "click") for day in range(300)]
    for name, extra in (("one day", robot), ("every day", crawler)):
        before, after = shop_of(people), shop_of([*people, *extra])
        row = ITEMS.rows["k2-5"]
        assert after.fitted.popularity.lately[row] <= before.fitted.popularity.lately.max(), name
        assert ids(after.recommend([], NOW, k=4))[0] != "k2-5", name


def test_events_of_the_future_of_unknown_products_and_out_of_order_do_no_harm() -> None:
    odd = [did("p1", "k0-0", -3), did("p1", "nothing", 3), did("p1", "k0-0", 3, "dance"), did("p1", "k1-1", 9, "view")]
    log = read_events([did("p1", "k1-2", 1), *odd], ITEMS, NOW)
    assert [ITEMS.ids[row] for row in log.rows] == ["k1-1", "k1-2"]
    assert log.left_out == 3
    assert len(shop_of(odd).recommend(odd, NOW, k=5)) == 5


def test_a_customer_with_10000_events_gets_a_list_of_the_newest() -> None:
    rng = np.random.default_rng(0)
    old = [did("", f"k0-{rng.integers(8)}", 400 + float(day), "view") for day in rng.uniform(0, 2000, 9950)]
    new = [did("", f"k3-{n % 5}", n / 10, "view") for n in range(50)]
    log = read_events([*old, *new], ITEMS, NOW)
    assert len(log) <= MOST_EVENTS
    found = ids(shop_of(TOGETHER).recommend([*old, *new], NOW, k=4))
    assert sum(each.startswith("k3") for each in found) >= 2


@pytest.mark.parametrize("kind", ["like", "view", "purchase"])
def test_a_feed_where_all_is_alike_gives_a_varied_list(kind: str) -> None:
    same = [did(f"p{n}", product, 5, kind) for n in range(3) for product in ITEMS.ids]
    found = ids(shop_of(same).recommend([], NOW, k=4))
    assert len({each[:2] for each in found}) == 4


def test_what_was_sent_back_or_disliked_is_left_out_until_it_is_bought_again() -> None:
    recommender = shop_of(TOGETHER)
    back = [did("", "k0-0", 9), did("", "k1-0", 5), did("", "k1-0", 2, "return")]
    assert "k1-0" not in ids(recommender.recommend(back, NOW, k=20))
    assert "k1-0" not in ids(recommender.recommend([did("", "k0-0", 9)], NOW, k=20, disliked=["k1-0"]))


def test_only_what_may_be_shown_is() -> None:
    found = shop_of(TOGETHER).recommend([did("", "k0-0", 3)], NOW, k=5, admitted=lambda some: {"k2-1", "k2-2"})
    assert set(ids(found)) <= {"k2-1", "k2-2"}


def test_among_what_fits_the_question_the_nearer_comes_first() -> None:
    among = {"k0-1": 0.1, "k3-1": 0.1}
    found = shop_of(TOGETHER).recommend([did("", "k0-2", 3, "view")], NOW, k=5, among=among)
    assert ids(found) == ["k0-1", "k3-1"]


def test_an_empty_log_and_a_shop_of_one_product_give_what_there_is() -> None:
    one = make_shop(1, 1)
    alone = Recommender(fit(read_events([], one, NOW), one), Formula())
    (only,) = alone.recommend([], NOW)
    assert (only.product_id, only.reason.kind) == ("k0-0", "varied")
    (seen,) = alone.recommend([did("", "k0-0", 3, "view")], NOW)
    assert seen.reason.kind == "seen"
    assert alone.recommend([did("", "k0-0", 3)], NOW) == []
    fresh = Recommender(fit(read_events([], ITEMS, NOW), ITEMS), Formula())
    assert len({each.product_id[:2] for each in fresh.recommend([], NOW, k=4)}) == 4


def test_a_search_moves_what_is_near_up_by_two_places_and_nothing_else() -> None:
    hits = list("abcdef")
    assert nearer_first(hits, dict.fromkeys(hits, 0.4)) == nearer_first(hits, {}) == hits
    assert nearer_first(hits, {**dict.fromkeys(hits, 0.1), "f": 0.9}) == list("abcdfe")
    assert nearer_first(hits, {"f": 0.9, "e": 0.9, "a": 0.1}) == list("abcedf")
    # A small difference says little.
    assert nearer_first(hits, {**dict.fromkeys(hits, 0.1), "f": 0.11}) == hits


def test_what_is_near_is_alike_or_bought_again_and_never_what_one_dislikes() -> None:
    weekly = [did(f"p{n}", "k2-3", 60 - 10 * week) for n in range(6) for week in range(5)]
    recommender = shop_of([*TOGETHER, *weekly])
    past = [did("", "k2-3", 9), did("", "k0-0", 9), did("", "k3-2", 9, "dislike")]
    near = recommender.affinity(past, ["k2-3", "k2-4", "k0-1", "k3-1", "k3-2"], NOW)
    assert near["k2-3"] > near["k2-4"] > near["k3-1"]
    assert near["k0-1"] > near["k3-1"]
    assert "k3-2" not in near
    assert recommender.affinity([], ["k0-1"], NOW) == {}
