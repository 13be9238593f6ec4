"""The pages: their paths, as Streamlit's links and `st.switch_page` take them, and their names."""

from collections.abc import Mapping
from typing import NamedTuple

HOME = "Home.py"
WORKFLOW = "pages/1_Workflow.py"
TRAIN = "pages/2_Train.py"
INSPECT = "pages/3_Inspect.py"
GENERATE = "pages/4_Generate.py"
EVALUATE = "pages/5_Evaluate.py"
RUNS = "pages/6_Runs.py"
DATA = "pages/7_Data.py"


class Page(NamedTuple):
    """A page: its title, its icon, and a sentence on what it is for."""

    title: str
    icon: str
    purpose: str


PAGES: Mapping[str, Page] = {
    HOME: Page("Home", ":material/home:", "Start a run, open a template or a recent run."),
    WORKFLOW: Page("Workflow", ":material/account_tree:", "See a training workflow as a graph and edit it."),
    TRAIN: Page("Train", ":material/model_training:", "Run, pause and step a run, and watch it learn."),
    INSPECT: Page(
        "Inspect",
        ":material/troubleshoot:",
        "Walk through a training step, look into the layers and browse all samples.",
    ),
    GENERATE: Page("Generate", ":material/grid_view:", "Generate images from any checkpoint of any run."),
    EVALUATE: Page(
        "Evaluate",
        ":material/query_stats:",
        "Measure how good a run's images are, see what it copies and where it fails, and compare runs.",
    ),
    RUNS: Page("Runs", ":material/list:", "Find runs, open them, compare them, and see which were forked from which."),
    DATA: Page("Data", ":material/photo_library:", "Examine a data set before training, and upload your own images."),
}
"""In the order of the menu."""
