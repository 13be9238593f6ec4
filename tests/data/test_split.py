"""The choice of held-out images."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.split import held_out_counts, held_out_mask

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=12)
SHARES = st.floats(0, 0.5)


def test_every_class_gives_its_share() -> None:
    assert held_out_counts([100, 50, 10], 0.1) == (10, 5, 1)


def test_small_classes_share_by_the_largest_remainders() -> None:
    counts = held_out_counts([4] * 10, 0.1)

    assert sum(counts) == 4 and max(counts) == 1


def test_the_only_image_of_a_class_is_used_for_training() -> None:
    assert held_out_counts([1, 1, 30], 0.5) == (0, 0, 16)
    assert held_out_counts([1], 0.5) == (0,)


@given(COUNTS, SHARES)
def test_the_requested_share_is_held_out_if_the_classes_allow(counts: list[int], share: float) -> None:
    found = held_out_counts(counts, share)

    assert all(0 <= aside <= max(0, count - 1) for aside, count in zip(found, counts, strict=True))
    assert sum(found) <= round(sum(counts) * share) or sum(found) == sum(int(count * share) for count in counts)
    assert sum(found) >= sum(min(int(count * share), max(0, count - 1)) for count in counts)


@given(COUNTS, SHARES)
def test_the_mask_holds_out_the_right_number_of_each_class(counts: list[int], share: float) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    mask = held_out_mask(labels, share)

    held = np.bincount(labels[mask], minlength=len(counts)).tolist()
    # Without the empty classes at the end, which the labels do not show.
    assert held == list(held_out_counts(np.bincount(labels, minlength=len(counts)).tolist(), share))


def test_the_same_labels_give_the_same_images_and_not_the_first_ones() -> None:
    labels = np.zeros(100, np.int64)
    mask = held_out_mask(labels, 0.2)

    assert np.array_equal(mask, held_out_mask(labels, 0.2))
    assert mask.sum() == 20 and not mask[:20].all() and mask[50:].any()


def test_a_larger_share_holds_out_the_same_and_more() -> None:
    labels = np.repeat(np.arange(3), 40)

    assert not (held_out_mask(labels, 0.1) & ~held_out_mask(labels, 0.3)).any()
