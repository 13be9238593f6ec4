"""Questions that a command raises, asked in a dialog, so that none is asked out of sight.

There is at most one. It stays until it is answered or dismissed, also when the page is redrawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from pages.components.shell.streamlit_gaps import escape


@dataclass(frozen=True)
class Answer:
    """A button that answers: its label, its `key`, and what is done. help: what it leads to, in a sentence."""

    label: str
    key: str
    act: Callable[[], object] = lambda: None
    help: str = ""


@dataclass(frozen=True)
class Question:
    """A question. title: what is in the way, in a few words. sentences: the facts, and what there is to choose from.
    yes, no: the answers. other: a third one, between them."""

    title: str
    sentences: tuple[str, ...]
    yes: Answer
    no: Answer
    other: Answer | None = None


def ask(question: Question) -> None:
    """Ask this as soon as the page is drawn, instead of any other question."""
    st.session_state.question = question


def forget() -> None:
    """Ask nothing any more."""
    st.session_state.pop("question", None)


def asking() -> bool:
    """Whether a dialog asks a question. Streamlit allows one dialog at a time, so no other must be opened then."""
    return "question" in st.session_state


def show_question() -> None:
    """The dialog, if there is a question. A page calls this once."""
    if asking():
        question: Question = st.session_state.question
        st.dialog(escape(question.title), on_dismiss=forget)(_draw)(question)


def _draw(question: Question) -> None:
    if not asking():
        # In a browser an answer reruns only the dialog. Its callback has answered, so the page closes it.
        st.rerun()
    for sentence in question.sentences:
        st.markdown(escape(sentence))
    with st.container(horizontal=True):
        _button(question.yes, "primary")
        if question.other is not None:
            _button(question.other, "secondary")
        _button(question.no, "secondary")


def _button(answer: Answer, kind: Literal["primary", "secondary"]) -> None:
    st.button(answer.label, key=answer.key, type=kind, help=answer.help or None, on_click=_answer, args=(answer,))


def _answer(answer: Answer) -> None:
    forget()
    answer.act()
