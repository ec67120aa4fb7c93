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
    with page.section("Day by day", "experiment_cumulative_lifts: the lift of all units whose windows were complete by each day, with the band that may be looked at every day."):
        day_by_day(key, metric)
    with page.section("Slices: is the effect the same in all?", "experiment_slices: the lift among the units that were alike at the assignment, by segment, stratum or attribute. First whether the slices differ at all, then each."):
        by_slice(key, metric)
    with page.section("Segments: alone and pooled", "segment_lifts: what each segment shows alone, and together with the others that were given the same treatment."):
        by_segment(key, metric, readouts)


def by_method(key: str, metric: str) -> None:
    found = page.rows(queries.METHODS, experiment=key, metric=metric)
    named = present.with_arms([row | {"method": present.words(row["method"])} for row in found], "method")
    drawn = [row for row in named if row["ci_low"] is not None]
    if drawn:
        page.chart(charts.forest(drawn, "absolute_lift", "ci_low", "ci_high", "_of", f"lift of {metric}, in its unit", "+.4f", marks=None))
    reasons = sorted({f"{row['_of']}: {present.words(row['reason'])}" for row in named if row["reason"]})
    if reasons:
        st.caption(f"Not to be had: {'; '.join(reasons)}.")


def day_by_day(key: str, metric: str) -> None:
    found = page.rows(queries.CUMULATIVE, experiment=key, metric=metric)
    if not found:
        page.nothing("No day of it has a figure yet.")
        return
    if not found[0]["is_readable"]:
        page.nothing("Not to be read: a check of the experiment fails.")
        return
    for arm in dict.fromkeys(row["arm_key"] for row in found):
        days = [row for row in found if row["arm_key"] == arm]
        of = [row for row in days if row["ci_low"] is not None]
        st.markdown(f"**{arm}**")
        if of:
            page.chart(charts.cumulative(of, f"lift of {metric}, in its unit"))
        if reasons := [row["reason"] for row in days if row["reason"] is not None]:
            st.caption(f"{present.counted(len(reasons), 'day')} without a figure: {'; '.join(dict.fromkeys(reasons))}.")
    if any(row["ci_low"] is not None for row in found):
        st.caption(
            "The band is a confidence sequence: it holds for all days together, so it may be looked at every day, and what it shows may be acted on "
            "as soon as it leaves 0 out. The ordinary interval of a day, on hover, is narrower and may be looked at once, when the windows "
            "are complete; looked at daily it finds effects that are none."
        )
    if not all(row["is_as_in_result"] for row in found):
        st.caption("The days end with other units than the result: some had to go since the experiment finished, and its result is remembered.")


def by_slice(key: str, metric: str) -> None:
    """Whether slices differ stands before any of them: the largest of many is large by chance."""
    tests = page.rows(queries.SLICE_TESTS, experiment=key, metric=metric)
    if not tests:
        page.nothing("No unit is there to slice, or no dimension is asked for (the variable slice_dimensions).")
        return
    if not tests[0]["is_readable"]:
        page.nothing("Not to be read: a check of the experiment fails.")
        return
    for test in present.with_arms(tests, "dimension"):
        st.markdown(present.slice_test(test))
    for dimension in dict.fromkeys(test["dimension"] for test in tests):
        found = present.with_arms(page.rows(queries.SLICES, experiment=key, metric=metric, dimension=dimension), "dimension_value", tests)
        drawn = [row for row in found if row["ci_low"] is not None]
        if drawn:
            page.chart(charts.forest(drawn, "absolute_lift", "ci_low", "ci_high", "_of", f"lift of {metric} by {dimension}, in its unit", "+.4f", marks=None))
        st.caption(f"By {dimension}: {present.shown_of(found, 'slice', 'with a figure and most units')}")
        with st.expander(f"Each {dimension} in words"):
            page.table(tables.SLICES, found)


def by_segment(key: str, metric: str, readouts: list[dict]) -> None:
    found = page.rows(queries.SEGMENT_LIFTS, experiment=key, metric=metric)
    if not found:
        page.nothing("No segment has units enough in both arms for a figure of its own.")
        return
    drawn = [
        row | {"estimate": kind, "_lift": row[f"{name}_lift"], "_low": row[f"{name}_ci_low"], "_high": row[f"{name}_ci_high"]}
        for row in present.with_arms(found, "segment_id", readouts)
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
