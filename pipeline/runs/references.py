"""Runs, and workflows that wait to become runs, whose document contains a text: the id of a run, the name of an upload.

Whether the text means the thing is for the caller to find out, who can read workflows.
"""

from typing import NamedTuple

from sqlalchemy import literal, or_, select

from pipeline.runs import schema
from pipeline.runs.store import Store


class Reference(NamedTuple):
    """waiting: whether it is not a run yet, but waits in the queue; `id` is then that of its place there."""

    id: str
    name: str
    workflow_text: str
    waiting: bool = False


def naming(store: Store, *texts: str) -> list[Reference]:
    """The runs, newest first, and then the waiting ones whose workflow contains one of the texts."""
    runs, queue = schema.runs, schema.queue
    found = []
    with store.database.reading() as connection:
        for table, waiting in ((runs, False), (queue, True)):
            text = table.c.workflow_text
            query = (
                select(table.c.id, table.c.name, text)
                .where(or_(*(text.contains(each, autoescape=True) for each in texts)))
                .where(literal(True) if not waiting else queue.c.state == "waiting")
                .order_by(table.c.id.desc())
            )
            found += [Reference(*row, waiting) for row in connection.execute(query)]
    return found
