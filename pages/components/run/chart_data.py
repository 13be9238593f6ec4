"""The data of all charts of a run, as the browser receives it. Browsers that look at the same run share it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import streamlit as st

from pages.components.run.shown_chart import Shown, with_data
from pages.components.shell.palette import lines_of, plain_line
from pages.components.shell.state import store
from pages.components.shell.streamlit_gaps import StateMark
from pipeline.formatting import number
from pipeline.runs.store import RunRecord
from pipeline.studio.charts import chart_annotations, chart_view, curves, step_range, watches
from pipeline.studio.charts.curves import Charts, Groups, Lines, StepRange, XAxis
from pipeline.studio.charts.watches import WatchChart, Watches
from pipeline.studio.run import ancestry

SHARED_SECONDS = 1.0
"""Browsers that view the same run within this time share the same data."""


@dataclass(frozen=True)
class Asked:
    """What a page draws of a run. chosen: titles of the charts to draw, in order; empty for the usual ones. opened:
    whether "More charts" is open. system: whether "System" is. part: the steps to show; None for all."""

    x: XAxis
    smoothing: float
    log: bool
    clip: bool
    chosen: tuple[str, ...]
    opened: bool
    system: bool
    expressions: tuple[str, ...]
    part: StepRange | None


@dataclass(frozen=True)
class Drawn:
    """The charts of a run. more, system: those under "More charts" and "System". `drawn` of the `recorded` steps are
    drawn as points."""

    record: RunRecord
    charts: tuple[Shown, ...]
    more: tuple[Shown, ...]
    has_more: bool
    system: tuple[Shown, ...]
    has_system: bool
    watches: tuple[Shown, ...]
    marks: pa.Table
    drawn: int
    recorded: int
    evaluated: int
    watched: int


@st.cache_resource(show_spinner=False, ttl=SHARED_SECONDS, max_entries=50)
def drawn(run: str, asked: Asked, mark: StateMark, still: object) -> Drawn:
    """The charts and their marks. mark: of the trainer's state. still: cache key of an idle run's state; None while
    the run is busy."""
    record = store().run(run)
    found = _shown(run, asked, mark, still or _reached(record, asked))
    return replace(found, record=record, marks=chart_annotations.marks(store(), record, asked.x))


def groups_of(run: str) -> tuple[Groups, Groups]:
    """The series of the run's charts, by title: those usually drawn, and those drawn on request."""
    record = store().run(run)
    # What the run takes of the machine is measured later than its first steps.
    return _groups(run, record.step > 0, record.state, store().files(run).stage_times.exists())


@st.cache_resource(show_spinner=False, max_entries=50)
def _groups(run: str, begun: bool, state: str, measured: bool) -> tuple[Groups, Groups]:
    return curves.groups(store(), store().run(run))


def _reached(record: RunRecord, asked: Asked) -> object:
    """A value that changes when a moving run has something new to show."""
    if asked.part is not None and record.step > asked.part.widened().last:
        return "beyond"
    return curves.redraw_counter(record), watches.band_at(record.step) if asked.expressions else 0


@st.cache_resource(show_spinner=False, max_entries=50)
def _shown(run: str, asked: Asked, mark: StateMark, reached: object) -> Drawn:
    record = store().run(run)
    usual, more = curves.groups(store(), record)
    every = {**usual, **more}
    chosen = {title: every[title] for title in asked.chosen if title in every}
    system = {title for title, series in more.items() if series[0].chart is not None and series[0].chart.system}
    opened = [title for title in more if (asked.system if title in system else asked.opened)]
    wanted = chosen or {**usual, **{title: more[title] for title in opened}}
    found = curves.charts(store(), record, wanted, asked.x, asked.smoothing, asked.part)
    before, always = _before(record, found, asked)
    watched = _watched(record, asked)
    # A fork that has not trained yet has no names to evaluate.
    watched_before = _watched_before(run, asked) if record.parent and found.recorded else {}
    tables = _tables(found.charts.values(), before.values(), watched.charts, watched_before.values())
    ends = chart_view.extent(tables)
    if asked.part is not None:
        ends = step_range.ends_of(store(), record, asked.x, asked.part)
    now = watches.now(store(), record, asked.expressions) if asked.expressions else {}
    charts = {
        title: _chart(title, lines, before.get(title), title in always, found, ends, asked)
        for title, lines in found.charts.items()
    }
    return Drawn(
        record=record,
        charts=tuple(each for title, each in charts.items() if chosen or title not in more),
        more=() if chosen else tuple(each for title, each in charts.items() if title in more.keys() - system),
        has_more=bool(more.keys() - system) and not chosen,
        system=() if chosen else tuple(each for title, each in charts.items() if title in system),
        has_system=bool(system) and not chosen,
        watches=tuple(
            _watch(each, watched_before.get(each.expression), record, found, ends, asked, now.get(each.expression))
            for each in watched.charts
        ),
        marks=pa.table({}),
        drawn=found.shown,
        recorded=found.recorded,
        evaluated=watched.evaluated,
        watched=watched.recorded,
    )


