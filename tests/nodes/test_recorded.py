"""What a workflow is said to record is what its experiment records."""

import pytest

from pipeline.graph.check import check
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.recorded import metric_names
from pipeline.runs.measurements import AUTOENCODER_CHECKUP, GAN_CHECKUP, VARIATIONAL_CHECKUP
from pipeline.runs.metrics import CLOCK_SERIES


@pytest.mark.parametrize(
    ("name", "checkup"),
    [
        *((name, GAN_CHECKUP) for name in ("dcgan", "mlp-gan", "wgan-gp")),
        ("autoencoder", AUTOENCODER_CHECKUP),
        ("vae", VARIATIONAL_CHECKUP),
    ],
)
def test_the_names_of_a_workflow_are_the_series_of_its_experiment(small, name, checkup, tmp_path):
    workflow = small(name)
    experiment = assemble(workflow, tmp_path)
    assert metric_names(check(workflow, NODES)) == (*experiment.series, *CLOCK_SERIES, *checkup)


def test_a_workflow_that_is_not_sound_records_nothing_yet(template):
    assert metric_names(check(template("dcgan", "generator.image_size=32"), NODES)) == ()
