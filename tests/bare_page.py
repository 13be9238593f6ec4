"""A page with a button and a number.

How fast Streamlit itself draws it, here and now, is what the waits for Genscope's pages are held against.
"""

import streamlit as st

st.title("Bare")
if st.button("Step"):
    st.session_state["step"] = st.session_state.get("step", 0) + 1
st.metric("Step", st.session_state.get("step", 0))
