"""The family that trains an autoencoder and then a denoiser of its latents."""

from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.diffusion.family import DIFFUSION
from pipeline.families.family import Family


def charts(family: Family) -> set[str]:
    return {series.chart.title for series in family.series if series.chart}


def test_the_denoiser_shares_no_axis_with_the_autoencoder_whose_numbers_are_hundreds_of_times_as_large() -> None:
    assert charts(AUTOENCODER) & charts(DIFFUSION) <= {"Learning rate"}
