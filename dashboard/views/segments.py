"""The catalogue: search, sizes over time, who came and left, who is in several, and who is in one and why."""

import streamlit as st

from dashboard import charts, page, present, queries
from dashboard.present import Column, figures, prose
from dashboard.views import members

CATALOGUE = (
    Column("segment", "family, variant after a slash, lookback window after an at sign. Opens its page.", lambda row: page.segment_link(row["segment_id"])),
    Column("kind", "audience, or exclusion for people to leave out.", lambda row: row["kind"]),
    figures("members", "Members today; 0 for a family that has none.", lambda row: present.count(row["member_count"])),
    figures("addressable", "Members who consented to ads or to e-mail; the others are counted and may not be addressed.", lambda row: present.count(row["eligible_count"])),
    Column("size", "too small, ok or too large against the sizes that the family names; no members where nobody is in it.", lambda row: present.words(row["size_status"])),
    figures("entered", "Members who were not in it on the observed day before.", lambda row: present.count(row["entered_count"])),
    figures("exited", "Members of the observed day before who are not in it today.", lambda row: present.count(row["exited_count"])),
    prose("purpose", "What the segment is for.", lambda row: row["purpose"] or present.NONE),
)


def show() -> None:
    page.heading("Segments")
    with page.section():
        sizes = {row["size_status"]: row["segments"] for row in page.rows(queries.SIZE_STATUS)}
        named = {"ok": "Of a usable size", "too_small": "Too small", "too_large": "Too large", "no_members": "Without a member"}
        page.figures(*(
            (label, present.count(sizes.get(status, 0)), f"Segments of the catalogue today; {page.what('segment_sizes', 'size_status')}")
            for status, label in named.items()
        ))
    with page.section("Catalogue"):
        search, kind, status = st.columns([2, 1, 1])
        found = page.rows(
            queries.CATALOGUE,
            search=search.text_input("Search", placeholder="a name, purpose, signal or owner", help="Looks in names, descriptions, purposes, signals and owners."),
            kind=kind.selectbox("Kind", ["all", "audience", "exclusion"]),
            size_status=status.selectbox("Size", ["all", "ok", "too_small", "too_large", "no_members"], format_func=present.words),
        )
        if not found:
            page.nothing("No segment fits. Search for less, or for all kinds and sizes.")
            return
        st.caption(present.shown_of(found, "segment", "largest"))
        page.long_table(CATALOGUE, found)
    names = [row["segment_id"] for row in found]
    compared = st.multiselect(
        "Compare", names, default=names[:5], max_selections=12, help="The segments of the charts below, of those found above; up to twelve."
    )
    if not compared:
        page.nothing("Choose segments to compare.")
        return
    left, right = st.columns(2)
    with left, page.section("Size over time", page.what("segment_sizes", "member_count")):
        history = page.rows(queries.SIZE_HISTORY, segments=compared)
        days = {row["as_of_date"] for row in history}
        page.chart(charts.lines(history, "as_of_date", "member_count", "segment_id", "members"))
        if len(days) < 3:
            st.caption(f"So far {present.counted(len(days), 'day')} described: one more with each build for another day.")
    with right, page.section("Entered and exited"):
        moved = page.rows(queries.MOVES, segments=compared)
        if moved:
            page.chart(charts.moves(moved))
        else:
            page.nothing("Who came and left is known from the second described day on.")
    with page.section("Overlap", page.what("segment_overlaps", "jaccard")):
        pairs = page.rows(queries.OVERLAPS, segments=compared)
        if pairs:
            page.chart(charts.overlaps(pairs, compared))
        else:
            page.nothing("These segments share no member.")
    with page.section("Who is in, and why"):
        chosen = st.selectbox("Segment", compared)
        members.show(page.row(queries.SEGMENT, segment=chosen))
