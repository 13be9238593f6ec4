"""Add a workflow to the queue from a page, from a time on if the user names one."""

import streamlit as st

from pages.components.shell.done_message import Done, say_done
from pages.components.shell.notices import run_command_at
from pages.components.shell.page_paths import RUNS
from pages.components.shell.state import store, user_name
from pipeline.graph.workflow import Workflow
from pipeline.studio.queue.adding import add_workflow
from pipeline.studio.queue.run_words import added_words
from pipeline.studio.queue.start_times import read_start_time

QUEUE = {"view": "queue"}
"""Query parameters of the Runs page that show the queue."""


def start_time_field(key: str) -> str:
    """The field in which a user says from when on a run may start; `start_time` reads it."""
    return st.text_input(
        "Not before",
        key=key,
        placeholder="when the device is free",
        help="A time of the server's clock, such as 18:30, or a date and a time, such as 2030-01-31T18:30. If empty, "
        "as soon as the runs before have ended.",
    )


def start_time(text: str) -> float | None:
    """What the field says, in seconds since 1970; None if it is empty. Raises UnusableTime."""
    return read_start_time(text) if text.strip() else None


def add_to_queue(workflow: Workflow, at: str = "", place: str = "") -> bool:
    """For a callback: add a run of this workflow to the queue, and say where it stands there.

    at: what the field `start_time_field` says, "" for as soon as the device is free. place: where `notices.show` shows
    what is refused. Return whether it was added.
    """

    def add() -> None:
        entry = add_workflow(store(), workflow, user_name(), not_before=start_time(at))
        say_done(Done(added_words(store(), entry), RUNS, "Show the queue", QUEUE))

    return run_command_at(place, add)
