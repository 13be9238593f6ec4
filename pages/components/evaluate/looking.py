"""Evaluated images, found once for all browsers, with progress and a button that stops a long drawing."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.state import evaluation_engine, store
from pages.components.shell.streamlit_gaps import escape
from pipeline.errors.base import GenscopeError
from pipeline.errors.training import CommandRefused, EngineGone
from pipeline.runtime.messages.evaluation_commands import LookAtImages
from pipeline.runtime.messages.image_answers import EvaluatedImages
from pipeline.studio.evaluation import looking
from pipeline.studio.evaluation.engine import ENDED, STARTING
from pipeline.studio.run import history

ImagesT = TypeVar("ImagesT", bound=EvaluatedImages)

WAITING = ThreadPoolExecutor(16, "genscope-look")
"""Threads that wait for the evaluation engine."""
SOON = 0.7
"""Seconds. Most pages of a list that is known are there within this time, and no progress is shown."""
LOOK_SECONDS = 0.3


@dataclass
class _Asked(Generic[ImagesT]):
    """A look that was asked for, and how far it is."""

    answer: Future[ImagesT]
    doing: str = STARTING
    share: float = 0.0


def looked_at(command: LookAtImages[ImagesT]) -> ImagesT | None:
    """The images of a command, with the progress meanwhile; None if there are none or it was stopped, which is then
    said."""
    saved = notices.try_or_show(history.checkpoint_time, store(), command.run, command.step)
    if saved is None:
        return None
    asked = cast("_Asked[ImagesT]", _asked(command, saved))
    _wait(asked, command.run)
    try:
        return asked.answer.result()
    except GenscopeError as error:
        kind = error.kind if isinstance(error, CommandRefused) else ""
        if kind == "ReadingStopped":
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption("Drawing was stopped.", width="content")
                st.button("Draw again", key="look_again", icon=":material/refresh:", on_click=_forget(command, saved))
        else:
            # The next look tries again.
            _asked.clear(command, saved)
            if kind == "NothingToShow":
                st.info(escape(str(error)), icon=":material/info:")
            else:
                gone = isinstance(error, EngineGone) or kind == EngineGone.__name__
                st.error(escape(ENDED if gone else str(error)), icon=":material/error:")
                st.button("Try again", key="look_again", icon=":material/refresh:")
    return None


def _forget(command: LookAtImages[Any], saved: float) -> Any:
    return lambda: _asked.clear(command, saved)


@st.cache_resource(show_spinner=False, max_entries=40)
def _asked(command: LookAtImages[Any], saved: float) -> _Asked[Any]:
    """saved: when the checkpoint was saved. A resumed run may reach the same step again with other weights."""
    asked: _Asked[Any] = _Asked(Future())

    def told(doing: str, share: float) -> None:
        asked.doing, asked.share = doing, share

    again = replace(command, again=True)
    asked.answer = WAITING.submit(looking.look, evaluation_engine(), command, again, told)
    return asked


def _wait(asked: _Asked[Any], run: str) -> None:
    if asked.answer.done():
        return
    place = st.empty()
    with place, st.spinner("Looking at the images"):
        wait([asked.answer], SOON)
    if not asked.answer.done():
        with place.container(border=True, horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, text=escape(asked.doing))
            st.button(
                "Stop",
                key="stop_looking",
                icon=":material/stop:",
                help="Stops the drawing for every browser that waits for it.",
                on_click=notices.run_command,
                args=(looking.stop, evaluation_engine(), run),
            )
        while not asked.answer.done():
            # Drawing the bar also gives Streamlit a chance to handle a click.
            bar.progress(asked.share, text=escape(asked.doing))
            wait([asked.answer], LOOK_SECONDS)
    place.empty()
