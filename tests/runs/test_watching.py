"""Breakpoints and watches stored with a run."""

import pytest

from pipeline.runs import watching
from pipeline.runs.watching import MOST, Breakpoint, Watching
from tests.runs.databases import SQLITE

DATABASES = SQLITE


def test_saved_breakpoints_and_watches_are_loaded(store, new_run):
    files = store.files(new_run().id)
    wanted = Watching((Breakpoint("D_loss > 2"), Breakpoint("step > 5", enabled=False)), ("D_real - D_fake",))
    watching.save(files, wanted)
    assert watching.load(files) == wanted


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"breakpoints": [3], "watches": []}', "\x00"])
def test_a_missing_or_damaged_file_means_none(store, new_run, content):
    files = store.files(new_run().id)
    if content is not None:
        files.watching.write_text(content)
    assert watching.load(files) == Watching()


def test_a_file_with_too_many_is_cut():
    many = {"breakpoints": [{"expression": "a", "enabled": True}] * 100, "watches": ["b"] * 100}
    assert len(Watching.from_json(many).breakpoints) == len(Watching.from_json(many).watches) == MOST
