"""The dashboard over the published file. `make dashboard` starts it; docs/dashboard.md says what is on its pages."""

import streamlit as st

from dashboard import present
from dashboard.views import activation, data_health, experiments, overview, performance, segment_detail, segments

PAGES = (
    (overview.show, "Overview", None),
    (segments.show, "Segments", "segments"),
    (segment_detail.show, "Segment detail", "segment"),
    (experiments.show, "Experiments", "experiments"),
    (performance.show, "Performance and economics", "performance"),
    (activation.show, "Activation", "activation"),
    (data_health.show, "Data health", "data-health"),
)


def main() -> None:
    st.set_page_config(page_title="Tessera", layout="wide")
    st.html(f"<style>{present.STYLE}{LAYOUT}</style>")
    page = st.navigation(
        [st.Page(show, title=title, url_path=path, default=path is None) for show, title, path in PAGES]
    )
    page.run()


# Less room above the heading than Streamlit leaves, and on a phone less at the sides.
LAYOUT = """
[data-testid="stMainBlockContainer"] { padding: 3.5rem 2.5rem 3rem; max-width: 1240px; }
[data-testid="stMetricValue"] { font-size: 1.6rem; }
[data-testid="stMain"] h1 { font-size: 2.1rem; padding-bottom: 0; }
[data-testid="stMain"] h3 { font-size: 1.35rem; }
@media (max-width: 640px) {
    [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
}
"""

main()
