"""Start a new run or resume a stored one from a page, and offer to switch if another run is training.

A click on a start button only records the request; the next page run starts the run and goes to Train
(`streamlit_gaps.py` says why). A stored run is resumed at once, because its page is already open. Starting a run may
take minutes if images have to be read first, so a thread waits for the engine's answer while the page shows progress
and a stop button.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Literal

import streamlit as st

from pages.components.shell.build_progress import wait_for
from pages.components.shell.page_paths import TRAIN
from pages.components.shell.state import trainer, user_name
from pages.components.shell.streamlit_gaps import QUIET_SECONDS, escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import Workflow
from pipeline.studio import workflows
from pipeline.studio.run import training
from pipeline.studio.workflows import Template

WAITING = ThreadPoolExecutor(16, "genscope-begin")
"""Threads that wait for the engine's answer, at most one for each browser."""


def start_button(label: str, template: Template, key: str, type: Literal["primary", "secondary"] = "secondary") -> None:  # noqa: A002
    """A button that starts a run of a template."""
    st.button(
        label,
        key=key,
        icon=":material/play_arrow:",
        type=type,
        help="Start a new run of this template.",
        on_click=lambda: request_new_run(workflows.open_template(template.name)),
    )


def request_new_run(workflow: Workflow) -> None:
    """For a button's callback: on the next page run, start a run of this workflow and go to Train."""
    request_start(partial(training.start, trainer(), workflow, user_name()))


def request_start(begin: Callable[..., str], *, switch: bool = False) -> None:
    """For a button's callback: on the next page run, call `begin` and go to Train.

    begin: has the engine start a run and returns its id. It is called in another thread; its argument `switch` says
    whether to pause the current run first.
    """
    st.session_state.to_begin = (begin, switch)
    _forget_refusals()


def start_if_requested() -> None:
    """Start the run that `request_start` recorded. Every page calls this before it draws any fragment that polls."""
    if "to_begin" in st.session_state:
        begin, switch = st.session_state.pop("to_begin")
        with st.spinner("Preparing the run"):
            time.sleep(QUIET_SECONDS)
        st.session_state.beginning = (WAITING.submit(begin, switch=switch), begin)
    # A click in the meantime reruns the page, which then continues to wait here.
    if "beginning" not in st.session_state:
        return
    answer: Future[str]
    answer, begin = st.session_state.beginning
    wait_for(answer)
    del st.session_state.beginning
    try:
        run = answer.result()
    except GenscopeError as error:
        _say_refused(error, partial(request_start, begin, switch=True))
    else:
        st.switch_page(TRAIN, query_params={"run": run})


def resume(
    run: str, steps: int | None = None, *, switch: bool = False, paused: bool = False, accept_data: bool = False
) -> None:
    """For a button's callback: resume a stored run from its last checkpoint, for `steps` more steps if given.

    switch: pause the current run first. paused: only load the run, so that it can be stepped and inspected.
    accept_data: go on even if its images are not those that it was trained on.
    """
    _forget_refusals()
    again = partial(resume, run, steps, switch=switch, paused=paused, accept_data=accept_data)
    try:
        training.resume(trainer(), run, user_name(), steps=steps, switch=switch, paused=paused, accept_data=accept_data)
    except GenscopeError as error:
        if isinstance(error, CommandRefused) and error.kind == "OtherImages":
            st.session_state.other_images = (str(error), partial(again, accept_data=True))
        else:
            _say_refused(error, partial(again, switch=True))


def offer_to_switch() -> None:
    """If a run was refused, offer what would start it: to pause the run that another user trains, or to go on with
    images that have changed."""
    _offer_other_images()
    if "under_way" not in st.session_state:
        return
    sentence, switch = st.session_state.under_way
    st.warning(escape(sentence), icon=":material/swap_horiz:")
    with st.container(horizontal=True):
        st.button("Pause it and start mine", key="switch_run", type="primary", on_click=switch)
        st.button("Leave it running", key="keep_run", on_click=st.session_state.pop, args=("under_way",))


def _offer_other_images() -> None:
    if "other_images" not in st.session_state:
        return
    sentence, accept = st.session_state.other_images
    st.warning(escape(sentence), icon=":material/photo_library:")
    with st.container(horizontal=True):
        st.button(
            "Resume with these images",
            key="accept_data",
            icon=":material/restart_alt:",
            help="Go on with the images as they are now. The run records what differs as an event.",
            on_click=accept,
        )
        st.button("Leave it as it is", key="keep_data", on_click=st.session_state.pop, args=("other_images",))


def _forget_refusals() -> None:
    for refusal in ("under_way", "other_images"):
        st.session_state.pop(refusal, None)


def _say_refused(error: GenscopeError, switch: Callable[[], None]) -> None:
    if isinstance(error, CommandRefused) and error.kind == "EngineBusy":
        st.session_state.under_way = (str(error), switch)
    else:
        st.session_state.notice = str(error)
