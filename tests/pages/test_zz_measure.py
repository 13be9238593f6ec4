import statistics
from tests.pages.conftest import *  # noqa
from tests.conftest import *  # noqa
def test_m(run, browser):
    from pages.components import state
    browser.open("pages/3_Inspect.py")
    for n in range(15):
        if n: browser.click("next_stage")
        browser.look()
        t=[browser._seconds() for _ in range(7)]
        print(n, f"median {1e3*statistics.median(t):.0f} ms min {1e3*min(t):.0f}")
