"""The slope of memory is that of the late steps."""

from pipeline.bench.memory import slope


def test_memory_that_grows_by_a_byte_each_step_has_a_slope_of_a_kilobyte_per_thousand():
    steps = list(range(100, 10_100, 100))
    assert round(slope(steps, [5_000_000 + step for step in steps]), 6) == 1.0


def test_what_is_allocated_once_at_the_beginning_does_not_count():
    steps = list(range(100, 10_100, 100))
    assert slope(steps, [min(step, 2_000) for step in steps]) == 0.0


def test_one_slice_has_no_slope():
    assert slope([20], [900_000_000]) == 0.0
