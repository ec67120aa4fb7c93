"""What people look at: a Streamlit app and a static report over the published file (docs/dashboard.md)."""
