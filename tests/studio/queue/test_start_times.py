"""Times at which a run is to start: what is read, and what is refused."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors.queue import UnusableTime
from pipeline.studio.queue.start_times import read_start_time, start_time_words

NOON = datetime(2030, 1, 30, 12, 0, 30).astimezone().timestamp()


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:30", "2030-01-30T18:30"), (" 7:05 ", "2030-01-31T07:05"), ("12:00", "2030-01-31T12:00"),
        ("12:01", "2030-01-30T12:01"), ("2030-02-01T09:15", "2030-02-01T09:15"), ("2030-02-01", "2030-02-01T00:00"),
    ],
)  # fmt: skip
def test_a_clock_time_is_the_next_such_time_and_a_date_is_in_the_machines_time_zone(text: str, expected: str):
    assert read_start_time(text, NOON) == datetime.fromisoformat(expected).timestamp()


def test_an_offset_is_kept(berlin: None):
    assert read_start_time("2030-01-31T18:30:00+09:00", NOON) == datetime.fromisoformat("2030-01-31T09:30Z").timestamp()
    assert read_start_time("2030-07-31T18:30", NOON) == datetime.fromisoformat("2030-07-31T16:30Z").timestamp()


def test_the_next_clock_time_after_a_change_to_summer_time_is_that_of_the_clock(berlin: None):
    # On 31 March 2030 clocks go from 2:00 to 3:00, so that 7:00 comes an hour earlier.
    evening = datetime(2030, 3, 30, 20, 0).timestamp()
    assert read_start_time("7:00", evening) - evening == 10 * 3600


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("25:00", "cannot be read"), ("12:60", "cannot be read"), ("soon", "cannot be read"), ("", "cannot be read"),
        ("2030-13-01", "cannot be read"), ("1" * 5000, "cannot be read"),
        ("9999-12-31T23:59-14:00", "more than ten years ahead"),
        ("2030-01-30T12:00:30", "past"), ("2001-01-01", "past"),
    ],
)  # fmt: skip
def test_what_is_no_time_or_a_past_one_is_refused(text: str, reason: str):
    with pytest.raises(UnusableTime, match=f"is not a time at which a run can start: it (is )?{reason}"):
        read_start_time(text, NOON)


@given(st.text(max_size=30) | st.from_regex(r"\d{1,2}:\d{2}", fullmatch=True) | st.datetimes().map(str))
def test_any_text_is_a_later_time_or_refused(text: str):
    with suppress(UnusableTime):
        assert start_time_words(read_start_time(text, NOON), NOON)


@given(st.times(), st.floats(0, 4e9))
def test_a_clock_time_is_less_than_a_day_and_an_hour_away_and_shown_as_it_was_written(clock, now: float):
    found = read_start_time(f"{clock:%H:%M}", now)
    assert now < found <= now + timedelta(hours=25).total_seconds()
    assert start_time_words(found, found) == f"{clock:%H:%M}"


def test_another_day_is_shown_with_its_date():
    assert start_time_words(datetime(2030, 1, 31, 18, 30).timestamp(), NOON) == "31 Jan 2030, 18:30"
