from tests.scheduling import longest_first, scope_of

TESTS = [
    "tests/api/test_a.py::test_1",
    "tests/api/test_a.py::test_2",
    "tests/engine/test_b.py::test_1",
    "tests/nodes/test_c.py::test_1[x/y::z]",
    "tests/pages/test_d.py::test_1",
    "tests/test_e.py::test_1",
]


def test_tests_that_start_engines_come_first_then_files_of_few_tests():
    assert longest_first(TESTS) == [2, 4, 3, 5, 0, 1]


def test_tests_that_start_engines_run_in_one_process_and_others_with_their_file():
    assert [scope_of(test) for test in TESTS[1:]] == [
        "tests/api/test_a.py",
        "engines",
        "tests/nodes/test_c.py",
        "engines",
        "tests/test_e.py",
    ]
