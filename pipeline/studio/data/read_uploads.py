"""Which uploads a run reads, to take them along with it."""

from pipeline.data.uploads import upload_of
from pipeline.errors.base import GenscopeError
from pipeline.graph import document
from pipeline.runs.store import RunRecord, Store


def uploads_of(record: RunRecord, store: Store) -> tuple[str, ...]:
    """The names of the uploads that the run's workflow reads; () if it is no workflow that this version can read."""
    try:
        workflow = document.read(record.workflow_text, "The run's workflow")
    except GenscopeError:
        return ()
    nodes = [node for node in workflow.nodes.values() if node.class_type == "ImageFiles"]
    sources = [source for node in nodes if isinstance(source := node.inputs.get("source"), str)]
    return tuple(dict.fromkeys(name for source in sources if (name := upload_of(source, store.home))))
