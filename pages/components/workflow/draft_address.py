"""The draft in the Workflow page's URL: `?draft=ID` once it has been edited, else what it was opened from.

So a reload, a bookmark and the browser's Back return to it. An address that says something else than the session opens
that; a bare one continues the session's draft.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import streamlit as st

from pages.components.shell import notices
from pages.components.shell.address_guard import went_back
from pages.components.shell.browser import remember, remembered
from pages.components.shell.streamlit_gaps import escape
from pages.components.workflow import draft
from pages.components.workflow.fork_preview import open_run
from pipeline.formatting import ago, counted
from pipeline.runs.drafts import DraftRecord, find
from pipeline.runs.home import home
from pipeline.studio import workflows
from pipeline.studio.drafts import Draft

UNDER_WAY_SECONDS = 5.0
"""How long after we wrote the address a page run that was already under way may still report the one before."""

READING_SECONDS = 10.0
"""How long every page run shows why an address was refused: a new page runs again as soon as the browser reports its
size and what it remembers, and a message that was shown once would be gone before anybody has read it."""
REFUSAL = "address"
"""The place of that message."""

Address = tuple[str, str]
"""Name and value of the parameter in the URL; two "" for a bare one."""
BARE: Address = ("", "")


class _Held(NamedTuple):
    """The address of the session's draft, the one before it, and when it replaced that one (monotonic seconds)."""

    address: Address
    before: Address = BARE
    since: float = 0.0


def follow_address() -> None:
    """Open what the address asks for, unless the session's draft is that. Call it before the draft is read."""
    told = next(((name, st.query_params[name]) for name in _OPENERS if name in st.query_params), BARE)
    node = st.query_params.get("node", "")
    held = _held()
    late = told == held.before and time.monotonic() - held.since < UNDER_WAY_SECONDS and not went_back()
    continues = told in (BARE, held.address) or late or (told[0] == "run" and node and _continues(told[1]))
    if (continues or _open(told)) and node:
        notices.run_command(draft.select_known, node)
    _write(told)


def _open(told: Address) -> bool:
    """Open what the address asks for. Return whether that succeeded; `draft_notes` says why not."""
    opened = notices.run_command_at(REFUSAL, _OPENERS[told[0]], told[1])
    st.session_state.address_refused = (notices.take_message(REFUSAL), time.monotonic())
    return opened


def _write(told: Address) -> None:
    address = _held().address
    default = ("template", workflows.DEFAULT_TEMPLATE)
    # After the browser's Back, another entry would catch the user here.
    settled = told == address or (told == BARE and (address in (BARE, default) or went_back()))
    if settled and "node" not in st.query_params:
        return
    others = {name: value for name, value in st.query_params.items() if name not in (*_OPENERS, "node")}
    wanted = told if settled else address
    st.query_params.from_dict(others if wanted == BARE else {**others, wanted[0]: wanted[1]})


def _held() -> _Held:
    """The current address; that of a new session is bare."""
    held: _Held = st.session_state.get("draft_address", _Held(BARE))
    address = address_of(draft.current()) if "draft" in st.session_state else BARE
    if address != held.address:
        held = _Held(address, held.address, time.monotonic())
        st.session_state.draft_address = held
    return held


def address_of(now: Draft) -> Address:
    """The draft's address: its id once it is kept, else the template, run or saved workflow that it was opened from."""
    if now.version:
        return "draft", now.id
    source, origin = now.origin
    if source == "run":
        return "fork" if now.descent.forking else "run", now.descent.run
    return (source, origin.name) if source in ("template", "saved") else BARE


def _continues(run: str) -> bool:
    """Whether the draft is this run's workflow, edited: a link to one of its nodes then goes on with it."""
    return "draft" in st.session_state and draft.current().descent.run == run and draft.current().state == "draft"


def _open_template(name: str) -> None:
    draft.open_workflow(workflows.open_template(name), "template")


def _open_saved(name: str) -> None:
    draft.open_workflow(workflows.open_saved(home(), name), "saved")


_OPENERS: Mapping[str, Callable[[str], None]] = {
    "draft": draft.open_draft,
    "template": _open_template,
    "saved": _open_saved,
    "run": open_run,
    "fork": partial(open_run, fork=True),
}


def draft_notes() -> None:
    """Why the address was refused; what there is to say about the draft, once; and in a new session, the offer to
    continue the last one."""
    refusal, since = st.session_state.get("address_refused", ("", 0.0))
    if refusal and time.monotonic() - since < READING_SECONDS:
        st.error(escape(refusal), icon=":material/error:")
    if sentence := st.session_state.pop("draft_note", ""):
        st.warning(escape(sentence), icon=":material/edit_note:")
    if record := _last_draft():
        with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
            st.markdown(
                f"Continue your draft **{escape(record.name) or 'Untitled'}**? {_facts(record)}", width="content"
            )
            st.button(
                "Continue", key="continue_draft", icon=":material/edit_note:", on_click=_continue, args=(record.id,)
            )
            st.button("Not now", key="leave_draft", type="tertiary", on_click=_leave)


def _facts(record: DraftRecord) -> str:
    edits = f"{counted(record.edits, 'edit')}, " if record.edits else ""
    return f":small[{edits}changed {ago(record.changed)}]"


def _last_draft() -> DraftRecord | None:
    """The draft that this browser remembers, until the session has one of its own."""
    if draft.current().version:
        st.session_state.draft_offered = True
    if st.session_state.get("draft_offered") or not (last := remembered(draft.REMEMBERED)):
        return None
    return find(home(), last)


def _continue(draft_id: str) -> None:
    st.session_state.draft_offered = True
    notices.run_command(draft.open_draft, draft_id)


def _leave() -> None:
    st.session_state.draft_offered = True
    remember(draft.REMEMBERED, "")
