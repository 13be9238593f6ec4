"""A stage of a training step in plain words: its title, its place in the step, what it has just done.

The words come from the run's family (`pipeline/families/`), or else from those that all families share. A stage that
neither has words for (of a custom node or family) is described by its name, its node and its numbers.
"""

from collections.abc import Callable, Mapping
from functools import partial

from pipeline.families.shared_words import WORDS, describe_unknown_stage
from pipeline.runtime.messages.snapshot import StageSnapshot
from pipeline.studio.stages.stage_facts import RunStages
from pipeline.why import Why

GENERATED = "generated"
"""What a stage's images are called if the family has no word for them."""


def heading(name: str, run: RunStages) -> str:
    """A stage's name as a title."""
    return run.words.headings.get(name) or WORDS.headings.get(name) or name[:1].upper() + name[1:]


def is_last(stage: StageSnapshot) -> bool:
    """Whether this stage completes the step."""
    return stage.number >= stage.of


def place(stage: StageSnapshot, step: int) -> str:
    """The stage's place in training. step: the last finished step."""
    if is_last(stage):
        return f"Step {step:,} is done · stage {stage.number} of {stage.of} · {stage.update}'s update"
    return f"Step {step + 1:,} · stage {stage.number} of {stage.of} · {stage.update}'s update"


def upcoming(stage: StageSnapshot, run: RunStages, step: int) -> str:
    """The next stage and its node. step: the last finished step."""
    title = run.facts.title(stage.next_node)
    begins = f", the first stage of step {step + 1:,}" if is_last(stage) else ""
    another = "another" if stage.next_update == stage.update else "the"
    other = f", the first stage of {another} {stage.next_update} update" if stage.next_begins and not begins else ""
    return f"{heading(stage.next_name, run).lower()} ({title}){begins or other}"


def caption(stage: StageSnapshot, run: RunStages, live: Mapping[str, float]) -> str:
    """What the stage has just done, in one or more sentences. live: the live parameters by "node.parameter".

    If the text functions of a custom family fail, a generic sentence is used.
    """
    tell = run.words.describers.get(stage.name) or WORDS.describers.get(stage.name)
    return (_told(partial(tell, stage, run.facts, live)) if tell else "") or describe_unknown_stage(stage, run.facts)


def letters(stage: StageSnapshot, run: RunStages) -> str:
    """What the symbols of the stage's formula mean, as Markdown; "" if there is nothing to explain."""
    return _told(partial(run.words.formula, stage.formula, run.facts)) if stage.formula else ""


def images(stage: StageSnapshot, run: RunStages) -> str:
    """What the stage's images are: "real", "generated" or the family's own word."""
    return run.words.images.get(stage.name) or WORDS.images.get(stage.name) or GENERATED


def why(name: str, run: RunStages) -> Why | None:
    """Why a step has this stage; None if its family does not say."""
    return run.words.whys.get(name) or WORDS.whys.get(name)


def vectors(stage: StageSnapshot, run: RunStages) -> str:
    """What the stage's vectors are, as a title."""
    return run.words.vectors.get(stage.name, "Vectors")


def _told(words: Callable[[], object]) -> str:
    """The result of a family's text function; "" if it raises or returns something other than a string."""
    try:
        text = words()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - nothing that they raise, not even SystemExit, may break the page
        return ""
    return text.strip() if isinstance(text, str) else ""
