"""The rail of a step's stages: which are done, which was done last, which are to come. A click selects one."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shell.streamlit_gaps import escape
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.stages.stage_rail import Progress, RailStage, RailUpdate

ICONS: dict[Progress, str] = {
    "done": ":material/check_circle:",
    "current": ":material/arrow_circle_right:",
    "to come": ":material/circle:",
}
HELP: dict[Progress, str] = {
    "done": "Done. Shows again what it made.",
    "current": "Done last. Shows what it made.",
    "to come": "To come. Shows what it is for, and offers to run to it.",
}
SELECTED = "walk_selected"


def selected_stage(snapshot: Snapshot) -> int:
    """The place of the selected stage in the step; 0 if the current one is shown, as after every stage."""
    walk, number = st.session_state.get(SELECTED, (None, 0))
    return number if walk == _walk(snapshot) else 0


def stage_rail(updates: Sequence[RailUpdate], snapshot: Snapshot, *, folded: bool) -> None:
    """A button for each stage, one below the other, in a list for each update. folded: only the update of the selected
    or the next stage is open, so that it fits a screen."""
    if not updates:
        return
    selected = selected_stage(snapshot)
    looked_at = selected or min(_current(snapshot) + 1, updates[-1].stages[-1].number)
    for update in updates:
        title = f":small[**{escape(update.title)}**]"
        opened = looked_at in [stage.number for stage in update.stages]
        with st.expander(title, expanded=opened) if folded else st.container(), st.container(gap=None):
            if not folded:
                st.markdown(title)
            for stage in update.stages:
                _button(stage, snapshot, selected=stage.number == (selected or _current(snapshot)))
    st.caption(" · ".join(f"{icon} {progress}" for progress, icon in ICONS.items()))


def _button(stage: RailStage, snapshot: Snapshot, *, selected: bool) -> None:
    words = f"{stage.number} {escape(stage.heading)}"
    st.button(
        f"{ICONS[stage.progress]} :small[{f'**{words}**' if selected else words}]",
        key=f"stage_{stage.number}",
        type="tertiary",
        help=HELP[stage.progress],
        on_click=_select,
        args=(snapshot, stage.number),
    )


def _current(snapshot: Snapshot) -> int:
    return snapshot.stage.number if snapshot.stage else 0


def _walk(snapshot: Snapshot) -> tuple[int, str, int, int]:
    """Differs from walk to walk and from stage to stage, so that a selection ends with the next stage."""
    return snapshot.pid, snapshot.run, snapshot.step, _current(snapshot)


def _select(snapshot: Snapshot, number: int) -> None:
    st.session_state[SELECTED] = (_walk(snapshot), number)
