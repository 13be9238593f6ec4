"""A bare Streamlit page with a button and a number: the baseline for the speed of Genscope's pages."""

import streamlit as st

st.title("Bare")
if st.button("Step"):
    st.session_state["step"] = st.session_state.get("step", 0) + 1
st.metric("Step", st.session_state.get("step", 0))
