"""A run trained by another process: pages show its progress, disabled buttons give the reason, and Pause works."""

import os
import socket
import subprocess
import sys
import time

import pytest

from pages.components.shell import state, streamlit_gaps
from pipeline.graph import document
from pipeline.runs.lock import RunLock
from pipeline.studio.run import history, training
from tests.pages.conftest import ROOT

TRAIN = "pages/2_Train.py"


@pytest.fixture
def elsewhere(trainer, small, shared_home, tmp_path, wait_for):
    """The id of a run trained by the command line, and its process."""
    path = tmp_path / "small.json"
    path.write_text(document.write(small()), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "train", str(path), "--steps", "1000000", "--device", "cpu"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(state.runs_in_other_processes)
        yield state.runs_in_other_processes()[0].id, process
    finally:
        process.kill()
        process.communicate()


def helps(browser):
    return {button.key: button.help for button in browser.app.button if button.disabled}


def test_its_progress_is_shown_and_pause_works(elsewhere, browser, wait_for, promise):
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
    drawn = streamlit_gaps.mark_of(run)
    browser.look().click("pause")
    pressed = time.monotonic()
    wait_for(lambda: history.stored_snapshot(state.store(), run).state == "paused")
    # Pages poll twice a second, so with this they show it within two seconds.
    promise("a run of another process has obeyed Pause", time.monotonic() - pressed, 1.5)
    assert streamlit_gaps.mark_of(run) != drawn
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0 and "Paused by Bob on the dashboard" in told
    assert browser.look().state == "paused"
    assert browser.table("What").iloc[0]["Who"] == "Bob"
    assert browser.has("run") and browser.has("load")


def test_home_shows_it_as_a_current_run(elsewhere, browser, trainer, wait_for):
    run, process = elsewhere
    browser.look()
    assert "**mlp-gan** · running" in browser.words
    assert f"run={run}" in {link.proto.query_string for link in browser.app.page_link}
    drawn = streamlit_gaps.mark_of()
    process.kill()
    process.wait()
    assert streamlit_gaps.mark_of() != drawn


def test_a_run_that_a_script_has_open_cannot_be_resumed_here(run, trainer, small, browser):
    """The engine has released the run; this process plays the script that has it open."""
    training.start(trainer, small(), "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")
    with RunLock(state.store().files(run)):
        browser.open(TRAIN, run=run)
        sentence = f"Another process has this run open (process {os.getpid()} on {socket.gethostname()})"
        assert browser.state == "paused"
        assert all(helps(browser)[key].startswith(sentence) for key in ("run", "step"))
        assert not browser.has("load") and f"{sentence}. This page shows what is recorded." in browser.words
        state.store().update(run, processes=2)
        sentence = f"2 other processes have this run open (the first is process {os.getpid()} on"
        assert sentence in browser.look().words
    browser.look()
    assert browser.has("run") and browser.has("load")


def test_a_warm_page_about_it_is_drawn_fast(run, trainer, small, browser):
    training.start(trainer, small(), "Bob", switch=True)
    training.pause(trainer, trainer.snapshot, "Bob")
    with RunLock(state.store().files(run)):
        assert browser.open(TRAIN, run=run).is_drawn_in_no_time()
