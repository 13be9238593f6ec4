"""What has to be known of a run before its stages can be told of in words."""

from dataclasses import dataclass
from functools import lru_cache

from pipeline.families.family import Family
from pipeline.families.words import StageFacts, Words
from pipeline.graph.check import title_of
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.training_subgraph import trained
from pipeline.studio import workflows


@dataclass(frozen=True)
class RunStages:
    """A run as its stages are told of. family: None where this version of the program cannot tell it."""

    workflow: Workflow
    family: Family | None
    facts: StageFacts

    @property
    def words(self) -> Words:
        """Those of the run's family."""
        return self.family.words if self.family else Words()


@lru_cache(maxsize=64)
def stages_of(workflow_text: str, batch: int) -> RunStages:
    """The facts of a run, from its workflow and its batch size."""
    report = workflows.of_run(workflow_text)
    workflow, found = report.workflow, trained(report)
    kinds = {node_id: NODES.get(node.class_type) for node_id, node in workflow.nodes.items()}
    facts = StageFacts(
        batch=batch,
        scores=found.training.scores if found else None,
        titles={node_id: title_of(node, NODES) for node_id, node in workflow.nodes.items()},
        kinds={node_id: kind.title for node_id, kind in kinds.items() if kind},
    )
    return RunStages(workflow, found.training.family if found else None, facts)
