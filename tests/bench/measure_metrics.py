"""What each metric sees: real clothes of Fashion-MNIST in place of generated ones, left as they are or spoilt.

    python -m tests.bench.measure_metrics
    python -m tests.bench.measure_metrics --count 300 --training 1000 --as-of 56      # features at 224 pixels

Features of EfficientNet-Lite0. Each column stands for the generated images, compared with as many other held-out ones:
the floor (training images), a slight blur, half copies of training images (the other half real), three classes of ten,
uniform noise. Last, two distances from training images in place of held-out ones, which copies lower. The files of the
set are those of Debian's package dataset-fashion-mnist.

    EfficientNet-Lite0 579344248a93, bilinear, antialiased, to 112 × 112
                             floor       real    blurred half copies three classes   noise
         sliced_distance     13.15       11.1      51.66        11.4         153.4    2460
               precision     0.828      0.843      0.851       0.831         0.859   0.003
                  recall     0.811       0.81      0.609        0.81         0.536       0
                auth_pct     0.689      0.693      0.736       0.358         0.693       1
                 density     1.042      1.083      1.139       1.013         1.034  0.0068
                coverage      0.98      0.972      0.942       0.965         0.606   0.002
         clipped_density         1          1          1           1             1       0
        clipped_coverage         1          1     0.9221           1        0.5285  0.0016
        frechet_distance     86.55      84.52      112.6       85.69         239.9    1101
                     kid   0.00146  -0.001251    0.04717   -0.000923        0.1916   1.847
    wasserstein_distance     21.35      21.26      21.55       21.38         25.67   33.94
      wasserstein_pixels     12.84      13.24      12.34        13.2         14.83   27.29
             vendi_score     29.08      28.28      27.65       29.07         20.64   2.337
    From training images instead of held-out ones (1,000 of them):
         sliced_distance     12.97       11.5                  6.128         183.3    2413
        frechet_distance     85.35      84.37                  43.49         259.1    1084

The sliced distance of this blur is 3.9 times its floor, the Fréchet distance 1.3 times; of one of 1 pixel, 27 and 3.6
times. AuthPct alone shows the copies. With 500 images, features at 64, 112 and 224 pixels put the sets in the same
order by every distance, and took 19, 51 and 216 s on a busy core.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from pipeline.data.files.idx import open_idx
from pipeline.evaluation.features.efficientnet import efficientnet_features
from pipeline.metrics.registry import ALL, METRICS
from pipeline.metrics.signature import Images, Sets, Unmeasurable

FILES = Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="images of each set")
    parser.add_argument("--training", type=int, default=5000, help="training images")
    parser.add_argument("--as-of", type=int, default=28, help="size of images whose input size the network gets")
    parser.add_argument("--blur", type=float, default=0.5, help="standard deviation of the blur in pixels")
    options = parser.parse_args()
    torch.set_num_threads(1)
    extractor = efficientnet_features("cpu", options.as_of)
    source = open_idx(FILES)
    pixels, labels = source.pixels(28, True, {}), source.entries.labels
    assert pixels is not None
    begin = time.process_time()

    def images_of(chosen: np.ndarray) -> Images:
        features = extractor.of(torch.from_numpy(np.ascontiguousarray(chosen))).features
        return Images(features.numpy(), chosen.transpose(0, 2, 3, 1))

    n = options.count
    aside = pixels[60_000:]
    training, held_out, other = (images_of(part) for part in (pixels[: options.training], aside[:n], aside[n : 2 * n]))
    few = aside[2 * n :][labels[60_000 + 2 * n :] < 3][:n]
    blurred = np.stack(
        [gaussian_filter(image.astype(float), (0, options.blur, options.blur)) for image in aside[n : 2 * n]]
    )
    noise = np.random.default_rng(0).integers(0, 256, aside[:n].shape)
    half = np.arange(n) < n // 2
    columns = {
        "real": other,
        "blurred": images_of(blurred.round().astype(np.uint8)),
        "half copies": _mixed(training, other, half),
        "three classes": images_of(few),
        "noise": images_of(noise.astype(np.uint8)),
    }
    print(f"{extractor.name} {extractor.digest}, {extractor.resize}; {time.process_time() - begin:.0f} s for features")
    print(" ".join(f"{title:>22}" if not i else f"{title:>13}" for i, title in enumerate(["", "floor", *columns, "s"])))
    for metric in ALL:
        if metric.needs <= {"features", "pixels", "trained"}:
            _row(metric, Sets(other, held_out, training), columns)
    print("From training images instead of held-out ones:")
    from_training = Sets(other, training.take(np.arange(n)), held_out)
    for name in ("sliced_distance", "frechet_distance"):
        _row(METRICS[name], from_training, columns)


def _mixed(one: Images, other: Images, first: np.ndarray) -> Images:
    features, pixels = (
        np.where(first.reshape(-1, *[1] * (a.ndim - 1)), a[: len(first)], b)
        for a, b in ((one.features, other.features), (one.pixels, other.pixels))
    )
    return Images(features, pixels)


def _row(metric, sets, columns) -> None:
    begin = time.process_time()
    try:
        floor = metric.of(sets.floor(metric.floor)).value
        values = [metric.of(replace(sets, generated=images)).value for images in columns.values()]
    except Unmeasurable as refused:
        print(f"{metric.name:>22} {refused}")
        return
    shown = " ".join(f"{value:>13.4g}" for value in (floor, *values))
    print(f"{metric.name:>22} {shown} {time.process_time() - begin:>13.1f}")


if __name__ == "__main__":
    main()
