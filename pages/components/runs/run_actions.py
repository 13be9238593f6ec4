"""What can be done with the chosen runs: open them, rename, tag, note, download, archive, delete."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from pages.components.runs.download_menu import download_menu
from pages.components.runs.runs_address import alter
from pages.components.shell import notices
from pages.components.shell.done_message import Done, say_done
from pages.components.shell.page_paths import EVALUATE, GENERATE, INSPECT, PAGES, TRAIN, WORKFLOW
from pages.components.shell.questions import Answer, Question, ask
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import escape
from pipeline.formatting import counted, size
from pipeline.runs import catalogue, edits
from pipeline.runs.store import RunRecord
from pipeline.studio.run import deleting
from pipeline.studio.run.deleting import DeletionPlan

OPENED = (TRAIN, INSPECT, GENERATE, EVALUATE)
"""The pages that show a run."""


def run_actions(runs: Sequence[RunRecord]) -> None:
    """One row of buttons for the chosen runs, or what to do to choose some."""
    if not runs:
        st.caption("Open shows a run on Train. Tick runs (Shift+Space) to compare, tag, download or delete them.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape(runs[0].name) if len(runs) == 1 else f'{len(runs)} runs chosen'}**", width="content")
        if len(runs) == 1:
            for page in OPENED:
                label = "Open" if page == TRAIN else PAGES[page].title
                st.page_link(page, label=label, icon=PAGES[page].icon, query_params={"run": runs[0].id})
            # The workflow of the run becomes a draft, from which another run can be started.
            st.page_link(WORKFLOW, label="Duplicate", icon=":material/content_copy:", query_params={"run": runs[0].id})
        else:
            st.button("Compare", key="compare_chosen", icon=":material/compare_arrows:", on_click=alter,
                      kwargs={"show": "compare"})  # fmt: skip
        _describe(runs)
        download_menu(runs)
        _archive(runs)
        st.button("Delete…", key="delete_chosen", icon=":material/delete:", on_click=_ask_deletion, args=(runs,))
        st.button("Clear", key="clear_chosen", type="tertiary", help="Choose no run.", on_click=alter,
                  kwargs={"chosen": ()})  # fmt: skip


def _describe(runs: Sequence[RunRecord]) -> None:
    """Name, note and tags, in a popover."""
    ids = [run.id for run in runs]
    tags = catalogue.tags_of(store(), ids)
    common = sorted(set.intersection(*(set(tags.get(run, ())) for run in ids)))
    # Fields keep what they show: with what another user has saved meanwhile, they are others.
    of = f"{' '.join(ids)} {hash((runs[0].name, runs[0].note, *common))}"
    with st.popover("Name, tags, note", icon=":material/edit:", key="describe_chosen"), st.form(f"describe {of}"):
        notices.show("describe")
        if len(runs) == 1:
            st.text_input("Name", runs[0].name, key=f"name {of}", max_chars=edits.LONGEST_NAME)
        label = "Tags" if len(runs) == 1 else "Tags of all of them"
        options = list(dict.fromkeys([*common, *catalogue.choices(store()).tags]))
        st.multiselect(label, options, common, key=f"tags {of}", accept_new_options=True)
        if len(runs) == 1:
            st.text_area("Note", runs[0].note, key=f"note {of}", max_chars=edits.LONGEST_NOTE)
        st.form_submit_button("Save", type="primary", on_click=partial(_save, of, tuple(runs), tuple(common)))


def _save(of: str, runs: Sequence[RunRecord], before: Sequence[str]) -> None:
    """For a callback: save what was changed in the fields of the form `of`. runs, before: the runs, and the tags that
    all of them had, as the form showed them. What was not changed here may have been changed elsewhere meanwhile."""
    ids = [run.id for run in runs]
    chosen = st.session_state[f"tags {of}"]

    def save() -> None:
        if len(runs) == 1:
            name, note = st.session_state[f"name {of}"], st.session_state[f"note {of}"]
            if name != runs[0].name:
                edits.rename(store(), ids[0], name)
            if note != runs[0].note:
                edits.set_note(store(), ids, note)
        edits.tag(store(), ids, set(chosen) - set(before), set(before) - set(chosen))

    if notices.run_command_at("describe", save):
        st.toast("Saved.", icon=":material/check:")


def _archive(runs: Sequence[RunRecord]) -> None:
    listed = [run.id for run in runs if not run.archived]
    if listed:
        st.button("Archive", key="archive_chosen", icon=":material/archive:",
                  help="Leave out of lists. Nothing is deleted.",
                  on_click=notices.run_command, args=(_archive_and_say, listed))  # fmt: skip
    else:
        st.button("Restore", key="restore_chosen", icon=":material/unarchive:", help="Show in lists again.",
                  on_click=notices.run_command, args=(edits.restore, store(), [run.id for run in runs]))  # fmt: skip


def _archive_and_say(ids: Sequence[str]) -> None:
    edits.archive(store(), ids)
    back = partial(notices.run_command, edits.restore, store(), ids)
    say_done(Done(f"{counted(len(ids), 'run')} archived: lists leave {'it' if len(ids) == 1 else 'them'} out.",
                  undo=back))  # fmt: skip


def _ask_deletion(runs: Sequence[RunRecord]) -> None:
    """For a callback: ask before anything is deleted, or say why nothing can be."""
    notices.run_command(_plan_and_ask, [run.id for run in runs])


def _plan_and_ask(ids: Sequence[str]) -> None:
    found = deleting.plan(store(), ids, uploads=True)
    sentences = [f"{counted(len(found.runs), 'run')} with {size(found.size)} of files: {_names(found)}. "
                 "This cannot be undone."]  # fmt: skip
    if found.jobs:
        sentences.append(f"The logs of {counted(len(found.jobs), 'job')} go too.")
    if found.forks:
        stay = "stays" if len(found.forks) == 1 else "stay"
        sentences.append(
            f"{counted(len(found.forks), 'fork')} {stay}, without the curves and samples from before the fork."
        )
    if found.uploads:
        sets = ", ".join(upload.name for upload in found.uploads)
        sentences.append(f"The uploaded data {sets}, which nothing else uses, are kept: delete them on the Data page.")
    ask(
        Question(
            title=f"Delete {counted(len(found.runs), 'run')}?",
            sentences=tuple(sentences),
            yes=Answer("Delete", "delete_yes", partial(notices.run_command, _delete, replace(found, uploads=()))),
            no=Answer("Keep", "delete_no"),
        )
    )


def _delete(found: DeletionPlan) -> None:
    freed = deleting.delete(store(), found)
    alter(chosen=())
    st.toast(f"Deleted {counted(len(found.runs), 'run')}; {size(freed)} freed.", icon=":material/delete:")


def _names(found: DeletionPlan) -> str:
    names = [run.name for run in found.runs[:5]]
    more = len(found.runs) - len(names)
    # Names of forks and sweeps contain commas themselves.
    return "; ".join(names) + (f" and {more:,} more" if more else "")
