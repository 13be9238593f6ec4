"""The Profile view: profile the next steps, and where the time of a step went, by stage and by operator."""

import streamlit as st

from pages.components.inspect.profile_charts import STAGES, bars_height, stage_bars
from pages.components.shell.notices import empty, run_command
from pages.components.shell.palette import COLOURS, NEUTRAL
from pages.components.shell.readiness import blocked_because, loaded
from pages.components.shell.starting import rerun_if_asked
from pages.components.shell.state import snapshot_of, store, trainer, user_name
from pages.components.shell.streamlit_gaps import POLL_SECONDS, escape, slot, while_busy
from pages.components.shell.theme import chart_text
from pipeline.formatting import counted, number
from pipeline.runs.profile_records import MOST_STEPS, USUAL_STEPS, Profile
from pipeline.runs.store import RunRecord
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.inspect import profiles
from pipeline.studio.run import training
from pipeline.studio.stages.stage_facts import RunStages, stages_of

ROW_HEIGHT = 28
STEPS = "profile_steps"
PER_STEP = "Milliseconds per step."
COLUMNS = {
    "Stage": st.column_config.TextColumn(width=270),
    "Operator": st.column_config.TextColumn(width=225),
    "Calls": st.column_config.NumberColumn(format="localized", help="In all profiled steps.", width=60),
    "Total": st.column_config.NumberColumn("Total (ms)", format="%.4g", help=PER_STEP, width=80),
    "Self": st.column_config.NumberColumn(
        "Self (ms)",
        format="%.4g",
        help=f"{PER_STEP} Of a stage: outside operators, in Python and waiting. Of an operator: without those that it "
        "calls.",
        width=80,
    ),
    "Share": st.column_config.NumberColumn(format="%.1f%%", help="Of the time of a step.", width=70),
    "GPU": st.column_config.NumberColumn("GPU (ms)", format="%.4g", help=f"{PER_STEP} Time of its kernels.", width=80),
    "Memory": st.column_config.NumberColumn(
        format="bytes",
        help="Of a stage: by how much it raised the memory in use at most. Of an operator: what it allocated in all "
        "profiled steps.",
        width=80,
    ),
    "Most in": st.column_config.TextColumn(help="The stage in which it costs most.", width=222),
    "There": st.column_config.NumberColumn(format="%.1f%%", help="The share of its cost in that stage.", width=70),
}


def profile_view(record: RunRecord, snapshot: Snapshot) -> None:
    """The controls, the progress of a profile that is being taken, and one that is kept."""
    found = profiles.kept(store(), record.id)
    with st.container(horizontal=True, vertical_alignment="bottom", key="profile_row"):
        _controls(snapshot)
        shown = _choice(record, found) if found else None
    with slot():
        if snapshot.profiling:
            st.fragment(_progress, run_every=while_busy(snapshot, POLL_SECONDS))(record.id)
    if shown is None:
        # Not loaded, the button cannot be pressed.
        first = "Choose how many, and press" if loaded(snapshot) else "Press **Load**, then"
        empty(
            f"No steps of this run have been profiled yet. {first} **Profile**: it shows where the time of a step "
            "goes, by stage and by operator of PyTorch."
        )
        return
    _show(record, shown)


def _controls(snapshot: Snapshot) -> None:
    blocked = blocked_because(snapshot, moving=True)
    if snapshot.profiling:
        blocked = "A profile is being taken."
    steps = st.number_input(
        "Steps",
        min_value=1,
        max_value=MOST_STEPS,
        value=USUAL_STEPS,
        key=STEPS,
        persist_state="session",
        width=130,
        help="How many steps to measure. Measuring slows them down, and a trace of many steps is large.",
    )
    st.button(
        f"Profile {counted(int(steps), 'step')}",
        key="profile",
        icon=":material/timer:",
        type="primary",
        disabled=bool(blocked),
        help=blocked
        or f"Trains {counted(int(steps) + 1, 'step')} and records them like any others; the first warms up and is "
        "not measured. Training is not changed: the run equals one without a profile.",
        on_click=_take,
        args=(snapshot,),
    )


def _take(snapshot: Snapshot) -> None:
    """For a callback: as many steps as the field says when the click arrives, which may be what ended the typing."""
    run_command(profiles.take, trainer(), snapshot, user_name(), int(st.session_state[STEPS]))


