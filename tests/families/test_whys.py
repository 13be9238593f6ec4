"""Every series that built-in code declares says why it matters, in two sentences with a source."""

import re

import pytest

from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.diffusion.family import DIFFUSION
from pipeline.graph import document
from pipeline.nodes.inputs.diff_augment import STRENGTH
from pipeline.nodes.losses.penalties import DRAGAN, GRADIENT_PENALTY, R1, R2, SLOPE
from pipeline.nodes.losses.weight_bounds import WEIGHTS
from pipeline.runs.series import CLOCKS, by_name, checkup_of
from pipeline.runs.system_series import SYSTEM
from pipeline.studio import workflows

OF_NODES = (STRENGTH, GRADIENT_PENALTY, SLOPE, R1, R2, DRAGAN, *WEIGHTS.values())
OF_FAMILIES = [series for family in (ADVERSARIAL, AUTOENCODER, DIFFUSION) for series in family.series]
EVERY = by_name((*OF_FAMILIES, *CLOCKS, *checkup_of(), *SYSTEM, *OF_NODES))


@pytest.mark.parametrize("series", EVERY.values(), ids=EVERY.keys())
def test_a_series_has_a_why_of_two_sentences_with_a_source(series):
    assert series.why is not None
    sentences = re.findall(r"[A-Z].*?\.(?= |$)", series.why.text)
    assert len(sentences) == 2 and " ".join(sentences) == series.why.text
    assert re.search(r"\b(19|20)\d\d\b", series.why.source)
    assert not series.why.url or series.why.url.startswith("https://")


@pytest.mark.parametrize("template", [each.name for each in workflows.templates()])
def test_whatever_a_built_in_template_records_is_among_them(template):
    recorded = workflows.series_of(document.write(workflows.open_template(template)))
    assert {each.name for each in recorded} <= set(EVERY)
    assert all(each.why for each in recorded)
