"""Tables in, Plotly figures out; no Streamlit, no files, no queries."""
