"""The rule of which checkpoints are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runs.keeping import Keeping

SIZES = st.dictionaries(st.integers(0, 5000), st.integers(1, 1000), max_size=40)
SOME = st.sets(st.integers(0, 5000), max_size=5)
RULES = st.builds(
    Keeping,
    last=st.integers(1, 6),
    doublings=st.booleans(),
    every=st.integers(0, 400),
    most=st.integers(0, 12),
    most_bytes=st.integers(0, 6000),
)


def kept(rule: Keeping, *steps: int, **more: list[int]) -> list[int]:
    return sorted(rule.kept(dict.fromkeys(steps, 10), **more))


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Keeping(), [0, 1, 100, 200, 300, 600, 1000, 1100, 1200]),
        (Keeping(last=1, doublings=False), [1200]),
        (Keeping(last=2, doublings=False, every=400), [0, 400, 800, 1100, 1200]),
        (Keeping(most=4), [600, 1000, 1100, 1200]),
        (Keeping(most_bytes=35), [1000, 1100, 1200]),
        (Keeping(most_bytes=1), [1200]),
    ],
)
def test_checkpoints_of_a_run_that_are_left(rule: Keeping, left: list[int]) -> None:
    assert kept(rule, 0, 1, *range(100, 1201, 100)) == left


def test_pinned_and_best_ones_stay_within_a_limit_that_has_room_only_for_others() -> None:
    assert kept(Keeping(most=2), 1, 2, 3, 4, 5, pinned=[1, 99], best=[3]) == [1, 3, 5]
    assert kept(Keeping(last=1, doublings=False), 1, 2, 3, 4, pinned=[2]) == [2, 4]


def test_each_is_kept_for_reasons_that_can_be_told() -> None:
    reasons = Keeping(last=1, every=4).reasons(dict.fromkeys((1, 2, 3, 4, 6), 1), pinned=[3], best=[6])
    assert reasons[3] == ("pinned",) and reasons[1] == ("first of a doubling",)
    assert reasons[4] == ("first of a doubling", "every 4 steps")
    assert reasons[6] == ("best", "among the newest")


@given(SIZES, RULES, SOME, SOME)
def test_the_newest_the_pinned_and_the_best_are_never_left_out(
    sizes: dict[int, int], rule: Keeping, pinned: set[int], best: set[int]
) -> None:
    left = rule.kept(sizes, pinned, best)
    assert left <= sizes.keys()
    assert (pinned | best) & sizes.keys() <= left
    assert {max(sizes)} <= left if sizes else not left


@given(SIZES, RULES, SOME, SOME)
def test_limits_hold_unless_only_those_remain_that_stay_whatever_the_limits(
    sizes: dict[int, int], rule: Keeping, pinned: set[int], best: set[int]
) -> None:
    left = rule.kept(sizes, pinned, best)
    few = not rule.most or len(left) <= rule.most
    small = not rule.most_bytes or sum(sizes[step] for step in left) <= rule.most_bytes
    assert (few and small) or left <= {*pinned, *best, max(sizes)}


@given(SIZES, RULES, SOME, SOME)
def test_the_rule_changes_nothing_of_what_it_kept(
    sizes: dict[int, int], rule: Keeping, pinned: set[int], best: set[int]
) -> None:
    left = rule.kept(sizes, pinned, best)
    assert rule.kept({step: sizes[step] for step in left}, pinned, best) == left


@given(st.sets(st.integers(0, 10**9), max_size=60), st.integers(1, 5), st.integers(0, 50))
def test_thinning_at_every_save_leaves_what_thinning_once_at_the_end_leaves(
    steps: set[int], last: int, every: int
) -> None:
    rule = Keeping(last=last, every=every)
    left: frozenset[int] = frozenset()
    for step in sorted(steps):
        left = rule.kept(dict.fromkeys({*left, step}, 1))
    assert left == rule.kept(dict.fromkeys(steps, 1))


@given(st.sets(st.integers(0, 10**9), max_size=60))
def test_few_are_kept_of_many(steps: set[int]) -> None:
    left = Keeping().kept(dict.fromkeys(steps, 1))
    assert len(left) <= 3 + 31
    assert {step.bit_length() for step in left} == {step.bit_length() for step in steps}
