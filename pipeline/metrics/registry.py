"""METRICS: all metrics by name, in the order in which they are shown: what to trust first stands first."""

from collections.abc import Mapping

from pipeline.metrics.signature import Metric

ALL: tuple[Metric, ...] = ()

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in ALL}
