"""Start a new run or resume a stored one from a page, and ask if another run is training.

A click only records the request; the next page run carries it out (`streamlit_gaps.py` says why) and, for a new run,
goes to Train. That may take minutes if images have to be read first, so a thread waits for the engine's answer while
the page shows progress and a stop button.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.build_progress import wait_for
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.questions import Answer, Question, ask, forget
from pages.components.shell.queueing import add_to_queue
from pages.components.shell.state import loaded_snapshot, snapshot_of, trainer, user_name
from pages.components.shell.streamlit_gaps import QUIET_SECONDS, escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import Workflow
from pipeline.studio import workflows
from pipeline.studio.queue.adding import start_next
from pipeline.studio.run import training
from pipeline.studio.workflows import Template

WAITING = ThreadPoolExecutor(16, "genscope-begin")
"""Threads that wait for the engine's answer, at most one for each browser."""


def start_button(label: str, template: Template, key: str, kind: Literal["primary", "secondary"] = "secondary") -> None:
    """A button that starts a run of a template."""
    st.button(
        label,
        key=key,
        icon=":material/play_arrow:",
        type=kind,
        help="Start a new run of this template.",
        on_click=lambda: request_new_run(workflows.open_template(template.name)),
    )


def request_new_run(workflow: Workflow) -> None:
    """For a button's callback: on the next page run, start a run of this workflow and go to Train."""
    request_start(partial(training.start, trainer(), workflow, user_name()), workflow)


@dataclass(frozen=True)
class Request:
    """A run to start or to resume. begin: has the engine do it and, for a new run, returns the run's id. verb: what is
    done, for the answer to a question, such as "start". doing: what the page says meanwhile. workflow: what the queue
    would train later; None if the run cannot wait there."""

    begin: Callable[..., object]
    verb: str
    doing: str
    workflow: Workflow | None = None

    def with_(self, **choices: bool) -> "Request":
        """The same request with what the user has chosen: `switch` or `accept_data`."""
        return replace(self, begin=partial(self.begin, **choices))


def request_start(begin: Callable[..., str], workflow: Workflow | None = None) -> None:
    """For a button's callback: on the next page run, call `begin` and go to Train.

    begin: has the engine start a run and returns its id. It is called in another thread; its argument `switch` says
    whether to pause the current run first. workflow: that of the run, if it can wait in the queue instead.
    """
    _request(Request(begin, "start", "Preparing the run", workflow))


def request_next(entry: str = "") -> None:
    """For a button's callback: on the next page run, start an entry of the queue, "" for the first, and go to its run.
    A run that is being trained is paused and saved first."""
    who, handle = user_name(), trainer()

    def begin(**_: bool) -> str:
        return start_next(handle, who, entry)

    request_start(begin)


def resume(run: str, steps: int | None = None, *, paused: bool = False) -> None:
    """For a button's callback: on the next page run, resume a stored run from its last checkpoint.

    steps: number of further steps, if given. paused: only load the run, so that it can be stepped and inspected.
    """
    snapshot = snapshot_of(run)
    doing, where = ("Loading", "at") if paused else ("Resuming", "from")
    step = "its last checkpoint" if snapshot.saved is None else f"step {snapshot.saved:,}"
    begin = partial(training.resume, trainer(), run, user_name(), steps=steps, paused=paused)
    _request(Request(begin, "load" if paused else "resume", f"{doing} {snapshot.name} {where} {step}"))


def start_if_requested() -> None:
    """Carry out what was requested. Every page calls this before it draws any fragment that polls."""
    if "to_begin" in st.session_state:
        request: Request = st.session_state.pop("to_begin")
        with st.spinner(escape(request.doing)):
            time.sleep(QUIET_SECONDS)
        st.session_state.beginning = (WAITING.submit(request.begin), partial(_refused, request))
    # A click in the meantime reruns the page, which then continues to wait here.
    if "beginning" not in st.session_state:
        return
    answer: Future[object]
    answer, refused = st.session_state.beginning
    wait_for(answer)
    del st.session_state.beginning
    try:
        run = answer.result()
    except GenscopeError as error:
        refused(error)
    else:
        if isinstance(run, str):
            st.switch_page(TRAIN, query_params={"run": run})
        _say_resumed()


def rerun_if_asked() -> None:
    """For a fragment that has buttons, before it draws: rerun the page if one of them requested a run or was refused.
    In a browser such a button reruns only its fragment, but the page starts runs and shows messages."""
    if "to_begin" in st.session_state or notices.waits():
        st.rerun()


def _request(request: Request) -> None:
    st.session_state.to_begin = request
    forget()


def _say_resumed() -> None:
    now = trainer().snapshot
    if now.saved is not None:
        word = "Loaded" if now.state == "paused" else "Resumed"
        st.toast(f"{word} {escape(now.name)} at step {now.saved:,}.", icon=":material/restart_alt:")


def _refused(request: Request, error: GenscopeError) -> None:
    """Ask, if a choice of the user would help; otherwise show the error."""
    kind = error.kind if isinstance(error, CommandRefused) else ""
    if kind == "EngineBusy":
        _ask_to_switch(request, error)
    elif kind == "OtherImages":
        again = partial(_request, request.with_(accept_data=True))
        ask(
            Question(
                "The images have changed",
                (str(error), "If it goes on with them, its events record what differs."),
                Answer("Resume with these images", "accept_data", again, "Go on with the images as they are now."),
                Answer("Leave it as it is", "keep_data"),
            )
        )
    else:
        notices.set_message(str(error))


def _ask_to_switch(request: Request, error: GenscopeError) -> None:
    sentences = [str(error), "A paused run keeps all that it has learnt, and can be resumed at any time."]
    queue = None
    if request.workflow is not None:
        sentences.append("In the queue, yours starts by itself when the runs before it have ended.")
        queue = Answer("Add to queue", "queue_run", partial(add_to_queue, request.workflow))
    switch = partial(_switch, request, trainer().snapshot.run)
    ask(
        Question(
            f"{_current_run()} is training",
            tuple(sentences),
            Answer(f"Pause it and {request.verb} mine", "switch_run", switch),
            Answer("Leave it running", "keep_run"),
            queue,
        )
    )


def _switch(request: Request, asked_about: str) -> None:
    """Pause the run that the question was about. If another one is training by now, that is asked about."""
    _request(request.with_(switch=True) if trainer().snapshot.run == asked_about else request)


def _current_run() -> str:
    """Whose run is loaded, and its name, such as "Your run dcgan"."""
    now = loaded_snapshot()
    whose = "Your run" if now.who == user_name() else f"{now.who}'s run" if now.who else "The run"
    return f"{whose} {now.name}"
