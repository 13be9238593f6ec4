"""That a poll leaves the browser time to draw. tests/browser/test_denoising.py tests what is lost without."""

import time
from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from pages.components.shell.poll_spacing import SECONDS, spaced

CLICK, POLL = RerunData(fragment_id_queue=["fields"]), RerunData(fragment_id_queue=["state"], is_auto_rerun=True)


@pytest.mark.parametrize(("second", "waits"), [(POLL, True), (CLICK, False)])
def test_only_a_poll_waits_after_a_run(second: RerunData, waits: bool):
    times = []
    run = spaced(lambda runner, data: times.append(time.monotonic()))
    runner = SimpleNamespace()
    run(runner, CLICK)
    run(runner, second)
    assert (times[1] - times[0] >= SECONDS) is waits


def test_a_poll_after_a_long_silence_does_not_wait():
    times = [time.monotonic()]
    run = spaced(lambda runner, data: times.append(time.monotonic()))
    run(SimpleNamespace(genscope_ended=times[0] - SECONDS), POLL)
    assert times[1] - times[0] < SECONDS


def test_a_run_that_fails_counts_as_well():
    def fail(runner, data):
        raise ValueError

    runner = SimpleNamespace()
    with pytest.raises(ValueError):
        spaced(fail)(runner, CLICK)
    assert time.monotonic() - runner.genscope_ended < SECONDS
