"""How images are halved: which sizes fit, how coarse they become, and the widths of the steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import pyramid


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (8, [4, 8]),
        (12, [6, 12]),
        (28, [7, 14, 28]),
        (32, [4, 8, 16, 32]),
        (36, [9, 18, 36]),
        (64, [4, 8, 16, 32, 64]),
        (256, [4, 8, 16, 32, 64, 128, 256]),
    ],
)
def test_an_image_is_halved_while_it_is_even_and_its_half_has_four_pixels(side: int, expected: list[int]) -> None:
    assert list(pyramid.sizes((3, side, side))) == [(size, size) for size in expected]
    assert list(pyramid.attention_sides((3, side, side))) == expected[:-1]


def test_the_side_that_cannot_be_halved_stops_the_other() -> None:
    assert pyramid.sizes((1, 28, 64)) == ((7, 16), (14, 32), (28, 64))


@given(side=st.integers(1, 256))
def test_what_fits_can_be_halved_and_what_does_not_has_a_neighbour_that_does(side: int) -> None:
    if pyramid.fits(side, side):
        assert len(pyramid.sizes((1, side, side))) >= 2
    near = pyramid.nearest_sides(side)
    assert near and all(pyramid.fits(each, each) for each in near)


def test_both_sides_must_fit() -> None:
    assert pyramid.fits(8, 28)
    assert not pyramid.fits(8, 30)
    assert not pyramid.fits(4, 28)


def test_the_nearest_sizes_are_on_both_sides() -> None:
    assert pyramid.nearest_sides(30) == (28, 32)
    assert pyramid.nearest_sides(5) == (8,)


def test_widths_double_on_the_way_down_up_to_eight_times_and_halve_on_the_way_up() -> None:
    assert pyramid.widening(32, 6) == (32, 64, 128, 256, 256, 256)
    assert pyramid.narrowing(256, 6) == (256, 128, 64, 32, 32, 32)
    assert pyramid.narrowing(2, 3) == (2, 1, 1)
