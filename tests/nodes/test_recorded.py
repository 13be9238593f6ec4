"""The series declared for a workflow are those that its run records."""

import pytest

from pipeline.graph.check import check
from pipeline.inspection.checkup import SampleCheckup
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.recorded import metric_names, series_of
from pipeline.training.trainer import Trainer


@pytest.mark.parametrize("name", ["dcgan", "mlp-gan", "wgan-gp", "autoencoder", "vae"])
def test_the_declared_series_of_a_workflow_are_those_recorded(small, name, tmp_path):
    workflow = small(name)
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    found = trainer.step()
    measured = SampleCheckup(trainer.experiment).measure(trainer, trainer.draw(4, seed=0))
    assert metric_names(check(workflow, NODES)) == (*found.names, *measured)


def test_every_series_has_a_meaning_and_all_but_the_clock_a_chart(template):
    for name in ("wgan-gp", "r3gan", "vae"):
        series = series_of(check(template(name), NODES))
        assert all(each.meaning and not each.meaning.endswith(".") for each in series)
        assert [each.name for each in series if each.chart is None] == ["seconds"]


def test_a_workflow_with_problems_has_no_series(template):
    assert metric_names(check(template("dcgan", "generator.image_size=32"), NODES)) == ()
