"""The tiny experiments of the tests of training."""

from tests.training.autoencoders import make_autoencoder
from tests.training.conftest import make_experiment, one_thread, same_bits

__all__ = ["make_autoencoder", "make_experiment", "one_thread", "same_bits"]
