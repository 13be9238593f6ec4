"""Add a workflow to the queue from a page, and start what waits there."""

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


def add_to_queue(workflow: Workflow, at: str = "", place: str = "") -> bool:
    """For a callback: add a run of this workflow to the queue, and say where it stands there.

    at: when it may start, as a user writes it; "" for as soon as the device is free. place: where `notices.show` shows
    what is refused. Return whether it was added.
    """

    def add() -> None:
        when = read_start_time(at) if at.strip() else None
        entry = add_workflow(store(), workflow, user_name(), not_before=when)
        say_done(Done(added_words(store(), entry), RUNS, "Show the queue", QUEUE))

    return run_command_at(place, add)
