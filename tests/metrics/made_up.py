"""Sets of made-up images for the tests of metrics."""

import numpy as np

from pipeline.metrics.signature import Images, Sets


def normal(count, mean=(0.0, 0.0), width=(1.0, 1.0), seed=0):
    """Features (count, D) from a normal distribution with independent dimensions."""
    drawn = np.random.default_rng(seed).standard_normal((count, len(mean)))
    return (np.array(mean) + np.array(width) * drawn).astype(np.float32)


def sets_of(generated, held_out, training=None, **more):
    """Sets of which only features are known."""
    held_out = np.asarray(held_out, np.float32)
    known = held_out if training is None else np.asarray(training, np.float32)
    return Sets(Images(np.asarray(generated, np.float32)), Images(held_out), Images(known), **more)


def full(count, seed=0, dimensions=6, classes=4, size=12):
    """Images of which everything is known."""
    random = np.random.default_rng(seed)
    chances = random.dirichlet(np.full(classes, 0.3), count).astype(np.float32)
    pixels = random.integers(0, 256, (count, size, size, 3), np.uint8)
    noisy = np.clip(pixels + random.integers(-20, 20, pixels.shape), 0, 255).astype(np.uint8)
    features, scores = random.standard_normal((count, dimensions)), random.standard_normal(count)
    return Images(features.astype(np.float32), pixels, chances, chances.argmax(1), scores.astype(np.float32), noisy)
