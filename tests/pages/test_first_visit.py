"""Every page with an empty home, and with a home that cannot be written to."""

import pytest
import streamlit as st

OF_A_RUN = ["pages/2_Train.py", "pages/3_Inspect.py", "pages/4_Generate.py", "pages/5_Evaluate.py"]
PAGES = ["Home.py", "pages/1_Workflow.py", *OF_A_RUN, "pages/6_Runs.py", "pages/7_Data.py"]


@pytest.mark.parametrize(
    ("page", "what_to_do"),
    [
        ("Home.py", "Press Start training, and your runs will be listed here."),
        ("pages/1_Workflow.py", "No problems"),
        ("pages/2_Train.py", "Start the default template from Home"),
        ("pages/3_Inspect.py", "Start the default template from Home"),
        ("pages/4_Generate.py", "Start the default template from Home"),
        ("pages/5_Evaluate.py", "Start the default template from Home"),
        ("pages/6_Runs.py", "There are no runs yet. Start the default template from Home"),
    ],
)
def test_an_empty_home_says_what_to_do(page, what_to_do, shared_home, browser):
    assert what_to_do in browser.open(page).words
    assert not browser.errors


@pytest.mark.parametrize("page", [*OF_A_RUN, "pages/6_Runs.py"])
def test_an_empty_page_has_a_link_to_home(page, shared_home, browser):
    assert [link.value for link in browser.open(page).app.page_link] == ["Go to Home"]


@pytest.mark.parametrize("page", OF_A_RUN)
def test_without_runs_the_latest_is_none(page, shared_home, browser):
    assert [link.value for link in browser.open(page, run="latest").app.page_link] == ["Go to Home"]
    assert not browser.errors


@pytest.mark.parametrize("run", ["20200101-000000-00000000", "../../etc/passwd", " "])
@pytest.mark.parametrize("page", OF_A_RUN)
def test_an_unknown_run_is_named_in_the_error(page, run, shared_home, browser):
    assert f"There is no run '{run}'" in browser.open(page, run=run).errors


@pytest.fixture
def blocked_home(tmp_path, monkeypatch):
    """A home that cannot be created, because a file is in the way."""
    (tmp_path / "file").write_text("in the way")
    with monkeypatch.context() as patch:
        patch.setenv("GENSCOPE_HOME", str(tmp_path / "file" / "home"))
        st.cache_resource.clear()
        yield tmp_path / "file" / "home"
        st.cache_resource.clear()


@pytest.mark.parametrize("page", PAGES)
def test_a_home_that_cannot_be_written_is_an_error_message(page, blocked_home, browser):
    browser.open(page)
    assert f"{blocked_home} cannot be written: {blocked_home.parent} is not a folder." in browser.errors
    assert "Set GENSCOPE_HOME to a folder that you may write to" in browser.errors
