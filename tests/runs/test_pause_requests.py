"""Requests to pause, left as a file in a run's folder."""

import time

import pytest

from pipeline.runs import pause_requests
from tests.runs.databases import SQLITE

DATABASES = SQLITE


def test_a_request_stays_until_it_is_withdrawn(store, new_run):
    files = store.files(new_run().id)
    assert pause_requests.pending_request(files) is None
    pause_requests.request_pause(files, "Ada")
    found = pause_requests.pending_request(files)
    assert found.who == "Ada" and found.time == pytest.approx(time.time(), abs=5)
    pause_requests.withdraw(files)
    assert pause_requests.pending_request(files) is None
    pause_requests.withdraw(files)


def test_a_later_request_replaces_an_earlier_one(store, new_run):
    files = store.files(new_run().id)
    pause_requests.request_pause(files, "Ada")
    pause_requests.request_pause(files, "Bob")
    assert pause_requests.pending_request(files).who == "Bob"


@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"who": "Ada", "time": "soon"}'])
def test_a_damaged_request_still_counts_without_a_name(store, new_run, content):
    files = store.files(new_run().id)
    files.pause.write_text(content)
    assert pause_requests.pending_request(files).who == ""
