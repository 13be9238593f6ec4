"""What has to be known of a run before its stages can be told of in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.graph import document
from pipeline.graph.check import title_of
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.trained import trained
from pipeline.studio import workflows


@dataclass(frozen=True)
class StageFacts:
    """batch: images in a batch. probability: whether scores are probabilities of "real". titles, kinds: by node id, the
    node's title and that of its type.
    """

    workflow: Workflow
    batch: int
    probability: bool
    titles: Mapping[str, str]
    kinds: Mapping[str, str]

    def title(self, node: str) -> str:
        return self.titles.get(node, node)


@lru_cache(maxsize=64)
def facts_of(workflow_text: str, batch: int) -> StageFacts:
    """The facts of a run, from its workflow and its batch size. Raises UnreadableDocument."""
    workflow = document.read(workflow_text, "The run's workflow")
    found = trained(workflows.report(workflow))
    kinds = {node_id: NODES.get(node.class_type) for node_id, node in workflow.nodes.items()}
    return StageFacts(
        workflow=workflow,
        batch=batch,
        probability=found is not None and found.training.scores == "probability",
        titles={node_id: title_of(node, NODES) for node_id, node in workflow.nodes.items()},
        kinds={node_id: kind.title for node_id, kind in kinds.items() if kind},
    )
