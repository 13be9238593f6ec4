"""Every rule asked of a run's history."""

from collections.abc import Iterable

import numpy as np

from pipeline.health.hint import SEVERITIES, Hint, Rule
from pipeline.health.history import History


def hints(history: History, rules: Iterable[Rule]) -> tuple[Hint, ...]:
    """What the history shows, the most severe first; () where all is well, or where it is too short to judge.

    rules: of the run's family; among equally severe hints that of the first rule stands first: what is further down is
    often a consequence of it. Pure: the same history gives the same hints. Values may be anything; what is not finite
    is left out, or is a hint.
    """
    # Values from anywhere may overflow in a mean; a rule then sees an infinity and says nothing of it.
    with np.errstate(all="ignore"):
        found = [hint for rule in rules if (hint := rule(history)) is not None]
    return tuple(sorted(found, key=lambda hint: SEVERITIES.index(hint.severity)))
