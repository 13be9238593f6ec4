"""Excerpts: all that a function uses, in an order in which it can be run, and nothing else."""

import ast

import pytest
import torch

from pipeline.errors.training import UnwritableModel
from pipeline.families.diffusion.solvers import Solver
from pipeline.objectives.noising import Estimates, Line, ScheduledNoising
from pipeline.standalone.excerpt import Excerpt, globals_of, names_of


def source_of(*things):
    excerpt = Excerpt()
    for thing in things:
        excerpt.add(thing)
    return f"{excerpt.imports()}\n\n\n{excerpt.text()}\n"


def test_an_excerpt_runs_by_itself_and_computes_the_same():
    text = source_of(Solver, ScheduledNoising)
    assert "pipeline" not in "".join(line for line in text.splitlines() if "import" in line)
    names = {"__name__": "excerpt"}
    exec(compile(text, "excerpt", "exec"), names)
    start, settings = torch.ones(2, 1, 2, 2), ("cosine", 50, 1e-4, 0.02)

    def last(solver, noising, estimates):
        *_, made = solver("heun", 5).run(noising(*settings), lambda x, t: estimates(x * t, x), start, lambda: start)
        return made.noisy

    found = last(names["Solver"], names["ScheduledNoising"], names["Estimates"])
    assert torch.equal(found, last(Solver, ScheduledNoising, Estimates))


def test_an_excerpt_has_only_what_is_used_each_piece_once():
    names = [node.name for node in ast.parse(source_of(Line, Solver)).body if hasattr(node, "name")]
    assert len(names) == len(set(names)) and {"Line", "Noising", "Solver"} <= set(names)
    assert not {"VariancePreserving", "betas_of", "guided"} & set(names)


def test_names_that_python_would_look_up_outside_are_found_and_local_ones_are_not():
    text = "def f(x: Tensor, n=N):\n    y = [g(each) for each in x]\n    return y, len(y), (lambda z: z + K)\n"
    assert globals_of(text) == {"Tensor", "N", "g", "len", "K"}


def test_constants_keep_the_docstring_below_them():
    found = names_of("pipeline.training.inference")
    assert found.texts[found.pieces["Networks"]] == 'Networks = Mapping[str, nn.Module]\n"""By role."""'


def test_a_package_that_a_file_may_not_need_and_a_name_that_stands_for_two_things_are_refused():
    excerpt = Excerpt()
    with pytest.raises(UnwritableModel, match="it needs the package safetensors"):
        excerpt.need("from safetensors.torch import load")
    excerpt.add_name("draw", "pipeline.families.adversarial.sampler")
    with pytest.raises(UnwritableModel, match="draw is defined in"):
        excerpt.add_name("draw", "pipeline.families.autoencoder.sampler")
    with pytest.raises(UnwritableModel, match="has no source file"):
        names_of("collections")
