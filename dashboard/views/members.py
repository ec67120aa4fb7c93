"""Who is in a segment and why: the rule in words, and the members counted; nobody is listed."""

import streamlit as st

from dashboard import charts, page, present, queries

AGES = ("within a day", "1 to 3 days ago", "3 to 7 days ago", "7 to 14 days ago", "14 to 30 days ago", "30 days ago or more", "not dated")


def show(segment: dict) -> None:
    st.markdown(f"**{segment['segment_id']}**: {segment['description']}")
    st.caption(f"Made of: {segment['signals']}.")
    scores = page.row(queries.SCORES, segment=segment["segment_id"])
    if not scores["members"]:
        page.nothing("It has no member today.")
        return
    left, right = st.columns(2)
    with left:
        ages = page.rows(queries.MEMBERS_BY_AGE, segment=segment["segment_id"])
        counted = [{"age": AGES[row["bucket"]], "members": row["members"]} for row in ages]
        st.markdown("When they last did what lets them in", help=page.what("segment_memberships", "qualified_at"))
        page.chart(charts.bars(counted, "age", "members", "members"))
    with right:
        stages = page.rows(queries.MEMBERS_BY_STAGE, segment=segment["segment_id"])
        st.markdown("Who they are, by lifecycle stage", help=page.what("customers", "lifecycle_stage"))
        if stages:
            page.chart(charts.bars(stages, "lifecycle_stage", "members", "members"))
    if scores["scored"]:
        st.caption(
            f"Score (how strongly, in the family's own unit): from {present.number(scores['lowest'])} to {present.number(scores['highest'])}, "
            f"half of the members between {present.number(scores['low_quarter'])} and {present.number(scores['high_quarter'])}."
        )
