"""Sample grids generated from checkpoints, cached for all browsers: drawing a grid takes longer than the whole page."""

from collections.abc import Callable, Mapping

from pages.components.draw.drawing import drawn_in_turn
from pages.components.shell.browser import Layout
from pipeline.families.sampling_options import Setting
from pipeline.runtime.messages.answers import Drawn
from pipeline.runtime.messages.drawing_commands import Draw, Weights

WIDTHS: Mapping[Layout, int] = {"narrow": 560, "normal": 600, "wide": 900}
"""Width of the grid in pixels, for each layout: as large as fits beside the sidebar and on one screen."""


def grid_of(
    run: str, step: int, count: int, seed: int, weights: Weights, label: int | None, settings: Mapping[str, Setting]
) -> Draw:
    """The command for a grid. settings: those of the sampler that differ from the run's own."""
    return Draw(run=run, step=step, count=count, seed=seed, weights=weights, label=label, settings=settings)


def draw(
    run: str,
    step: int,
    count: int,
    seed: int,
    weights: Weights,
    label: int | None,
    settings: Mapping[str, Setting],
    tick: Callable[[], object],
) -> Drawn:
    """One of several grids, drawn once for all browsers. tick: called while it waits, and may raise to stop.

    Raises UnknownCheckpoint if the checkpoint of `step` is gone, CommandRefused or EngineGone.
    """
    return drawn_in_turn(grid_of(run, step, count, seed, weights, label, settings), step, tick)
