"""Which stored values become black and white: the rule for every usual range, its sentences, and what always holds."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from pipeline.data.files.shades import EIGHT, Scale, Shades, as_image, kind_of, scale_sentence, scales_of
from pipeline.data.files.value_counts import CountsByKind
from pipeline.errors.data import UnusableSource

NUMBERS = np.random.default_rng(0).random(4_000)
"""Evenly spread over 0 to 1."""


def scale_of(values: NDArray[Any], choice: Shades = "as stored") -> Scale | None:
    counts = CountsByKind()
    counts.add(kind_of(values.dtype), values)
    return scales_of(counts.result(), choice, "The set").get(kind_of(values.dtype))


def black_and_white(values: NDArray[Any], choice: Shades = "as stored") -> tuple[float, float]:
    scale = scale_of(values, choice)
    return (0, 255) if scale is None else (scale.black, scale.white)


def of(values: list[Any], dtype: Any) -> NDArray[Any]:
    return np.array(values, dtype)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (of([0, 1, 1], np.uint8), (0, 1)),
        (of([0, 1, 1], np.int64), (0, 1)),
        (of([0, 1, 1], np.float16), (0, 1)),
        (of([0, 7, 255], np.uint8), (0, 255)),
        (of([0, 7, 255], np.uint16), (0, 255)),
        (of([0, 7, 250], ">i4"), (0, 255)),
        (of([0, 7, 255], np.int64), (0, 255)),
        (of([0, 7, 255], np.float64), (0, 255)),
        (of([0, 300, 65_535], np.uint16), (0, 65_535)),
        (of([0, 300, 65_535], np.int32), (0, 65_535)),
        (of([0, 300, 65_535], np.float32), (0, 65_535)),
        (NUMBERS.astype(np.float32), (0, 1)),
        (NUMBERS.astype(np.float16), (0, 1)),
        (NUMBERS.astype(">f8"), (0, 1)),
        (NUMBERS * 255, (0, 255)),
        (NUMBERS * 65_535, (0, 65_535)),
        (NUMBERS * 2 - 1, (-1, 1)),
        (of([-1, 1, 1], np.int8), (-1, 1)),
    ],
)
def test_the_values_choose_the_scale(values: NDArray[Any], expected: tuple[float, float]) -> None:
    assert black_and_white(values) == expected


@pytest.mark.parametrize("stray", [1.0000001, 1.02, 1.2, 255.0, 1e9])
def test_a_stray_above_one_does_not_make_shares_of_white_black(stray: float) -> None:
    scale = scale_of(np.append(NUMBERS, stray))

    assert scale is not None
    assert (scale.black, scale.white, scale.warnings) == (0, 1, ())
    assert scale.words.endswith("1 of 4,001 values lay outside and were clipped.")
    assert scale.shades(np.array([0.5, stray])).tolist() == [128, 255]


def test_the_overshoot_of_resizing_is_clipped_on_both_sides() -> None:
    assert black_and_white(NUMBERS * 1.2 - 0.1) == (0, 1)
    assert black_and_white(NUMBERS * 290 - 20) == (0, 255)
    scale = scale_of(np.append(NUMBERS, [-0.1, 1.1]))
    assert scale is not None and scale.shades(np.array([-0.1, 1.1])).tolist() == [0, 255]


def test_many_values_far_outside_are_a_warning() -> None:
    scale = scale_of(NUMBERS * 1.2)

    assert scale is not None and scale.white == 1
    assert "of the values lie outside 0 to 1 (they range from" in scale.warnings[0]
    assert "set the parameter shades of the data node to 'largest value' or 'percentiles'" in scale.warnings[0]


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.uint64, np.float32])
@pytest.mark.parametrize(("largest", "bits"), [(1_000, 10), (4_080, 12), (16_000, 14)])
def test_a_likely_depth_is_a_warning_that_names_the_largest_value(largest: int, bits: int, dtype: type) -> None:
    values = of([0, largest // 2, largest], dtype)
    scale = scale_of(values)

    assert scale is not None and scale.white == 65_535
    assert f"The largest value is {largest:,} where 65,535 is white" in scale.warnings[0]
    assert f"set the parameter shades of the data node to '{bits} bits'" in scale.warnings[0]
    chosen: Any = f"{bits} bits"
    assert black_and_white(values, chosen) == (0, 2**bits - 1)


def test_a_hot_pixel_does_not_hide_that_images_are_dark() -> None:
    scale = scale_of(np.append((NUMBERS * 4_095).astype(np.uint16), np.uint16(65_535)))

    assert scale is not None and scale.white == 65_535
    assert "Nearly all values are at most 4,0" in scale.warnings[0]


@pytest.mark.parametrize(
    "values",
    [
        of([-1_024, 0, 3_071], np.int16),
        of([-128, 0, 127], np.int8),
        NUMBERS * 6 - 3,
        NUMBERS * -5,
        of([0, 2**31, 2**32 - 1], np.uint32),
        NUMBERS * 1e20,
    ],
)
def test_values_that_may_mean_any_shades_are_refused_with_what_to_do(values: NDArray[Any]) -> None:
    with pytest.raises(UnusableSource, match=r"The set cannot be used: its values range from .* to 'largest value' or"):
        scale_of(values)
    low, high = black_and_white(values, "largest value")
    assert (low, high) == (min(0.0, float(values.min())), float(values.max()))


@pytest.mark.parametrize(
    ("values", "choice", "expected"),
    [
        (of([3, 90], np.uint8), "largest value", (0, 90)),
        (of([3, 90], np.uint8), "full", (0, 255)),
        (of([3, 90], np.uint8), "12 bits", (0, 255)),
        (of([3, 90], np.uint16), "full", (0, 65_535)),
        (of([3, 90], np.int16), "full", (0, 32_767)),
        (of([3, 90], np.float32), "full", (0, 1)),
        (of([3, 90], np.uint16), "8 bits", (0, 255)),
        (of([3, 90], np.uint16), "16 bits", (0, 65_535)),
        (np.arange(1_001, dtype=np.uint16), "percentiles", (5, 995)),
        (np.arange(1_001, dtype=np.float64), "percentiles", (5, 995)),
        (of([0] * 2_000 + [7], np.uint8), "percentiles", (0, 7)),
        (of([0, 0], np.uint16), "largest value", (0, 1)),
    ],
)
def test_a_chosen_range(values: NDArray[Any], choice: Shades, expected: tuple[float, float]) -> None:
    assert black_and_white(values, choice) == expected


def test_the_scale_is_said_for_each_kind_of_values() -> None:
    counts = CountsByKind()
    counts.add(kind_of(np.dtype(np.uint16)), of([0, 4_095], np.uint16))

    assert scale_sentence(scales_of(counts.result(), "12 bits", "The set")) == (
        "Shades: 0 to 4,095 of the stored values became black to white (12 bits)."
    )
    counts.add(EIGHT, of([0, 1], np.uint8))
    both = scale_sentence(scales_of(counts.result(), "as stored", "The set"))
    assert "(masks of 0 and 1) (of 8-bit shades)." in both and "(16 bits) (of numbers of more than 8 bits)." in both
    assert scale_sentence({}) == ""


def test_transparent_pixels_of_sixteen_bits_become_white() -> None:
    pixels = np.zeros((1, 2, 4), np.uint16)
    pixels[0, 1, 3] = 65_535

    image = as_image(pixels, {kind_of(pixels.dtype): Scale(0, 4_095)})
    assert np.asarray(image).tolist() == [[[255] * 3, [0] * 3]]


NUMERIC = st.one_of(
    arrays.integer_dtypes(endianness="?"), arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(endianness="?"),
)  # fmt: skip
CHOICES = st.sampled_from(get_args(Shades))


@settings(deadline=None)
@given(st.data(), NUMERIC, CHOICES)
def test_any_numbers_keep_their_order_or_are_refused(data: st.DataObject, dtype: np.dtype[Any], choice: Shades) -> None:
    values = data.draw(
        arrays.arrays(
            dtype, st.integers(1, 30),
            elements=arrays.from_dtype(dtype, allow_nan=False, allow_infinity=False) if dtype.kind == "f" else None,
        )
    )  # fmt: skip
    try:
        scale = scale_of(values, choice)
    except UnusableSource:
        assert choice == "as stored"
        return
    if scale is None:
        return
    shades = scale.shades(np.sort(values)).astype(int)
    assert (np.diff(shades) >= 0).all()
    assert scale.white > scale.black
    if choice == "largest value":
        assert shades[-1] == 255 or values.max() <= 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=20))
def test_the_same_numbers_have_the_same_shades_in_every_type(numbers: list[int]) -> None:
    shades = set()
    for dtype in (np.uint8, np.uint16, np.int64, ">u4", np.float16, np.float32, np.float64):
        values = of(numbers, dtype)
        scale = scale_of(values)
        shades.add(tuple(values.tolist() if scale is None else scale.shades(values).tolist()))
    assert len({tuple(map(int, each)) for each in shades}) == 1
