"""How many customers there are, whom one may reach, how the segments stand, and what was found."""

import streamlit as st

from dashboard import charts, page, present, queries, tables


def show() -> None:
    page.heading("Overview")
    with page.section():
        found = page.row(queries.CUSTOMERS)
        if not found["customers"]:
            page.nothing("There are no customers yet: the raw tables hold no row about anybody.")
        else:
            whole = found["targetable"]
            page.figures(
                ("Customers", present.count(found["customers"]), "Resolved people and anonymous visitors, staff and bots among them."),
                ("Known", present.count(found["known"]), "Customers of whom more than a device or browser id is known."),
                ("Buyers", present.count(found["buyers"]), "Customers with a completed order before as_of; cancelled and returned ones do not count."),
                ("Reach", f"{present.count(found['reach'])} ({present.part(found['reach'], whole)})",
                 f"Customers who consented to ads or to e-mail, of the {present.count(whole)} who are neither staff nor bots."),
                ("Ads", f"{present.count(found['ad_reach'])} ({present.part(found['ad_reach'], whole)})", page.what("customers", "has_ad_consent")),
                ("E-mail", f"{present.count(found['email_reach'])} ({present.part(found['email_reach'], whole)})", page.what("customers", "has_email_consent")),
                abreast=3,
            )
    left, right = st.columns(2)
    with left, page.section("Segments by size", page.what("segment_sizes", "size_status")):
        sizes = page.rows(queries.SIZE_STATUS)
        if sizes:
            page.chart(charts.bars(sizes, "size_status", "segments", "segments today", present.SIZE_STATUSES))
        else:
            page.nothing("No segment has a size for this day.")
    with right, page.section("Customers by lifecycle stage", page.what("customers", "lifecycle_stage")):
        stages = page.rows(queries.LIFECYCLE)
        if stages:
            page.chart(charts.bars(stages, "lifecycle_stage", "customers", "customers"))
        else:
            page.nothing("There are no customers yet.")
    with page.section("What the experiments say"):
        decisive = [readout for readout in page.rows(queries.READOUTS) if readout["is_primary"]]
        if decisive:
            page.table(tables.VERDICTS, present.with_arms(decisive))
        else:
            page.nothing("No experiment has started.")
    with page.section("Freshness"):
        at = page.row(queries.PUBLICATION)
        page.figures(
            ("Figures describe", present.day(at["as_of"]), "The moment of all figures, a UTC midnight; facts at or after it do not count."),
            ("Newest activity", present.day(page.row(queries.CUSTOMERS)["last_seen_at"]), "When any customer was last seen."),
            ("Published", f"{present.counted(present.days_since(at['published_at']), 'day')} ago", f"On {present.moment(at['published_at'])}. A build of which a test fails publishes nothing."),
            ("Marts", present.count(at["mart_count"]), f"Public marts in the file, with {present.count(at['row_count'])} rows together."),
        )
