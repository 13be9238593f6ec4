"""A run that another process trains, on the pages: it moves, its buttons are grey and say why, and Pause reaches it."""

import os
import socket
import subprocess
import sys

import pytest

from pages.components.shell import polling, state
from pipeline.graph import document
from pipeline.runs.lock import RunLock
from pipeline.studio.run import history, training
from tests.pages.conftest import ROOT

TRAIN = "pages/2_Train.py"


@pytest.fixture
def elsewhere(trainer, small, shared_home, tmp_path, wait_for):
    """The id of a run that the command line trains, and its process."""
    path = tmp_path / "small.json"
    path.write_text(document.write(small()), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "train", str(path), "--steps", "1000000", "--device", "cpu"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(state.moving_elsewhere, 60)
        yield state.moving_elsewhere()[0].id, process
    finally:
        process.kill()
        process.communicate()


def helps(browser):
    return {button.key: button.help for button in browser.app.button if button.disabled}


def test_it_moves_and_pause_reaches_it(elsewhere, browser, wait_for):
    run, process = elsewhere
    browser.open(TRAIN, run=run)
    sentence = f"Another process trains this run (process {process.pid} on {socket.gethostname()}): pause it first."
    assert browser.state == "running" and f"in process {process.pid}" in browser.words
    assert {key: helps(browser)[key] for key in ("step", "chunk", "save")} == dict.fromkeys(
        ("step", "chunk", "save"), sentence
    )
    assert not any(browser.has(key) for key in ("run", "load", "only_generator", "next_stage"))
    first, points = browser.step, len(browser.charts[0].points)
    wait_for(lambda: browser.look().step > first and len(browser.charts[0].points) > points)
    assert "From fixed noise after" in browser.words and not browser.errors

    browser.app.text_input(key="who").set_value("Bob")
    drawn = polling.mark_of(run)
    browser.look().click("pause")
    # Pages look twice a second, so that the server has to know within another one and a half.
    wait_for(lambda: history.stored(state.store(), run).state == "paused", 1.5)
    assert polling.mark_of(run) != drawn
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0 and "Paused by Bob on the dashboard" in told
    assert browser.look().state == "paused"
    assert browser.table("What").iloc[0]["Who"] == "Bob"
    assert browser.has("run") and browser.has("load")


def test_home_shows_it_under_what_runs_now(elsewhere, browser, trainer, wait_for):
    run, process = elsewhere
    browser.look()
    assert "**mlp-gan** · running" in browser.words
    assert f"run={run}" in {link.proto.query_string for link in browser.app.page_link}
    drawn = polling.mark_of()
    process.kill()
    process.wait()
    assert polling.mark_of() != drawn


def test_one_that_a_script_has_open_cannot_be_taken_up_here(run, trainer, small, browser):
    """Its own engine has put the run away; this process plays the script."""
    training.start(trainer, small(), "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")
    with RunLock(state.store().files(run)):
        browser.open(TRAIN, run=run)
        sentence = f"Another process has this run open (process {os.getpid()} on {socket.gethostname()})"
        assert browser.state == "paused"
        assert all(helps(browser)[key].startswith(sentence) for key in ("run", "step"))
        assert not browser.has("load") and "has this run open. It is shown as it is recorded" in browser.words
    browser.look()
    assert browser.has("run") and browser.has("load")


def test_a_page_about_it_is_drawn_in_no_time_once_it_is_warm(run, trainer, small, browser):
    training.start(trainer, small(), "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")
    with RunLock(state.store().files(run)):
        assert browser.open(TRAIN, run=run).is_drawn_in_no_time()
