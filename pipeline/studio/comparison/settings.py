"""What differs between the workflows of several runs, node by node, and their results beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.formatting import plain, shortened
from pipeline.graph.check import Report
from pipeline.graph.difference import NodeDifference, differences
from pipeline.graph.form import parameters
from pipeline.graph.node import Link
from pipeline.graph.workflow import Json
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.titles import distinct_titles
from pipeline.runs import figures
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows
from pipeline.studio.comparison.metric_titles import series_named
from pipeline.studio.comparison.runs_view import Column

NONE = "–"
"""In place of a value that a run does not have."""
LONGEST = 60
"""Characters of a value."""


@dataclass(frozen=True)
class Setting:
    """Something that is not the same in all runs. node: title of its node. what: the label of a parameter or an input,
    or "" for the node itself. values: in each run, as they stand in its workflow; None where there is no such node."""

    node: str
    what: str
    values: tuple[Json, ...]

    @property
    def title(self) -> str:
        return f"{self.node} · {self.what}" if self.what else self.node

    @property
    def words(self) -> tuple[str, ...]:
        """The values as people read them."""
        return tuple(_words(value) for value in self.values)


def settings_that_differ(runs: Sequence[RunRecord]) -> list[Setting]:
    """What differs between the runs' workflows, node by node. Two runs with the same workflow differ in nothing."""
    reports = [workflows.of_run(run.workflow_text, run.data_text) for run in runs]
    titles = _titles(reports)
    found = differences([report.workflow for report in reports], NODES) if len(reports) > 1 else ()
    return [setting for each in found for setting in _settings(each, titles)]


@dataclass(frozen=True)
class Axis:
    """An axis of parallel coordinates: one setting or one result, with its value in each run. values: numbers or
    texts; None where a run has none. unit: of a result, in words."""

    title: str
    values: tuple[float | str | None, ...]
    unit: str = ""

    @property
    def numeric(self) -> bool:
        return all(value is None or isinstance(value, float) for value in self.values)


def axes(store: Store, runs: Sequence[RunRecord], results: Sequence[Column]) -> list[Axis]:
    """The settings that differ, and the results, each as an axis. Raises UnknownRun."""
    known = figures.figures(store, [run.id for run in runs], {each.metric for each in results})
    found = [
        Axis(each.title, tuple(_coordinate(value) for value in each.values)) for each in settings_that_differ(runs)
    ]
    for column in results:
        values = tuple(column.value(known.get(run.id, {})) for run in runs)
        if any(value is not None for value in values):
            found.append(Axis(column.title, values, series_named(column.metric).unit))
    return found


def _titles(reports: Sequence[Report]) -> Mapping[str, str]:
    """The title of each node, by id, in the words of the first workflow that has it. Where different nodes of different
    workflows have the same title, each says its id."""
    titles: dict[str, str] = {}
    for report in reversed(reports):
        titles |= distinct_titles(report)
    counts = Counter(titles.values())
    return {node_id: f"{title} ({node_id})" if counts[title] > 1 else title for node_id, title in titles.items()}


def _settings(found: NodeDifference, titles: Mapping[str, str]) -> list[Setting]:
    title = titles[found.node]
    settings = []
    if found.missing or found.replaced:
        types = tuple(each and (NODES[each].title if NODES.get(each) else each) for each in found.types)
        settings.append(Setting(title, "", types))
    if found.switched:
        settings.append(Setting(title, "Bypassed", found.bypassed))
    labels = _labels(found)
    settings += [Setting(title, labels.get(name, name), values) for name, values in found.parameters.items()]
    for name, links in found.links.items():
        settings.append(
            Setting(title, f"{labels.get(name, name)} from", tuple(_source(link, titles) for link in links))
        )
    return settings


def _labels(found: NodeDifference) -> dict[str, str]:
    classes = [NODES.get(each) for each in found.types if each]
    return {each.name: each.label for node_class in classes if node_class for each in parameters(node_class)}


def _source(link: Link | None, titles: Mapping[str, str]) -> str | None:
    return None if link is None else titles.get(link.node, link.node)


def _coordinate(value: Json) -> float | str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None if value is None else _words(value)


def _words(value: Json) -> str:
    match value:
        case None:
            return NONE
        case bool():
            return "on" if value else "off"
        case int() | float():
            return plain(value)
        case str():
            return shortened(value, LONGEST) or "empty"
        case _:
            return shortened(str(value), LONGEST)
