"""Errors about workflows, their files, nodes, parameters and names, and about declarations of nodes and families."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, Refusal, nearest


class UnreadableDocument(Refusal):
    """A workflow file or picture that cannot be read as a workflow."""

    def __init__(self, source: str, reason: str, remedy: str) -> None:
        super().__init__(f"{source} is not a workflow: {reason}. {remedy}")


class InvalidWorkflow(Refusal):
    """A workflow with problems; `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The workflow has {count}: " + " ".join(problems))


class UnknownNode(Refusal):
    """A node id that is not in the workflow."""

    def __init__(self, node_id: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"The workflow has no node {node_id[:60]!r}{nearest(node_id, known)} Its nodes are {', '.join(known)}."
        )


class UnknownNodeType(Refusal):
    """A node type that is not in the catalogue. why: the end of the sentence, from `Registry.why_unknown`."""

    def __init__(self, class_type: str, why: str) -> None:
        super().__init__(f"There is no node type {class_type[:60]!r}{why} `python -m pipeline nodes` lists all types.")


class UnreadableSetting(Refusal):
    """A setting from the command line that is not `NODE.PARAMETER=VALUE`."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"The setting {setting[:60]!r} is not of the form NODE.PARAMETER=VALUE, such as training.batch_size=32."
        )


class UnknownParameter(Refusal):
    """A parameter that the node does not have."""

    def __init__(self, node_id: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"Node {node_id[:60]!r} has no parameter {name[:60]!r}{nearest(name, known)} "
            f"It has {', '.join(known) or 'none'}."
        )


class CannotInsert(Refusal):
    """A node that cannot be inserted after another, because its input or output type is not that node's output type."""

    def __init__(self, title: str, after: str) -> None:
        super().__init__(
            f"{title} cannot be inserted after {after}: its input and output must be of {after}'s output type."
        )


class CannotReplace(Refusal):
    """A type of node that cannot stand in the place of a node: what it gives or takes does not fit there."""

    def __init__(self, title: str, by: str) -> None:
        super().__init__(f"{title} cannot be replaced by {by}: its wires would not fit there.")


class CannotBypass(Refusal):
    """A node that cannot be bypassed, because it passes none of its inputs through."""

    def __init__(self, node_id: str) -> None:
        super().__init__(
            f"Node {node_id[:60]!r} cannot be bypassed: its output must be of the type of just one of its inputs."
        )


class InvalidValue(Refusal):
    """A value that a parameter cannot have; `problem` is the message of the check."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Not changed: {problem}")


class NameExists(Refusal):
    """A name under which another workflow is already saved."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A workflow named {name!r} already exists. Choose another name, or confirm to replace it.")


class UnknownWorkflow(Refusal):
    """A name under which no workflow is saved."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"No workflow is saved under the name {name[:60]!r}{nearest(name, known) or '.'}")


class UnknownTemplate(Refusal):
    """A name that no template has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = list(known)
        super().__init__(
            f"There is no template {name[:60]!r}{nearest(name, known)} The templates are {', '.join(known)}."
        )


class UnusableName(Refusal):
    """A name that cannot be used for a workflow."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"A workflow cannot be saved under the name {name[:60]!r}: "
            f"choose 1 to {limit} letters, digits, spaces or other visible characters."
        )


class UnknownDraft(Refusal):
    """An id of a draft that does not exist, or that is not an id at all."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(
            f"There is no draft {draft_id[:60]!r}; it may have been deleted. "
            "Open, on the Workflow page, lists the drafts that there are."
        )


class UnreadableDraft(Refusal):
    """A draft whose file is damaged, or was written by a newer version."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(
            f"The draft {draft_id[:60]!r} cannot be read: its file is damaged, or a newer Genscope wrote it. "
            "The file is left as it is; open another draft or a template."
        )


class DraftChanged(Refusal):
    """A draft that was changed in another tab or browser since it was read here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The draft {name[:60]!r} was changed in another tab or browser.")


class DraftTooLarge(Refusal):
    """A draft that is larger than what is kept. largest: the limit, in words."""

    def __init__(self, name: str, largest: str) -> None:
        super().__init__(f"The draft {name[:60]!r} is larger than {largest}.")


class NoNodes(Fault):
    """A file of custom nodes that registers none."""

    def __init__(self) -> None:
        super().__init__("It registers no node: put @NODES.register above each node class.")


class MisdeclaredNode(Fault):
    """A node class that the registry rejects: a mistake of its author."""

    def __init__(self, class_name: str, reason: str) -> None:
        super().__init__(f"Node class {class_name} cannot be registered: {reason}.")


class MisdeclaredFamily(Fault):
    """A family of models that the registry rejects: a mistake of its author."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The family {name[:60]!r} cannot be registered: {reason}.")
