"""The kernel distance: squared maximum mean discrepancy with a cubic kernel, without bias.

    k(x, y) = (x·y / D + 1)³        d² = mean k(x, x') + mean k(y, y') − 2 mean k(x, y), over pairs of different images

Bińkowski et al. 2018 (arXiv 1801.01401), who take features of an Inception network and call it KID, which means these
features less often than the name of the Fréchet distance does. It can be negative. Its error is that of the mean over
disjoint parts of the images; the value itself uses all pairs, which varies a little less.
"""

import numpy as np

from pipeline.metrics.intervals import Interval
from pipeline.metrics.neighbours import AT_ONCE, Rows
from pipeline.metrics.required import require_images
from pipeline.metrics.signature import Measured, Metric, Sets
from pipeline.why import Why

PARTS = 10


def _total(one: Rows, other: Rows, same: bool = False) -> float:
    """The sum of k over all pairs of rows (N, D) and (M, D); of one set, without those of an image with itself."""
    left, right = one.astype(np.float64), other.astype(np.float64)
    step, total = max(1, AT_ONCE // len(other)), 0.0
    for start in range(0, len(one), step):
        part = left[start : start + step]
        total += float(((part @ right.T / one.shape[1] + 1) ** 3).sum())
        if same:
            total -= float(((np.square(part).sum(1) / one.shape[1] + 1) ** 3).sum())
    return total


def kernel_distance(one: Rows, other: Rows) -> float:
    """d² between features (N, D) and (M, D); N, M ≥ 2."""
    n, m = len(one), len(other)
    within = _total(one, one, same=True) / (n * (n - 1)) + _total(other, other, same=True) / (m * (m - 1))
    return within - 2 * _total(one, other) / (n * m)


def measure(sets: Sets) -> Measured:
    """d² of generated from held-out images. Raises Unmeasurable."""
    require_images(sets, 4, 4)
    one, other = sets.generated.features, sets.held_out.features
    value = kernel_distance(one, other)
    count = min(PARTS, min(len(one), len(other)) // 2)
    random = np.random.default_rng([sets.seed, 5])
    lefts, rights = (np.array_split(random.permutation(len(each)), count) for each in (one, other))
    found = [kernel_distance(one[i], other[j]) for i, j in zip(lefts, rights, strict=True)]
    return Measured(value, len(one), len(other), *_around(value, found))


def _around(value: float, parts: list[float]) -> Interval:
    """The 95 % interval by Student's distribution, since there are few parts."""
    from scipy.stats import t

    half = float(t.ppf(0.975, len(parts) - 1) * np.std(parts, ddof=1) / np.sqrt(len(parts)))
    return Interval(value - half, value + half)


KID = Metric(
    name="kid",
    title="Kernel distance",
    unit="squared distance in the kernel's space",
    definition=r"$\mathbb{E}\,k(x,x')+\mathbb{E}\,k(y,y')-2\,\mathbb{E}\,k(x,y)$ with "
    r"$k(x,y)=(x\cdot y/D+1)^3$, over pairs of different images: the estimate without bias.",
    good_for="Few images: its expected value does not depend on n, and is 0 for real images.",
    bad_for="Its scale is that of the features to the sixth power, so that a few strong features decide.",
    why=Why(
        "Unlike the Fréchet distance it has no bias and fits no distribution, so that its error says whether a "
        "difference means something. It compares the first three moments.",
        "Bińkowski et al. 2018",
        "https://arxiv.org/abs/1801.01401",
    ),
    cost="grows with the square of n",
    better="lower",
    needs=frozenset({"features"}),
    measure=measure,
)
