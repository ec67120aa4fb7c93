"""What leaves the warehouse: how large audiences are, who is left out and why, and what changes at the destination."""

import streamlit as st

from dashboard import charts, page, present, queries
from dashboard.present import Column, figures

SUPPRESSIONS = (
    Column("where", "Where these people may not be addressed.", lambda row: present.words(row["scope_type"])),
    Column("which", "The destination, purpose or family.", lambda row: row["scope_key"]),
    Column("reason", "Why.", lambda row: present.words(row["reason"])),
    figures("customers", "Customers who may not be addressed there for this reason, in any segment or none.", lambda row: present.count(row["customers"])),
)
CHANGES = (
    Column("destination", "As in the seed destinations.", lambda row: row["destination_key"]),
    Column("segment", "The segment whose audience changes.", lambda row: row["segment_id"]),
    figures("to add", "Records to upload: people whom the destination's audience lacks.", lambda row: present.count(row["additions"])),
    figures("to remove", "Records to take out at the destination.", lambda row: present.count(row["removals"])),
)


CREATIVES = (
    Column("creative", "The creative; none where nothing is said.", lambda row: row["creative_key"]),
    Column("chosen by", "The arm of an experiment, the weights of the seed, a fallback, or nobody.", lambda row: row["chosen_by"]),
    Column("reason", "Why it is the fallback, or nobody's.", lambda row: present.words(row["reason"])),
    figures("customers", "Customers who get it so.", lambda row: present.count(row["customers"])),
)


def show() -> None:
    page.heading("Activation")
    with page.section("Audience sizes", page.what("audience_members", "segment_id")):
        found = page.rows(queries.AUDIENCES)
        if found:
            page.figures(
                ("People", present.count(page.row(queries.ADDRESSABLE)["people"]), "People in any audience; who is in several counts once."),
                ("Audiences", present.count(len(found)), "Pairs of destination and segment with somebody in it. Those below the destination's minimum are withheld."),
                ("Destinations", present.count(len({row["destination_key"] for row in found})), "Destinations with an audience."),
            )
            page.chart(charts.bars([row | {"_audience": f"{row['destination_key']}: {row['segment_id']}"} for row in found], "_audience", "people", "people who may be addressed", is_word=False))
        else:
            page.nothing("No audience has anybody in it: nobody may be addressed, or each is below its destination's minimum.")
    with page.section("Left out, by reason", "audience_exclusions: members of a segment that goes to a destination who are not sent, by the first reason that holds."):
        left_out = page.rows(queries.EXCLUSIONS)
        if left_out:
            page.chart(charts.stacked(left_out, "destination_key", "reason", "left_out", "members left out"))
        else:
            page.nothing("Nobody is left out.")
    with page.section("Deltas", "audience_changes: what has to be uploaded so that the destination's audience becomes today's."):
        page.table_or("Nothing changes: the destinations have today's audiences, or a day before the newest sent one is described.", CHANGES, page.rows(queries.CHANGES))
    with page.section("Creatives", "creative_decisions: which one creative each customer in an audience segment gets."):
        page.table_or("Nobody is in an audience segment, so no creative is chosen.", CREATIVES, page.rows(queries.CREATIVES))
    with page.section("May not be addressed"):
        page.table_or("Nobody is suppressed.", SUPPRESSIONS, page.rows(queries.SUPPRESSIONS))
    st.caption("Nobody is listed here: the hashed addresses stand in audience_members for the upload alone.")
