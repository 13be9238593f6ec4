"""One page of a view of evaluated images, as the answer to its command."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engine.image_views import Found
from pipeline.errors.machine import UnusableValue
from pipeline.evaluation.failures import Failures
from pipeline.evaluation.memorisation import Memorisation, pixel_distances
from pipeline.evaluation.verdicts import Verdicts
from pipeline.metrics.signature import Images
from pipeline.runtime.messages.evaluation_commands import FindFailures, FindMemorised, JudgeImages, LookAtImages
from pipeline.runtime.messages.image_answers import (
    FailedImage,
    FailedImages,
    JudgedImage,
    JudgedImages,
    MemorisedImage,
    MemorisedImages,
)
from pipeline.sampling.grid import image_png

MOST_SHOWN = 64


def require_page(command: LookAtImages[Any]) -> None:
    """Raise UnusableValue for a page with too many images, or before the first."""
    if not 1 <= command.shown <= MOST_SHOWN:
        raise UnusableValue(f"{command.shown:,} images cannot be shown at once: ask for 1 to {MOST_SHOWN}.")
    if command.first < 0:
        raise UnusableValue(f"{command.first:,} images cannot come before a page: choose 0 or more.")


def judged_images(command: JudgeImages, found: Found[Verdicts]) -> JudgedImages:
    """Images with their verdicts, in the order that was asked for."""
    sets, facts = found
    order = facts.ordered(command.order, command.of)
    right = facts.right
    return JudgedImages(
        total=len(order),
        images=tuple(
            JudgedImage(
                _png(sets.generated if facts.generated[at] else sets.held_out, facts.places[at]),
                bool(facts.generated[at]),
                int(facts.places[at]) + 1,
                float(facts.scores[at]),
                bool(right[at]),
            )
            for at in _page(order, command)
        ),
        threshold=facts.threshold,
        probability=facts.probability,
        taken_for_real=facts.taken_for_real,
    )


def memorised_images(command: FindMemorised, found: Found[Memorisation]) -> MemorisedImages:
    """Generated images beside their nearest training images, the closest pair first."""
    sets, facts = found
    page = _page(facts.shown, command)
    beside = facts.generated.places[page]
    apart = pixel_distances(sets.generated, page, sets.training, beside)
    return MemorisedImages(
        total=len(facts.shown),
        images=tuple(
            MemorisedImage(
                _png(sets.generated, at),
                int(at) + 1,
                _png(sets.training, nearest),
                float(facts.generated.distances[at]),
                float(pixels),
                bool(facts.generated.authentic[at]),
            )
            for at, nearest, pixels in zip(page, beside, apart, strict=True)
        ),
        generated=len(facts.generated.authentic),
        authentic=int(facts.generated.authentic.sum()),
        held_out=len(facts.held_out.authentic),
        authentic_held_out=int(facts.held_out.authentic.sum()),
        usual=(facts.usual.median, facts.usual.low),
        usual_pixels=(seen.median, seen.low) if (seen := facts.usual_pixels) else None,
    )


def failed_images(command: FindFailures, found: Found[Failures]) -> FailedImages:
    """Generated images of the list that was asked for. Raises NothingToShow."""
    sets, facts = found
    order = facts.ordered(command.which)
    return FailedImages(
        total=len(order),
        images=tuple(
            FailedImage(
                _png(sets.generated, at),
                int(at) + 1,
                float(facts.distances[at]),
                "" if facts.likeliest is None else _class_name(sets.class_names, int(facts.likeliest[at])),
                0.0 if facts.certainty is None else float(facts.certainty[at]),
            )
            for at in _page(order, command)
        ),
        usual=facts.usual,
        unclaimed=facts.unclaimed,
        unclaimed_held_out=facts.unclaimed_held_out,
    )


def _page(order: NDArray[np.int64], command: LookAtImages[Any]) -> NDArray[np.int64]:
    return order[command.first : command.first + command.shown]


def _class_name(names: tuple[str, ...], label: int) -> str:
    return names[label] if label < len(names) else str(label)


def _png(images: Images, place: np.int64) -> bytes:
    assert images.pixels is not None, "lists have only images with known pixels"
    return image_png(images.pixels[place])
