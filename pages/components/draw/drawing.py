"""Images drawn from checkpoints, once for all browsers, with progress and a button that stops a long drawing."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.state import drawing_engine, store
from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused
from pipeline.runtime.messages.answer import Answer
from pipeline.runtime.messages.commands import Command
from pipeline.studio import sampling
from pipeline.studio.run import history

AnswerT = TypeVar("AnswerT", bound=Answer)

WAITING = ThreadPoolExecutor(16, "genscope-draw")
"""Threads that wait for the drawing engine, which draws one after the other."""

SOON = 0.7
"""Seconds. Most drawings are done within this time, and no progress is shown."""

LOOK_SECONDS = 0.3


def drawn(command: Command[AnswerT], step: int, name: str = "") -> AnswerT | None:
    """Draw, and show the progress meanwhile; None if it fails or is stopped, which is then said.

    step: of the checkpoint. name: distinguishes several drawings on one page.
    """
    asked = notices.try_or_show(_asked_at, command, step)
    if asked is None:
        return None
    _wait(asked.answer, name)
    try:
        return asked.answer.result()
    except GenscopeError as error:
        if isinstance(error, CommandRefused) and error.kind == "ReadingStopped":
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption("Drawing was stopped.")
                st.button("Draw again", key=f"draw_again {name}", icon=":material/refresh:", on_click=asked.forget)
        else:
            # The next look tries again.
            asked.forget()
            st.error(escape(str(error)), icon=":material/error:")
    return None


def drawn_in_turn(command: Command[AnswerT], step: int, tick: Callable[[], object]) -> AnswerT:
    """Draw one of many pictures, without a progress of its own. tick: called while it waits, and may raise to stop.

    Raises UnknownCheckpoint, CommandRefused or EngineGone.
    """
    asked = _asked_at(command, step)
    while not asked.answer.done():
        wait([asked.answer], LOOK_SECONDS)
        tick()
    if asked.answer.exception() is not None:
        asked.forget()
    return asked.answer.result()


class _Asked(Generic[AnswerT]):
    """A drawing that was asked for. forget: have the next one who asks draw it again."""

    def __init__(self, answer: Future[AnswerT], forget: Callable[[], None]) -> None:
        self.answer = answer
        self.forget = forget


def _asked_at(command: Command[AnswerT], step: int) -> _Asked[AnswerT]:
    """Raises UnknownCheckpoint if the checkpoint is gone."""
    # A resumed run may reach the same step again with other weights.
    saved = history.checkpoint_time(store(), command.run, step)
    return _Asked(cast("Future[AnswerT]", _asked(command, saved)), lambda: _asked.clear(command, saved))


@st.cache_resource(show_spinner=False, max_entries=200)
def _asked(command: Command[Any], saved: float) -> Future[Any]:
    """saved: when the checkpoint was saved."""
    return WAITING.submit(sampling.draw, drawing_engine(), command)


def _wait(answer: Future[AnswerT], name: str) -> None:
    if answer.done():
        return
    place = st.empty()
    with place, st.spinner("Drawing images"):
        wait([answer], SOON)
    if not answer.done():
        with place.container(border=True, horizontal=True, vertical_alignment="center"):
            line = st.empty()
            st.button(
                "Stop drawing",
                key=f"stop_drawing {name}",
                icon=":material/stop:",
                help="Stops the drawing for every browser that waits for it.",
                on_click=notices.run_command,
                args=(sampling.stop, drawing_engine()),
            )
        while not answer.done():
            # Drawing the line also gives Streamlit a chance to handle a click.
            line.markdown(f":material/hourglass_top: {escape(sampling.doing(drawing_engine()))}", width="content")
            wait([answer], LOOK_SECONDS)
    place.empty()
