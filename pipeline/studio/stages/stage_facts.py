"""The facts about a run that are needed to describe its stages in words."""

from dataclasses import dataclass
from functools import lru_cache

from pipeline.families.family import Family
from pipeline.families.words import StageFacts, Words
from pipeline.graph.check import title_of
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.training_subgraph import training_subgraph
from pipeline.studio import workflows


@dataclass(frozen=True)
class RunStages:
    """What is needed of a run to describe its stages. family: None if its workflow is unreadable or invalid in this
    version."""

    workflow: Workflow
    family: Family | None
    facts: StageFacts

    @property
    def words(self) -> Words:
        """The words of the run's family."""
        return self.family.words if self.family else Words()


@lru_cache(maxsize=64)
def stages_of(workflow_text: str, batch: int, data_text: str = "null") -> RunStages:
    """The facts about a run, from its workflow and batch size."""
    report = workflows.of_run(workflow_text, data_text)
    workflow, found = report.workflow, training_subgraph(report)
    kinds = {node_id: NODES.get(node.class_type) for node_id, node in workflow.nodes.items()}
    facts = StageFacts(
        batch=batch,
        scores=found.training.scores if found else None,
        titles={node_id: title_of(node, NODES) for node_id, node in workflow.nodes.items()},
        kinds={node_id: kind.title for node_id, kind in kinds.items() if kind},
    )
    return RunStages(workflow, found.training.family if found else None, facts)