def _progress(run: str) -> None:
    rerun_if_asked()
    snapshot = snapshot_of(run)
    if not snapshot.profiling:
        return
    done, wanted = snapshot.profiling
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, done / wanted), text=profiles.progress_words(done, wanted))
        st.button(
            "Stop",
            key="stop_profile",
            icon=":material/stop:",
            help="Pauses the run. The steps that have been measured are kept as a profile.",
            on_click=run_command,
            args=(training.pause, trainer(), snapshot, user_name()),
        )


def _choice(record: RunRecord, found: tuple[Profile, ...]) -> Profile:
    """The field that chooses among the profiles that are kept, and the download of its trace."""
    by_time = {profile.made: profile for profile in found}
    chosen = st.selectbox(
        "Profiled steps",
        list(by_time),
        format_func=lambda made: profiles.title(by_time[made]),
        # A new profile is shown at once.
        key=f"profile {record.id} {found[0].made}",
        width=260,
        help="The last five profiles of a run are kept.",
    )
    _download(record, by_time[chosen])
    return by_time[chosen]


def _show(record: RunRecord, profile: Profile) -> None:
    run = stages_of(record.workflow_text, record.batch_size, record.data_text)
    st.markdown(escape(profiles.summary(profile, run)))
    if profile.cut:
        st.warning(escape(profile.cut), icon=":material/content_cut:")
    _bars(profile, run)
    _table("By stage", profiles.stage_table(profile, run), "stages")
    st.caption(
        f"Times are milliseconds per step, averaged over {counted(profile.steps, 'step')}. Self: outside operators. "
        "Rest of the step: averages of weights, counting, and the profiler itself."
    )
    _table(f"By operator: the top {profiles.SHOWN_OPERATORS}", profiles.operator_table(profile, run), "operators")


def _download(record: RunRecord, profile: Profile) -> None:
    trace = profiles.trace_file(store(), record.id, profile)
    st.download_button(
        "Trace for Perfetto",
        # Read when it is asked for, since it may be large.
        trace.read_bytes if trace else b"",
        profiles.trace_name(record.id, profile),
        "application/gzip",
        key="download_trace",
        icon=":material/download:",
        on_click="ignore",
        disabled=trace is None,
        help="All steps on a time line. Open the file as it is at ui.perfetto.dev, which shows it in the browser and "
        "uploads nothing, or in chrome://tracing."
        if trace
        else "The file of this trace is missing.",
    )


def _bars(profile: Profile, run: RunStages) -> None:
    gpu = False
    if profile.tables.on_device:
        gpu = st.segmented_control("Time of", ["GPU", "CPU"], default="GPU", required=True, key="profile_of") == "GPU"
    what = "GPU" if gpu else "CPU"
    stages, updates = profiles.stage_names(profile, run), profiles.updates(profile)
    parts = (profiles.KERNELS,) if gpu else (profiles.OPERATORS, profiles.ELSE)
    longest = max(profile.tables.stages, key=lambda stage: stage.device if gpu else stage.total)
    time = (longest.device if gpu else longest.total) / profile.steps
    st.vega_lite_chart(
        spec=stage_bars(stages, updates, tuple(_colour(update, run) for update in updates), parts, what)
        | {"config": chart_text(), "datasets": {STAGES: profiles.chart_table(profile, run, gpu=gpu)}},
        height=bars_height(len(stages)),
        width="stretch",
        key=f"chart {what} time by stage",
        alt=f"Bars of the {what} time of {len(stages)} stages per step. The longest is "
        f"{stages[profile.tables.stages.index(longest)]} with {number(time)} ms",
    )
    if not gpu:
        st.caption(f"Filled: time in {profiles.OPERATORS} of PyTorch. Outlined: {profiles.ELSE}.")


def _colour(update: str, run: RunStages) -> str:
    role = run.family.role(update) if run.family else None
    return COLOURS[role.colour] if role else NEUTRAL


def _table(heading: str, table: object, key: str) -> None:
    st.markdown(f"**{heading}**")
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        key=f"profile_{key}",
        alt=f"The time and the memory of the {key} of a profiled step",
        column_config=COLUMNS,
    )
