"""Numbers, times and lists in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formatting import ago, duration, fork_summary, how_far, listed, number, remaining, size


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"), (0.0002, "0.0002"), (1.38629, "1.386"), (-0.5, "-0.5"), (999.96, "1000"), (12345, "12,340"),
        (1.5e-7, "1.500e-07"), (2e12, "2.000e+12"), (math.nan, "not finite"), (math.inf, "not finite"),
    ],
)  # fmt: skip
def test_numbers_have_four_significant_digits(value: float, words: str) -> None:
    assert number(value) == words


def test_how_far_something_is_says_only_what_is_known() -> None:
    found = [how_far("Listing files", done, total) for done, total in ((1200, 5000), (1200, 0), (0, 0))]
    assert found == ["Listing files 1,200 of 5,000", "Listing files 1,200", "Listing files"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (8, "8 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (400_000, "111 h 6 min")],
)
def test_a_duration_has_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "under 10 s"), (48, "40–60 s"), (200, "2–4 min"), (1800, "25–35 min"), (9000, "2–3 h")]
)
def test_the_time_left_is_a_range(seconds: float, words: str) -> None:
    assert remaining(seconds) == words


@given(st.floats(10, 1e7))
def test_the_range_contains_the_estimate(seconds: float) -> None:
    low, high = remaining(seconds).split()[0].split("–")
    factor = {"s": 1, "min": 60, "h": 3600}[remaining(seconds).split()[1]]
    assert int(low) * factor <= seconds <= int(high) * factor or int(low) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (300, "5 min ago"), (7300, "2 h ago"), (90000, "1 day ago"), (2e5, "2 days ago")],
)
def test_the_age_of_a_moment_has_one_unit(seconds: float, words: str) -> None:
    assert ago(1e9, 1e9 + seconds) == words


def test_bytes_have_decimal_units() -> None:
    assert [size(512), size(1_400_000), size(3e12)] == ["512 B", "1.4 MB", "3.0 TB"]


def test_words_are_listed_as_in_a_sentence() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(str(number) for number in (1, 2, 3)) == "1, 2 and 3"


def test_what_a_fork_carries_over_is_described_before_and_after() -> None:
    both = (["generator", "discriminator"], ["generator"], [])
    told = "Carried over: generator with its optimizer's state and discriminator. "
    assert fork_summary(*both, done=False) == told + "Nothing is reinitialised."
    assert fork_summary(*both, done=True) == told + "Nothing was reinitialised."
    none = ([], [], ["generator", "discriminator"])
    reinitialised = "Reinitialised: generator and discriminator, because layer shapes differ."
    assert fork_summary(*none, done=False) == f"No network is carried over. {reinitialised}"
    assert fork_summary(*none, done=True) == f"No network was carried over. {reinitialised}"
