"""The table of runs: one page of those that a view finds, as its columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.runs import catalogue, figures
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.comparison.runs_view import Column, RunsView

PAGE = 50
"""Runs on a page of the table."""
USUAL = ("energy_distance:low", "energy_distance:last", "diversity:last")
"""Figures that every family measures: how far samples are from real images, and how varied they are."""


@dataclass(frozen=True)
class RunTable:
    """A page of the table. cells: a row for each of its records. total: how many runs the view finds. page, pages: from
    1."""

    records: tuple[RunRecord, ...]
    cells: pd.DataFrame
    total: int
    page: int
    pages: int

    @property
    def place(self) -> str:
        """Which runs of how many these are, in words."""
        if not self.total:
            return "No runs"
        first = (self.page - 1) * PAGE + 1
        return f"{first:,} to {first + len(self.records) - 1:,} of {self.total:,} runs"


def run_table(store: Store, view: RunsView) -> RunTable:
    """The page of the table that the view shows, or the last one if it has fewer."""
    found = catalogue.search(store, view.filter, view.order, PAGE, (view.page - 1) * PAGE)
    pages = max(1, -(-found.total // PAGE))
    page = min(view.page, pages)
    if page != view.page:
        found = catalogue.search(store, view.filter, view.order, PAGE, (page - 1) * PAGE)
    columns = columns_of(view)
    numbers = figures.figures(store, [run.id for run in found.records], {each.metric for each in columns})
    parents = _names(store, found.records)
    rows = [
        {
            "Name": run.name,
            "State": run.state,
            "Step": run.step,
            **{each.title: each.value(numbers.get(run.id, {})) for each in columns},
            "Planned steps": run.total_steps,
            "Template": run.template,
            "Data": run.images,
            "Processes": run.processes,
            "Forked from": _fork(run, parents),
            "Tags": list(found.tags.get(run.id, ())),
            "Note": run.note,
            "By": run.who,
            "Started": pd.Timestamp(run.created, unit="s", tz="UTC"),
            "Run": run.id,
        }
        for run in found.records
    ]
    # In the order of the rows above, also if there are none: what is looked for most comes first.
    names = ["Name", "State", "Step", *(each.title for each in columns), "Planned steps", "Template", "Data"]
    cells = pd.DataFrame(rows, columns=[*names, "Processes", "Forked from", "Tags", "Note", "By", "Started", "Run"])
    return RunTable(found.records, cells, found.total, page, pages)


def columns_of(view: RunsView) -> tuple[Column, ...]:
    """The figures that the table shows, and the one that it is ordered by."""
    columns = [Column.parse(text) for text in view.columns or USUAL]
    if view.order.by_metric:
        columns.append(Column(view.order.key, view.order.of))
    return tuple(dict.fromkeys(columns))


def _names(store: Store, records: Sequence[RunRecord]) -> dict[str, str]:
    """The names of the records' parents, by id."""
    known = {run.id: run.name for run in records}
    wanted = [run.parent for run in records if run.parent and run.parent not in known]
    return known | {run.id: run.name for run in store.named(wanted)}


def _fork(run: RunRecord, names: dict[str, str]) -> str:
    """From which run and step it was forked, and what was changed; "" if it is no fork."""
    if run.parent_step is None:
        return ""
    changed = f": {run.changed}" if run.changed else ""
    return f"{names.get(run.parent or '', 'a deleted run')}, step {run.parent_step:,}{changed}"
