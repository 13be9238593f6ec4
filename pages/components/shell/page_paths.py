"""The paths of the pages, as Streamlit's links and `st.switch_page` take them."""

HOME = "Home.py"
WORKFLOW = "pages/1_Workflow.py"
TRAIN = "pages/2_Train.py"
INSPECT = "pages/3_Inspect.py"
GENERATE = "pages/4_Generate.py"
DATA = "pages/7_Data.py"
