"""What is refused about a workflow: its file, its nodes, its parameters, its name."""

from collections.abc import Iterable

from pipeline.errors.base import Fault, Refusal, nearest


class UnreadableDocument(Refusal):
    """A workflow file or picture that cannot be understood."""

    def __init__(self, source: str, reason: str, remedy: str) -> None:
        super().__init__(f"{source} is not a workflow: {reason}. {remedy}")


class InvalidWorkflow(Refusal):
    """A workflow whose check found problems; `problems` are the sentences, one for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The workflow has {count}: " + " ".join(problems))


class UnknownNode(Refusal):
    """A node id that the workflow does not hold."""

    def __init__(self, node_id: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(
            f"The workflow has no node {node_id!r}{nearest(node_id, known)} Its nodes are {', '.join(known)}."
        )


class UnknownNodeType(Refusal):
    """A kind of node that the catalogue does not hold. why: the end of the sentence, as a registry knows it."""

    def __init__(self, class_type: str, why: str) -> None:
        super().__init__(
            f"There is no node type {class_type[:60]!r}{why} `python -m pipeline nodes` lists the types there are."
        )


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
            f"Node {node_id!r} has no parameter {name!r}{nearest(name, known)} It has {', '.join(known) or 'none'}."
        )


class DoesNotStack(Refusal):
    """A node that cannot be inserted after another, because it does not give out again what that one gives it."""

    def __init__(self, title: str, after: str) -> None:
        super().__init__(f"{title} cannot be inserted after {after}: it does not take and give out the same.")


class UnfitValue(Refusal):
    """A value that a parameter cannot have; `problem` is the sentence of the check."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Not changed: {problem}")


class NameTaken(Refusal):
    """A name under which something else is already saved."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a workflow named {name!r}. Choose another name, or replace it knowingly.")


class UnknownWorkflow(Refusal):
    """A name under which no workflow is saved."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"No workflow is saved under the name {name[:60]!r}{nearest(name, known) or '.'}")


class UnusableName(Refusal):
    """A name that nothing can be saved under."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"A workflow cannot be saved under the name {name[:60]!r}: "
            f"choose 1 to {limit} letters, digits, spaces or other visible characters."
        )


class NoNodes(Fault):
    """A file of one's own nodes that has none."""

    def __init__(self) -> None:
        super().__init__("It registers no node: put @NODES.register above each class that is one.")


class MisdeclaredNode(Fault):
    """A node class that the registry does not take: a mistake of whoever wrote it."""

    def __init__(self, class_name: str, reason: str) -> None:
        super().__init__(f"Node class {class_name} cannot be registered: {reason}.")


class MisdeclaredFamily(Fault):
    """A family of models that the registry does not take: a mistake of whoever wrote it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The family {name[:60]!r} cannot be registered: {reason}.")
