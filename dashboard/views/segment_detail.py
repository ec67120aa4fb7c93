"""One segment: what it is in words and SQL, what its members do, what it cost, and what experiments on it found."""

import streamlit as st

from dashboard import charts, page, present, queries, tables
from dashboard.present import Column, figures, prose
from dashboard.views import members
from tools import project

OWN_LIFTS = (
    tables.EXPERIMENT,
    tables.ARM,
    Column("metric", "The metric that decides about the experiment.", lambda row: row["metric_key"]),
    tables.UNITS,
    figures("alone [interval]", "The lift among the units of this segment alone. The largest of many is too large: do not choose by it.",
            lambda row: present.lift(row["raw_lift"], row["raw_ci_low"], row["raw_ci_high"], present.signed)),
    figures("pooled [interval]", "The same, drawn towards the mean of the other segments that were given the same treatment: the better guess.",
            lambda row: present.lift(row["pooled_lift"], row["pooled_ci_low"], row["pooled_ci_high"], present.signed)),
    prose("what it is worth", "What this segment's number is worth.", lambda row: row["reading"] or row["reason"] or present.NONE),
)


def sql_of(family: str) -> str | None:
    """The rule as this checkout has it; the published file holds no SQL."""
    found = sorted((project.ROOT / "models" / "segments").rglob(f"seg_{family}.sql"))
    return found[0].read_text(encoding="utf-8") if found else None


def show() -> None:
    page.heading("Segment detail")
    with page.section():
        names = [row["segment_id"] for row in page.rows(queries.SEGMENT_IDS)]
        if not names:
            page.nothing("The catalogue has no segment.")
            return
        asked = st.query_params.get("segment")
        if asked is not None and asked not in names:
            page.nothing(f"There is no segment {asked} today. Choose another one.")
        name = st.selectbox("Segment", names, index=names.index(asked) if asked in names else 0)
        st.query_params["segment"] = name
        segment = page.row(queries.SEGMENT, segment=name)
        about(segment)
        with page.section("Who is in, and why"):
            members.show(segment)
        with page.section("Beside everybody", "Means of what customers did in the window, of the members and of all who are neither staff nor bots."):
            features(segment)
        with page.section("How far they come", page.what("segment_funnels", "reached_count")):
            funnel(segment)
        with page.section("Weeks of entry", page.what("segment_cohorts", "converted_customers")):
            cohorts(segment)
        with page.section("Experiments on it"):
            experiments(segment)
        with page.section("Ad delivery to it", "segment_performance: campaigns that name the segment, or the family that it is of."):
            delivery(segment)


def about(segment: dict) -> None:
    page.figures(
        ("Members", present.count(segment["member_count"]), page.what("segment_sizes", "member_count")),
        ("May be addressed", present.count(segment["eligible_count"]), page.what("segment_sizes", "eligible_count")),
        ("Size", present.words(segment["size_status"]), f"{page.what('segment_sizes', 'size_status')} Here {present.count(segment['min_size'])} to {present.count(segment['max_size'])}."),
        ("Priority", present.count(segment["priority"]), page.what("segments", "priority")),
    )
    st.markdown(f"**Purpose.** {segment['purpose']} (owner: {segment['owner']})")
    if segment["excludes"]:
        st.markdown(f"**Its audiences leave out** {segment['excludes']}.")
    sql = sql_of(segment["family"])
    with st.expander("Definition in SQL"):
        if sql:
            st.code(sql, language="sql")
        else:
            page.nothing(f"This checkout has no models/segments/**/seg_{segment['family']}.sql.")


def features(segment: dict) -> None:
    found = page.row(queries.SEGMENT_FEATURES, segment=segment["segment_id"])
    if not found["members"]:
        page.nothing("No member has features to compare.")
        return
    means = [
        {"feature": label, "member_mean": found[f"member_{name}"], "all_mean": found[f"all_{name}"]}
        for name, label in queries.FEATURES.items()
    ]
    drawn = [row | {"ratio": row["member_mean"] / row["all_mean"], "one": 1} for row in means if row["member_mean"] and row["all_mean"]]
    if drawn:
        page.chart(charts.against_everybody(drawn))
    never = [row["feature"].lower() for row in means if row["all_mean"] and not row["member_mean"]]
    st.caption(
        f"Of {found['lookback_days']} days: {present.counted(found['members'], 'member')} beside {present.counted(found['population'], 'customer')}, "
        f"who hold the members too. {'None of the members: ' + ', '.join(never) + '. ' if never else ''}"
        "A difference describes who is in; it was not caused by being in."
    )


def funnel(segment: dict) -> None:
    steps = page.rows(queries.SEGMENT_FUNNEL, segment=segment["segment_id"])
    if not steps:
        page.nothing("It has no member today.")
        return
    page.chart(charts.bars(steps, "step", "reached_count", f"members who came this far in {steps[0]['lookback_days']} days"))
    st.caption("What members did, not what ads made them do. A step counts with all steps before it.")


def cohorts(segment: dict) -> None:
    found = page.rows(queries.COHORTS, segment=segment["segment_id"])
    if not found:
        page.nothing("Nobody is known to have come in during the last half-year: entries are seen from the second build on that describes the segment.")
        return
    page.chart(charts.cohorts(found))
    st.caption(
        "Of those who came in for the first time in a week, how many have ordered between their entry and the end of the week that the "
        "column names. * The week is not over for all of them, so the figure still grows. What members did, not what being in made them do."
    )


def experiments(segment: dict) -> None:
    found = page.rows(queries.SEGMENT_EXPERIMENTS, segment=segment["segment_id"], family=segment["family"])
    decided = [row for row in found if row["verdict"]]
    for row in found:
        if not row["verdict"]:
            st.markdown(f"**{row['experiment_key']}** ({row['status']}): {row['hypothesis']}. Nothing is measured yet.")
    if decided:
        page.table((tables.VERDICT, tables.EXPERIMENT, tables.ARM, tables.METRIC, tables.LIFT, tables.REASON), decided)
    own = page.rows(queries.SEGMENT_OWN_LIFTS, segment=segment["segment_id"])
    if own:
        st.markdown("What this segment itself shows, of the units that came in through it")
        page.table(OWN_LIFTS, own)
    if not found and not own:
        page.nothing("No experiment enrols from this segment.")


def delivery(segment: dict) -> None:
    found = page.rows(queries.SEGMENT_DELIVERY, segment=segment["segment_id"], family=segment["family"])
    if not found:
        page.nothing("No campaign that names this segment or its family was delivered.")
        return
    currency = found[0]["currency_code"]
    spend = sum(row["spend_amount"] or 0 for row in found)
    page.figures(
        ("Spend", present.money(spend, currency), page.what("segment_performance", "spend_amount")),
        ("Impressions", present.count(sum(row["impressions"] or 0 for row in found)), page.what("segment_performance", "impressions")),
        ("Clicks", present.count(sum(row["clicks"] or 0 for row in found)), page.what("segment_performance", "clicks")),
    )
    named = {row["segment_id"] for row in found}
    page.chart(charts.lines(found, "delivery_date", "spend_amount", "segment_id" if len(named) > 1 else None, f"spend a day, {currency}", ",.2f"))
    of_family = sum(row["spend_amount"] or 0 for row in found if row["segment_id"] != segment["segment_id"])
    if named != {segment["segment_id"]}:
        st.caption(
            f"{'All of it' if len(named) == 1 else present.money(of_family, currency) + ' of it'} is by campaigns that name the family "
            f"{segment['family']}: they go to all of its segments, and how much went to this one is not known."
        )
