"""Lay out the boxes of a workflow: top down on a grid, so that no wire runs through a box.

Each category has a usual row and side (real images and networks that read them left, noise and networks that make
images right, the objective between them), so similar workflows look alike. Nodes are placed in topological order: each
takes the free cell nearest to its usual place, below its parents, such that its wires run through no box and it does
not cover a wire already drawn.
"""

from collections.abc import Mapping
from functools import cache
from itertools import islice

from pipeline.graph.category import NodeCategory
from pipeline.graph.registry import Registry
from pipeline.graph.workflow import Workflow, flow_order

COLUMN, ROW = 215, 88
"""Pixels between the centres of neighbouring cells."""
BOX_WIDTH, BOX_HEIGHT = 190, 60
"""Pixels of the largest box that fits a cell."""
ROUNDNESS = 0.55
"""Distance of a wire's Bézier control points from its ends, as a share of its height."""

Cell = tuple[int, int]
"""(column, row); column 0 is the middle, row 0 the top."""

REACH = 30
STEPS = sorted(
    ((column, row) for column in range(-REACH, REACH + 1) for row in range(REACH + 1)),
    key=lambda step: (abs(step[0]) + 4 * step[1], step[1], step[0]),
)
"""Offsets from the usual place to try, best first; moving down costs more, since the box would block wires."""
TRIED = 40
"""Number of free cells to try before accepting a wire through a box."""
FOLLOWED = 8
"""Maximum number of wires per node that are kept clear of boxes; with more, the graph is unreadable anyway."""


def layout(workflow: Workflow, registry: Registry) -> dict[str, tuple[int, int]]:
    """Node id -> (x, y) of its box's centre in pixels. Works for invalid workflows too."""
    parents = workflow.parents()
    categories = {node_id: registry.category_of(node.class_type) for node_id, node in workflow.nodes.items()}
    flow, _ = flow_order(parents)
    order = sorted(flow, key=lambda node_id: _late(categories[node_id]))
    reaching = _with_wires_past_a_row(order, parents, categories)
    wired = {node_id for node_id in order if parents[node_id]}.union(*parents.values())
    cells: dict[str, Cell] = {}
    boxes: set[Cell] = set()
    crossed: set[Cell] = set()
    # A node without wires can be anywhere, so wired nodes are placed first.
    for node_id in sorted(order, key=lambda node_id: node_id not in wired):
        above = [cells[parent] for parent in parents[node_id] if parent in cells][:FOLLOWED]
        beside = _last_objective({each: row for each, (_, row) in cells.items()}, categories)
        column, row = _free_cell(_usual_cell(categories[node_id], above, beside), above, boxes, crossed)
        cells[node_id] = column, row
        boxes.add((column, row))
        for parent in above:
            crossed |= cells_between(parent, (column, row))
        if node_id in reaching:
            # A wire leaves a box straight down, so one that ends beyond the next row needs the cell below.
            crossed.add((column, row + 1))
    return {node_id: (cells[node_id][0] * COLUMN, cells[node_id][1] * ROW) for node_id in workflow.nodes}


def cells_between(start: Cell, end: Cell) -> set[Cell]:
    """The cells, other than its two ends, whose box a wire from `start` down to `end` would cross."""
    return {(start[0] + column, start[1] + row) for column, row in _cells_under(end[0] - start[0], end[1] - start[1])}


def _with_wires_past_a_row(
    order: list[str], parents: Mapping[str, list[str]], categories: Mapping[str, NodeCategory | None]
) -> set[str]:
    """The nodes wired to a node more than one row below, if every node is in its usual row."""
    reaching: set[str] = set()
    rows: dict[str, int] = {}
    for node_id in order:
        above = [parent for parent in parents[node_id] if parent in rows]
        beside = _last_objective(rows, categories)
        rows[node_id] = _usual_cell(categories[node_id], [(0, rows[parent]) for parent in above], beside)[1]
        reaching.update(parent for parent in above if rows[parent] + 1 < rows[node_id])
    return reaching


def _last_objective(rows: Mapping[str, int], categories: Mapping[str, NodeCategory | None]) -> int:
    """The lowest row with an objective; 0 (the top) if there is none."""
    return max((row for node_id, row in rows.items() if _is(categories[node_id], "objective")), default=0)


def _is(category: NodeCategory | None, name: str) -> bool:
    return category is not None and category.name == name


def _late(category: NodeCategory | None) -> int:
    return category.late if category else 0


def _usual_cell(category: NodeCategory | None, above: list[Cell], beside: int) -> Cell:
    """The usual cell of a node below the cells `above`. beside: the row that nodes of a low category are not above."""
    lowest = max((row + 1 for _, row in above), default=0)
    row = max(lowest, category.row) if category else lowest
    if category and category.low:
        row = max(row, beside)
    under = round(sum(column for column, _ in above) / len(above)) if above else 2
    return (under if category is None or category.column is None else category.column), row


def _free_cell(start: Cell, above: list[Cell], boxes: set[Cell], crossed: set[Cell]) -> Cell:
    """The nearest free cell without crossings, or the one with the fewest among the nearest `TRIED`."""
    # Outwards first: the middle is for the objective and training.
    side = -1 if start[0] > 0 else 1
    near = ((start[0] + side * column, start[1] + row) for column, row in STEPS)
    free = islice((cell for cell in near if cell not in boxes), TRIED)
    crossings: dict[Cell, int] = {}
    for cell in free:
        crossings[cell] = (cell in crossed) + sum(len(cells_between(parent, cell) & boxes) for parent in above)
        if not crossings[cell]:
            return cell
    return min(crossings, key=crossings.__getitem__)


@cache
def _cells_under(columns: int, rows: int) -> frozenset[Cell]:
    """The cells crossed by a wire over `columns` across and `rows` down, a cubic Bézier curve vertical at both ends.

    With t from 0 to 1, x = columns·(3t² − 2t³) and y = rows·(3(1−t)²t·r + 3(1−t)t²·(1−r) + t³), r the roundness.
    """
    found = set()
    samples = 6 * (abs(columns) + rows)
    for sample in range(samples + 1):
        t = sample / samples
        x = columns * (3 * t**2 - 2 * t**3)
        y = rows * (3 * (1 - t) ** 2 * t * ROUNDNESS + 3 * (1 - t) * t**2 * (1 - ROUNDNESS) + t**3)
        column, row = round(x), round(y)
        if abs(x - column) * COLUMN <= BOX_WIDTH / 2 and abs(y - row) * ROW <= BOX_HEIGHT / 2:
            found.add((column, row))
    return frozenset(found - {(0, 0), (columns, rows)})
