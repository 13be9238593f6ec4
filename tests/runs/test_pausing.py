"""A request to pause, left in a run's folder."""

import time

import pytest

from pipeline.runs import pausing


def test_a_request_waits_until_it_is_taken_away(store, new_run):
    files = store.files(new_run().id)
    assert pausing.asked(files) is None
    pausing.ask(files, "Ada")
    found = pausing.asked(files)
    assert found.who == "Ada" and found.time == pytest.approx(time.time(), abs=5)
    pausing.withdraw(files)
    assert pausing.asked(files) is None
    pausing.withdraw(files)


def test_who_asks_last_signs_it(store, new_run):
    files = store.files(new_run().id)
    pausing.ask(files, "Ada")
    pausing.ask(files, "Bob")
    assert pausing.asked(files).who == "Bob"


@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"who": "Ada", "time": "soon"}'])
def test_a_damaged_request_is_still_one_of_somebody(store, new_run, content):
    files = store.files(new_run().id)
    files.pause.write_text(content)
    assert pausing.asked(files).who == ""
