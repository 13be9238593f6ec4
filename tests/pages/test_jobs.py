"""Jobs on the pages: submitted from Workflow, listed on Runs with state and logs, cancelled after a question."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pages.components.shell import state
from pipeline.graph import edit
from pipeline.launch import queue_watch
from pipeline.launch.jobs import Job, list_jobs, make_job
from pipeline.launch.queue_watch import QueueWatch
from pipeline.launch.resources import resources
from pipeline.nodes.catalogue import NODES
from tests.fake_slurm import NUMBER, FakeSlurm
from tests.pages.conftest import Browser, WaitFor

WORKFLOW, RUNS = "pages/1_Workflow.py", "pages/6_Runs.py"


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlurm]:
    monkeypatch.setattr("pipeline.studio.jobs.job_rows.WATCH", QueueWatch())
    monkeypatch.setattr(queue_watch, "FRESH_SECONDS", 0.0)
    yield FakeSlurm(tmp_path / "slurm", monkeypatch, "cpu", "gpu")
    for job in list_jobs(state.store().home):
        job.write("ended", outcome="done")


@pytest.fixture
def queued(shared_home: Path, slurm: FakeSlurm) -> Callable[[], Job]:
    """`queued()`: a job in Slurm's queue."""

    def make() -> Job:
        facts = {"arguments": (), "name": "digits", "cluster": "slurm", "processes": 2, "who": "Ada"}
        job = make_job(state.store(), resources=resources(tasks=2), **facts)
        job.write("queued", id=NUMBER)
        return job

    return make


@pytest.fixture
def form(shared_home: Path, slurm: FakeSlurm, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The Workflow page with the form of a job, whose submission Slurm accepts."""
    monkeypatch.setattr("pipeline.launch.submission.submit", lambda job: job.write("queued", id=NUMBER))
    browser.open(WORKFLOW, template="mlp-gan")
    browser.app.button_group(key="queue_where").set_value("job")
    return browser.look()


def test_without_jobs_the_page_says_how_to_submit_one(shared_home: Path, browser: Browser) -> None:
    assert "There are no jobs. Queue on the Workflow page has a cluster train a workflow" in (
        browser.open(RUNS, view="jobs").words.replace("*", "")
    )


def test_a_workflow_is_submitted_with_what_the_fields_say_and_bad_numbers_are_refused_beside_them(
    shared_home: Path, form: Browser
) -> None:
    for key, value in {"submit_tasks": 4, "submit_gpus": 4, "submit_minutes": -3}.items():
        form.app.number_input(key=key).set_value(value)
    form.app.text_input(key="submit_partition").set_value("gpus")
    assert "Time limit in minutes is -3. Choose a number from 1" in form.click("submit_job").errors
    form.app.number_input(key="submit_minutes").set_value(30)
    assert "no partition 'gpus', did you mean 'gpu'?" in form.click("submit_job").errors
    form.app.text_input(key="submit_partition").set_value("gpu")
    assert f"Slurm has queued it as {NUMBER}." in form.click("submit_job").words
    (job,) = (job for job in list_jobs(shared_home) if not job.note("ended"))
    asked = job.resources
    assert (asked.partition, asked.tasks, asked.gpus, asked.minutes) == ("gpu", 4, 4, 30)
    assert (job.name, job.processes) == ("mlp-gan", 4)


def test_a_job_has_as_many_tasks_as_the_workflow_has_processes_also_once_that_is_changed(
    shared_home: Path, form: Browser
) -> None:
    draft = form.app.session_state["draft"]
    two = edit.set_parameter(draft.workflow, "training", "processes", 2, NODES)
    form.app.session_state["draft"] = replace(draft, history=draft.history.push(two))
    form.look().click("submit_job")
    (job,) = (job for job in list_jobs(shared_home) if not job.note("ended"))
    assert job.processes == 2


def test_a_job_is_listed_with_the_queues_reason_which_no_page_waits_for(
    queued: Callable[[], Job], slurm: FakeSlurm, browser: Browser, wait_for: WaitFor
) -> None:
    queued()
    slurm.queue("PENDING", "Priority")

    def first() -> tuple[str, str]:
        row = browser.open(RUNS, view="jobs").table("Why").iloc[0]
        return row["State"], row["Why"]

    assert first() == ("unknown", "The queue does not answer."), "it is asked in a thread"
    wait_for(lambda: first() == ("waiting", "It waits until jobs of higher priority have started."))
    assert browser.is_drawn_in_no_time()


def test_a_chosen_job_shows_the_logs_of_its_tasks_and_is_cancelled_after_a_question(
    queued: Callable[[], Job], slurm: FakeSlurm, browser: Browser
) -> None:
    job = queued()
    slurm.queue("RUNNING", where="node3")
    (job.path / f"{NUMBER}_1_log.err").write_text("step 10\rstep 20 of 30\n\x1b[31mno\n")
    browser.app.session_state["job_chosen"] = job.id
    browser.open(RUNS, view="jobs")
    assert [tab.label for tab in browser.app.tabs] == ["Task 1, stderr"]
    assert browser.app.code[0].value.startswith("step 20 of 30\n")
    assert "is saved. Its run can be resumed" in browser.words
    assert "Slurm's job 4711. Asked for 2 processes, 60 minutes, by Ada." in browser.words
    browser.click("cancel_job_yes")
    assert slurm.cancelled == NUMBER and job.note("cancelled")
    assert browser.app.session_state[f"cancel {job.id}"] is False, "the menu is closed"
    job.write("ended", outcome="cancelled")
    browser.app.session_state["job_chosen"] = job.id
    assert not browser.look().has("cancel_job_yes")
