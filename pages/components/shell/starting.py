"""Setting a run going from a page, a new one or a stored one, and what to do where another run is under way.

A click on a start only leaves word; the page that is drawn next starts the run and goes to Train (`navigation.py` says
why). A stored run is taken up at once: its page is already there. Beginning a run may take minutes, where images have
to be read first: a thread waits for the engine's answer, so that the page can show how far it is, and stop it.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Literal

import streamlit as st

from pages.components.shell.build_progress import wait_for
from pages.components.shell.escape import plain
from pages.components.shell.navigation import QUIET_SECONDS
from pages.components.shell.state import trainer, who
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.graph.workflow import Workflow
from pipeline.studio import workflows
from pipeline.studio.run import training
from pipeline.studio.workflows import Template

TRAIN = "pages/2_Train.py"
WAITING = ThreadPoolExecutor(16, "genscope-begin")
"""Threads that wait for an engine's answer; each browser has one at most."""


def start_button(label: str, template: Template, key: str, type: Literal["primary", "secondary"] = "secondary") -> None:  # noqa: A002
    """A button that starts a template as it is."""
    st.button(
        label,
        key=key,
        icon=":material/play_arrow:",
        type=type,
        help="Starts a new run of this template.",
        on_click=lambda: ask_to_start(workflows.open_template(template.name)),
    )


def ask_to_start(workflow: Workflow) -> None:
    """For a button's callback: the page starts this workflow when it is drawn next, and goes to Train."""
    ask_to_begin(partial(training.start, trainer(), workflow, who()))


def ask_to_begin(begin: Callable[..., str], *, switch: bool = False) -> None:
    """For a button's callback: the page begins a run when it is drawn next, and goes to Train.

    begin: has the engine begin a run and returns its id; called in another thread, with `switch`, which says whether to
    pause the run under way for it.
    """
    st.session_state.to_begin = (begin, switch)
    st.session_state.pop("under_way", None)


def begin_if_asked() -> None:
    """Does what `ask_to_begin` was told; every page calls it before it draws anything that looks again by itself."""
    if "to_begin" in st.session_state:
        begin, switch = st.session_state.pop("to_begin")
        with st.spinner("Preparing the run"):
            time.sleep(QUIET_SECONDS)
        st.session_state.beginning = (WAITING.submit(begin, switch=switch), begin)
    # Whatever is clicked meanwhile draws the page anew, and it is still beginning.
    if "beginning" not in st.session_state:
        return
    answer: Future[str]
    answer, begin = st.session_state.beginning
    wait_for(answer)
    del st.session_state.beginning
    try:
        run = answer.result()
    except GenscopeError as error:
        _say_refused(error, partial(ask_to_begin, begin, switch=True))
    else:
        st.switch_page(TRAIN, query_params={"run": run})


def resume(run: str, steps: int | None = None, *, switch: bool = False, paused: bool = False) -> None:
    """For a button's callback: sets a stored run going again from its last checkpoint, for `steps` more if given.

    paused: only loads it, so that it can be stepped and inspected.
    """
    st.session_state.pop("under_way", None)
    try:
        training.resume(trainer(), run, who(), steps=steps, switch=switch, paused=paused)
    except GenscopeError as error:
        _say_refused(error, partial(resume, run, steps, switch=True, paused=paused))


def ask_to_switch() -> None:
    """Where a run was refused because of another: says whose that is, and offers to pause it and switch."""
    if "under_way" not in st.session_state:
        return
    sentence, switch = st.session_state.under_way
    st.warning(plain(sentence), icon=":material/swap_horiz:")
    with st.container(horizontal=True):
        st.button("Pause it and start mine", key="switch_run", type="primary", on_click=switch)
        st.button("Leave it running", key="keep_run", on_click=st.session_state.pop, args=("under_way",))


def _say_refused(error: GenscopeError, switch: Callable[[], None]) -> None:
    if isinstance(error, CommandRefused) and error.kind == "RunUnderWay":
        st.session_state.under_way = (str(error), switch)
    else:
        st.session_state.notice = str(error)
