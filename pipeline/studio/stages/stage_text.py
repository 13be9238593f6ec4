"""A stage of a training step in plain words: its title, where in the step it stands, what it has just done.

The words come from the run's family (`pipeline/families/`), then from those that all families share. A stage that
neither has words for, of somebody's own node or family, is told of by its name, its node and its numbers.
"""

from collections.abc import Callable, Mapping
from functools import partial

from pipeline.families.shared_words import WORDS, any_stage
from pipeline.runtime.messages import StageSeen
from pipeline.studio.stages.stage_facts import RunStages

GENERATED = "generated"
"""What images of a stage are called that nobody has a word for."""


def heading(name: str, run: RunStages) -> str:
    """A stage's name as a title."""
    return run.words.headings.get(name) or WORDS.headings.get(name) or name[:1].upper() + name[1:]


def is_last(stage: StageSeen) -> bool:
    """Whether the step is done with this stage."""
    return stage.number >= stage.of


def place(stage: StageSeen, step: int) -> str:
    """Where in training the stage stands. step: the last one that is done."""
    if is_last(stage):
        return f"Step {step:,} is done · stage {stage.number} of {stage.of} · {stage.update}'s update"
    return f"Step {step + 1:,} · stage {stage.number} of {stage.of} · {stage.update}'s update"


def upcoming(stage: StageSeen, run: RunStages, step: int) -> str:
    """What the next stage will do, and whose it is. step: the last one that is done."""
    title = run.facts.title(stage.next_node)
    begins = f", the first of step {step + 1:,}" if is_last(stage) else ""
    another = "another" if stage.next_update == stage.update else "the"
    other = f", the first of {another} {stage.next_update}'s update" if stage.next_begins and not begins else ""
    return f"{heading(stage.next_name, run).lower()} ({title}){begins or other}"


def caption(stage: StageSeen, run: RunStages, live: Mapping[str, float]) -> str:
    """What the stage has just done, in a sentence or a few. live: the live parameters by "node.parameter".

    Words of somebody's own family may fail at what they have not thought of: then the plain sentence stands.
    """
    tell = run.words.tellers.get(stage.name) or WORDS.tellers.get(stage.name)
    return (_told(partial(tell, stage, run.facts, live)) if tell else "") or any_stage(stage, run.facts)


def letters(stage: StageSeen, run: RunStages) -> str:
    """What the letters of the stage's formula stand for, as Markdown; "" where there is nothing to say."""
    return _told(partial(run.words.formula, stage.formula, run.facts)) if stage.formula else ""


def images(stage: StageSeen, run: RunStages) -> str:
    """What the stage's images are: "real", "generated" or a word of the family's own."""
    return run.words.images.get(stage.name) or WORDS.images.get(stage.name) or GENERATED


def vectors(stage: StageSeen, run: RunStages) -> str:
    """What the vectors are that the stage has made."""
    return run.words.vectors.get(stage.name, "Vectors")


def _told(words: Callable[[], object]) -> str:
    """What somebody's own words say; "" where they fail, or say what is no text."""
    try:
        said = words()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - whatever they raise, `sys.exit()` included, the page is to stand
        return ""
    return said.strip() if isinstance(said, str) else ""
