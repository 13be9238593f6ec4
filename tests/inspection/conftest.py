"""The tiny experiments of the training tests."""

from tests.training.autoencoders import make_autoencoder
from tests.training.conftest import alone, make_experiment, same_bits

__all__ = ["alone", "make_autoencoder", "make_experiment", "same_bits"]