def _tables(
    charts: Iterable[Lines], before: Iterable[pa.Table], watched: Iterable[WatchChart], earlier: Iterable[pa.Table]
) -> list[pa.Table]:
    return [
        *(each.points for each in charts),
        *before,
        *(each.points for each in watched if each.points is not None),
        *earlier,
    ]


def _chart(
    title: str,
    lines: Lines,
    before: pa.Table | None,
    forked: bool,
    found: Charts,
    ends: tuple[float, float],
    asked: Asked,
) -> Shown:
    chart = lines.series[0].chart
    percent, linear, system = (chart.percent, chart.linear, chart.system) if chart is not None else (False,) * 3
    drawn = lines_of(lines.series, lines.measured)
    plain = Shown(title, lines.unit, drawn, asked.log and not linear, percent, from_zero=system)
    before = _or_nothing(before, lines.points, forked)
    return with_data(plain, lines.points, before, ends, at=found.at, clip=asked.clip)


def _watch(
    watch: WatchChart,
    before: pa.Table | None,
    record: RunRecord,
    found: Charts,
    ends: tuple[float, float],
    asked: Asked,
    now: float | None,
) -> Shown:
    title, unit = watch.expression, "condition" if watch.is_condition else "value"
    plain = Shown(title, unit, (plain_line(title),), condition=watch.is_condition, refusal=watch.refusal)
    if watch.points is None:
        return plain
    logged = replace(plain, log=asked.log and not watch.is_condition)
    words = "no value now"
    if now is not None:
        words = f"now {'true' if now else 'false'}" if watch.is_condition else f"now {number(now)}"
    before = _or_nothing(before, watch.points, record.parent is not None)
    return with_data(logged, watch.points, before, ends, at=found.at, clip=asked.clip, note=words)


def _or_nothing(before: pa.Table | None, like: pa.Table, forked: bool) -> pa.Table | None:
    """The data before a fork; an empty table if there is none in the part that is shown: without any table, the chart
    would have another specification."""
    return like.slice(0, 0) if before is None and forked else before


def _before(record: RunRecord, found: Charts, asked: Asked) -> tuple[Mapping[str, pa.Table], frozenset[str]]:
    """The data before a fork that is shown, by title, and the titles of all charts that have some anywhere."""
    if record.parent is None:
        return {}, frozenset()
    wanted = tuple((title, chart.metrics) for title, chart in found.charts.items())
    whole = _earlier(record.id, asked.x, asked.smoothing, wanted, None)
    part = whole if asked.part is None else _earlier(record.id, asked.x, asked.smoothing, wanted, asked.part)
    return part, frozenset(whole)


@st.cache_resource(show_spinner=False, max_entries=50)
def _earlier(
    run: str, x: XAxis, smoothing: float, wanted: tuple[tuple[str, tuple[str, ...]], ...], part: StepRange | None
) -> Mapping[str, pa.Table]:
    """Chart data from before the fork. Cached, because it never changes."""
    return ancestry.before(store(), store().run(run), dict(wanted), x, smoothing, part)


def _watched(record: RunRecord, asked: Asked) -> Watches:
    if not asked.expressions:
        return Watches()
    return watches.watches(store(), record, asked.expressions, asked.x, asked.smoothing, asked.part)


@st.cache_resource(show_spinner=False, max_entries=50)
def _watched_before(run: str, asked: Asked) -> Mapping[str, pa.Table]:
    record = store().run(run)
    return watches.history_before_fork(store(), record, asked.expressions, asked.x, asked.smoothing, asked.part)
