from tests.scheduling import longest_first, processors_of

TESTS = [
    "tests/api/test_a.py::test_1",
    "tests/api/test_a.py::test_2",
    "tests/engine/test_b.py::test_1",
    "tests/nodes/test_c.py::test_1[x/y::z]",
    "tests/pages/test_d.py::test_1",
    "tests/pages/test_d.py::test_2",
    "tests/test_e.py::test_1",
]


def test_files_that_start_engines_come_first_the_largest_before_then_files_of_few_tests():
    assert longest_first(TESTS) == [4, 5, 2, 3, 6, 0, 1]


def test_each_process_has_its_own_processors_and_all_together_have_all():
    assert [processors_of(worker, 2, {7, 3, 5}) for worker in ("gw0", "gw1")] == [{3, 7}, {5}]
    assert processors_of("gw1", 2, {4}) == {4}
