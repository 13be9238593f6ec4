"""A request to pause, left in a run's folder."""

import time

import pytest

from pipeline.runs import pause_requests


def test_a_request_waits_until_it_is_taken_away(store, new_run):
    files = store.files(new_run().id)
    assert pause_requests.asked(files) is None
    pause_requests.ask(files, "Ada")
    found = pause_requests.asked(files)
    assert found.who == "Ada" and found.time == pytest.approx(time.time(), abs=5)
    pause_requests.withdraw(files)
    assert pause_requests.asked(files) is None
    pause_requests.withdraw(files)


def test_who_asks_last_signs_it(store, new_run):
    files = store.files(new_run().id)
    pause_requests.ask(files, "Ada")
    pause_requests.ask(files, "Bob")
    assert pause_requests.asked(files).who == "Bob"


@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"who": "Ada", "time": "soon"}'])
def test_a_damaged_request_is_still_one_of_somebody(store, new_run, content):
    files = store.files(new_run().id)
    files.pause.write_text(content)
    assert pause_requests.asked(files).who == ""
