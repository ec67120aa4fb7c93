"""What was refused, who consented, what is held how long, and whether the tests passed."""

import streamlit as st

from dashboard import charts, dbt_tests, page, present, queries, tables
from dashboard.present import Column, figures, prose

RETENTION = (
    Column("of", "A raw table about people, a segment family, or the history of memberships.", lambda row: present.words(row["scope"])),
    Column("which", "Its name.", lambda row: row["scope_key"]),
    figures("days", "For how many days its rows are held.", lambda row: present.count(row["retention_days"])),
    figures("rows", "Rows that are held.", lambda row: present.count(row["row_count"])),
    figures("oldest", "The oldest of them.", lambda row: present.day(row["oldest_at"])),
    figures("left", "Rows that this build left out for their age.", lambda row: present.count(row["removed_count"])),
)
CONSENT = (
    Column("lifecycle stage", "Where customers stand.", lambda row: present.words(row["lifecycle_stage"])),
    figures("customers", "Customers in the stage.", lambda row: present.count(row["customers"])),
    figures("consent to ads", "Whose latest decision on ad personalisation is yes; no record means no.", lambda row: f"{present.count(row['ad_consents'])} ({present.part(row['ad_consents'], row['customers'])})"),
    figures("consent to e-mail", "Whose latest decision on e-mail marketing is yes; no record means no.", lambda row: f"{present.count(row['email_consents'])} ({present.part(row['email_consents'], row['customers'])})"),
)
SUMMARY = (
    tables.EXPERIMENT,
    figures("checks", "Checks of the experiment.", lambda row: present.count(row["checks"])),
    figures("fail", "Checks that fail: its figures are not to be read.", lambda row: present.count(row["failed"])),
    figures("warn", "Checks that warn.", lambda row: present.count(row["warned"])),
    prose("finding", "What those that do not pass found.", lambda row: row["detail"] or present.NONE),
)


def show() -> None:
    page.heading("Data health")
    with page.section("Tests"):
        tests()
    with page.section("Refused rows", "rejected_rows: raw rows that break the input contract. For each table, source rows = accepted + refused."):
        found = page.rows(queries.REJECTS)
        if found:
            by_reason: dict[str, int] = {}
            for row in found:
                by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + row["refused"]
            largest = sorted(({"reason": reason, "refused": refused} for reason, refused in by_reason.items()), key=lambda row: (-row["refused"], row["reason"]))
            page.chart(charts.bars(largest[:12], "reason", "refused", "refused rows"))
            if len(largest) > 12:
                st.caption(f"The 12 most frequent of {len(largest)} reasons.")
            with st.expander("By table and reason"):
                page.table(tables.REJECTS, found)
        else:
            page.nothing("No row was refused.")
    with page.section("Consent coverage"):
        page.table_or("There are no customers yet.", CONSENT, page.rows(queries.LIFECYCLE))
    with page.section("Identity", "identity_health: what was cut, what could not be used, whether customers grew too large."):
        page.table_or("Nothing is known of the identity graph: there are no customers yet.", tables.CHECKS, page.rows(queries.IDENTITY))
    with page.section("Health of the experiments", "experiment_health, by experiment."):
        page.table_or("No experiment has started.", SUMMARY, page.rows(queries.HEALTH_SUMMARY))
    with page.section("Retention", "retention_status: for how long rows are held, and what left for its age."):
        page.table_or("No raw table holds a row about people yet.", RETENTION, page.rows(queries.RETENTION))


def tests() -> None:
    at = page.row(queries.PUBLICATION)
    st.markdown(f"Every data test passed before this was published on {present.moment(at['published_at'])}: a build of which one fails publishes nothing.")
    found = dbt_tests.results()
    if found is None:
        st.caption(f"What dbt ran last is not known here: {dbt_tests.named()} is missing, cannot be read, or names no test.")
        return
    page.figures(
        ("Passed", present.count(found.passed), f"Tests that passed in dbt's last run, {found.ran_at}."),
        ("Warned", present.count(found.warned), "Tests that found something and do not stop a build."),
        ("Failed", present.count(found.failed), "Tests that failed, or could not be asked. The publication is then the one before."),
    )
    if found.failed:
        more = f" and {found.failed - 5} more" if found.failed > 5 else ""
        st.warning(f"dbt's last run failed in {', '.join(found.names_of_failed[:5])}{more}. What you see is the publication before it.")
