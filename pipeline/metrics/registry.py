"""METRICS: all metrics by name, in the order in which they are shown: what to trust first stands first.

The sliced distance, precision with recall, and AuthPct come first: the first sees small differences with few images,
the second says whether quality or variety is at fault, the third sees copies of training images, which look real to
all others. The Fréchet distance, which everybody reports, comes later: with a thousand images its floor is high
against what matters, and where papers take it from the training images, it even falls when a model copies them.
"""

from collections.abc import Mapping

from pipeline.metrics.auth_pct import AUTH_PCT
from pipeline.metrics.class_shares import CLASS_SHARES
from pipeline.metrics.classifier_score import CLASSIFIER_SCORE
from pipeline.metrics.clipped_coverage import CLIPPED_COVERAGE
from pipeline.metrics.clipped_density import CLIPPED_DENSITY
from pipeline.metrics.coverage import COVERAGE
from pipeline.metrics.density import DENSITY
from pipeline.metrics.frechet_distance import FRECHET_DISTANCE
from pipeline.metrics.frechet_extrapolated import FRECHET_EXTRAPOLATED
from pipeline.metrics.kid import KID
from pipeline.metrics.precision import PRECISION
from pipeline.metrics.psnr import PSNR
from pipeline.metrics.recall import RECALL
from pipeline.metrics.scoring_accuracy import SCORING_ACCURACY
from pipeline.metrics.scoring_auc import SCORING_AUC
from pipeline.metrics.signature import Metric
from pipeline.metrics.sliced_distance import SLICED_DISTANCE
from pipeline.metrics.ssim import SSIM
from pipeline.metrics.vendi_score import VENDI_SCORE
from pipeline.metrics.wasserstein_distance import WASSERSTEIN_DISTANCE
from pipeline.metrics.wasserstein_pixels import WASSERSTEIN_PIXELS

ALL: tuple[Metric, ...] = (
    SLICED_DISTANCE,
    PRECISION,
    RECALL,
    AUTH_PCT,
    DENSITY,
    COVERAGE,
    CLIPPED_DENSITY,
    CLIPPED_COVERAGE,
    FRECHET_DISTANCE,
    FRECHET_EXTRAPOLATED,
    KID,
    WASSERSTEIN_DISTANCE,
    WASSERSTEIN_PIXELS,
    VENDI_SCORE,
    CLASSIFIER_SCORE,
    CLASS_SHARES,
    PSNR,
    SSIM,
    SCORING_ACCURACY,
    SCORING_AUC,
)

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in ALL}
