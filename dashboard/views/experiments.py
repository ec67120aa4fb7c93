"""What each experiment found: verdict and reason first, then intervals, health, power, and lifts by segment."""

import streamlit as st

from dashboard import charts, page, present, queries, tables


def show() -> None:
    page.heading("Experiments")
    with page.section():
        planned = page.rows(queries.EXPERIMENTS)
        if not planned:
            page.nothing("No experiment is defined: add one to seeds/experiments.csv.")
            return
        readouts = page.rows(queries.READOUTS)
        decisive = [row for row in readouts if row["is_primary"]]
        if decisive:
            st.html("".join(present.verdict_card(row) for row in decisive))
            forest(decisive)
        else:
            page.nothing("No experiment has started, so nothing is measured yet.")
        chosen = st.selectbox(
            "Experiment", [row["experiment_key"] for row in planned],
            format_func=lambda key: f"{key} ({next(row['status'] for row in planned if row['experiment_key'] == key)})",
        )
        one(next(row for row in planned if row["experiment_key"] == chosen), [row for row in readouts if row["experiment_key"] == chosen])
    with page.section("Before launch: what can be shown", "experiment_power and experiment_launch_checks: judged before anybody is assigned."):
        launches()


def forest(decisive: list[dict]) -> None:
    st.subheader("The metric that decides, with its interval", help="Relative lift of treatment over control, with its interval at the experiment's confidence. An interval that holds 0 % shows neither an effect nor that there is none.")
    if any(row["drawn_ci_low"] is not None for row in decisive):
        page.chart(charts.verdicts(decisive))
    for sentence in charts.about_verdicts(decisive):
        st.caption(sentence)


def one(experiment: dict, readouts: list[dict]) -> None:
    key = experiment["experiment_key"]
    st.subheader(key)
    st.markdown(f"{experiment['hypothesis']}. Enrols from {experiment['segment_id'] or 'everybody'}, by {experiment['unit_type']}.")
    with page.section():
        arms = page.rows(queries.ARMS, experiment=key)
        page.figures(*(
            (f"{arm['arm_key']}{' (control)' if arm['is_control'] else ''}", present.count(arm["assigned_units"]), f"Units that the ledger assigned to the arm, of weight {present.number(arm['weight'])}.")
            for arm in arms
        ))
    if not readouts:
        page.nothing(f"{key} has not started: nothing is measured. See below what it can show.")
        return
    with page.section("Readouts"):
        page.table(tables.READOUTS, readouts)
    with page.section("Health checks", "experiment_health: what can spoil the experiment. One that fails makes it invalid."):
        page.table_or("No check has anything to judge yet.", tables.CHECKS, page.rows(queries.HEALTH, experiment=key))
    metric = st.selectbox("Metric", [row["metric_key"] for row in readouts if row["arm_key"] == readouts[0]["arm_key"]])
    with page.section("By every method", "experiment_results: the same arms by each estimator. sequential is wider, and may be looked at every day; itt is right once, when the windows are complete."):
        by_method(key, metric)
    with page.section("Segments: alone and pooled", "segment_lifts: what each segment shows alone, and together with the others that were given the same treatment."):
        by_segment(key, metric)


def by_method(key: str, metric: str) -> None:
    found = page.rows(queries.METHODS, experiment=key, metric=metric)
    named = present.with_arms([row | {"method": present.words(row["method"])} for row in found], "method")
    drawn = [row for row in named if row["ci_low"] is not None]
    if drawn:
        page.chart(charts.forest(drawn, "absolute_lift", "ci_low", "ci_high", "_of", f"lift of {metric}, in its unit", "+.4f", marks=None))
    reasons = sorted({f"{row['_of']}: {present.words(row['reason'])}" for row in named if row["reason"]})
    if reasons:
        st.caption(f"Not to be had: {'; '.join(reasons)}.")
    st.caption("The marts hold the sequential interval as of today. The lift and its band day by day are in no mart, so they are not drawn.")


def by_segment(key: str, metric: str) -> None:
    found = page.rows(queries.SEGMENT_LIFTS, experiment=key, metric=metric)
    if not found:
        page.nothing("No segment has units enough in both arms for a figure of its own.")
        return
    drawn = [
        row | {"estimate": kind, "_lift": row[f"{name}_lift"], "_low": row[f"{name}_ci_low"], "_high": row[f"{name}_ci_high"]}
        for row in present.with_arms(found, "segment_id")
        for kind, name in (("pooled", "pooled"), ("alone (raw)", "raw"))
    ]
    page.chart(charts.forest(drawn, "_lift", "_low", "_high", "_of", f"lift of {metric}, in its unit", "+.4f", marks="estimate"))
    st.caption(f"{present.shown_of(found, 'lift', 'with most units')} The largest of many raw lifts is too large: do not choose by it.")


def launches() -> None:
    power = page.rows(queries.POWER)
    checks = page.rows(queries.LAUNCH_CHECKS)
    if not power and not checks:
        page.nothing("No experiment is planned, running or paused.")
    for key in dict.fromkeys(row["experiment_key"] for row in (*power, *checks)):
        st.markdown(f"**{key}**")
        if found := [row for row in power if row["experiment_key"] == key]:
            page.table(tables.POWER, found)
        if found := [row for row in checks if row["experiment_key"] == key]:
            page.table(tables.CHECKS, found)
