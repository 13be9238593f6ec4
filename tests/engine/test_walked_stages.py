import numpy as np

from pipeline.engine.walked_stages import SHOWN_IMAGES, WalkedStages
from pipeline.inspection.walk import StageReport


def report(number: int, images: int = 0) -> StageReport:
    made = np.full((images, 4, 4, 1), number, np.uint8) if images else None
    return StageReport("generator", "generate", "generator", number, 9, "", {}, images=made)


def test_only_what_is_shown_is_kept() -> None:
    kept = WalkedStages()
    kept.add(report(1, images=100))
    found = kept.find(1)
    assert found is not None and found.images is not None
    assert found.images.shape == (SHOWN_IMAGES, 4, 4, 1) and found.images.base is None


def test_the_earliest_stages_are_dropped_when_memory_is_used_up() -> None:
    kept = WalkedStages(most_bytes=2 * SHOWN_IMAGES * 16)
    for number in range(1, 5):
        kept.add(report(number, images=100))
    assert [number for number in range(1, 6) if kept.find(number)] == [3, 4]
    assert kept.last is not None and kept.last.number == 4


def test_a_stage_larger_than_the_memory_is_kept_alone() -> None:
    kept = WalkedStages(most_bytes=1)
    kept.add(report(1, images=3))
    kept.add(report(2, images=3))
    assert kept.last is not None and kept.last.number == 2 and kept.find(1) is None
    kept.clear()
    assert kept.last is None
