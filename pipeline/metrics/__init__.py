"""How good generated images are, in numbers: one file a metric, each with its definition, direction, source and cost.

    signature.py      start here: Images, Sets, Metric and Measured
    registry.py       METRICS: all metrics, in the order in which they are shown
    required.py       what a metric requires of its sets, and the sentence if it is missing
    intervals.py      95 % intervals: of shares, of means, by resampling
    neighbours.py     exact distances between features in blocks, nearest neighbours
    reconstructions.py  the mean of a number for each reconstruction, by class

Generated and held-out images, by features:

    sliced_distance.py       optimal transport along random lines
    precision.py, recall.py  quality and variety: who lies in whose balls
    auth_pct.py              which images are no copies of training images
    density.py, coverage.py  quality and variety, in neighbourhoods of real images only
    clipped_density.py, clipped_coverage.py  the same as shares of good images
    frechet_distance.py      between fitted normal distributions
    frechet_extrapolated.py  the same for infinitely many images
    kid.py                   kernel distance without bias, with its error
    wasserstein_distance.py  the best matching, exactly
    vendi_score.py           the effective number of different images

By other things that are known of them:

    wasserstein_pixels.py    the best matching of the images as they are
    classifier_score.py      how surely, and as how many classes, a classifier names them
    class_shares.py          shares of classes against the real ones, missing modes
    psnr.py, ssim.py         of reconstructions of held-out images
    scoring_accuracy.py, scoring_auc.py  how well the run's own scoring network tells them apart

A metric takes arrays (numpy) and returns a number with its interval. Nothing here knows runs, networks or files, and
nothing imports torch, so that pages can show what a metric means. The numbers that a run records at every step are
something else: `pipeline/runs/series.py`.
"""
