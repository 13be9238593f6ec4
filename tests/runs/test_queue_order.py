"""Moving a waiting entry: the order is always a permutation of the entries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runs.queue_order import Target, moved, moved_before

ORDERS = st.lists(st.text(max_size=3), min_size=1, max_size=12, unique=True)
TARGETS = st.sampled_from(["up", "down", "first", "last"]) | st.integers(-(10**9), 10**9)


@given(ORDERS, st.data())
def test_a_move_loses_and_repeats_no_entry_and_keeps_the_order_of_the_others(order: list[str], data: st.DataObject):
    entry, other = data.draw(st.sampled_from(order)), data.draw(st.sampled_from(order))
    for after in (moved(order, entry, data.draw(TARGETS)), moved_before(order, entry, other)):
        assert sorted(after) == sorted(order)
        assert [each for each in after if each != entry] == [each for each in order if each != entry]


@given(ORDERS, st.data())
def test_an_entry_moved_before_another_stands_right_before_it(order: list[str], data: st.DataObject):
    entry, other = data.draw(st.sampled_from(order)), data.draw(st.sampled_from(order))
    after = moved_before(order, entry, other)
    assert entry == other or after.index(entry) + 1 == after.index(other)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("up", "acbd"), ("down", "abdc"), ("first", "cabd"), ("last", "abdc"), (1, "cabd"), (2, "acbd"), (4, "abdc"),
        (99, "abdc"), (0, "cabd"),
    ],
)  # fmt: skip
def test_an_entry_is_moved_by_one_place_to_an_end_or_to_a_place(target: Target, expected: str):
    assert "".join(moved("abcd", "c", target)) == expected
