"""Whether a run's samples look like copies of its training images, said before the run is shared."""

from math import hypot

import numpy as np

from pipeline.formatting import counted
from pipeline.metrics.auth_pct import AUTH_PCT
from pipeline.metrics.intervals import of_share
from pipeline.runs.evaluations import Evaluation, load_all
from pipeline.runs.files import RunFiles


def memorised(authentic: int, generated: int, authentic_held_out: int, held_out: int) -> str:
    """A warning if fewer generated images are authentic than held-out ones; "" if the numbers do not tell.

    authentic: how many of the `generated` images AuthPct counts as no copies; the same of the held-out images. They
    differ if the 95 % interval of the difference does not hold zero, as when two runs are compared.
    """
    if not generated or not held_out:
        return ""
    shares, halves = [], []
    for count, total in ((authentic, generated), (authentic_held_out, held_out)):
        low, high = of_share(np.arange(total) < count)
        shares.append(count / total)
        halves.append((high - low) / 2)
    if shares[1] - shares[0] <= hypot(*halves):
        return ""
    return (
        f"Some samples may be copies of training images: {shares[0]:.1%} of {counted(generated, 'sample')} are no "
        f"copies by AuthPct, but {shares[1]:.1%} of {counted(held_out, 'held-out image')}. Compare them with their "
        "nearest training images (Memorisation, on the Evaluate page) before you share the run, its weights or its "
        "images."
    )


def memorised_by(evaluation: Evaluation) -> str:
    """`memorised` of an evaluation on the run's own images; "" if AuthPct was not measured."""
    result = evaluation.results.get(AUTH_PCT.name)
    if not evaluation.own or result is None or result.value is None or result.floor is None:
        return ""
    counts = round(result.value * result.generated), result.generated
    return memorised(*counts, round(result.floor * evaluation.held_out), evaluation.held_out)


def warning_before_sharing(files: RunFiles, step: int) -> str:
    """The warning of a run's evaluations: of those of this step, or else of the nearest step; "" if there is none."""
    known = [each for each in load_all(files) if each.own and AUTH_PCT.name in each.results]
    if not known:
        return ""
    nearest = min((abs(each.step - step), -each.step) for each in known)
    found = [memorised_by(each) for each in known if (abs(each.step - step), -each.step) == nearest]
    warning = next(filter(None, reversed(found)), "")
    at = -nearest[1]
    return warning if at == step or not warning else f"{warning} That was measured at step {at:,}."
