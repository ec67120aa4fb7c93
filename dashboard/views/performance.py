"""What was spent, what it brought by the platforms' and by own count, and what the experiments say that it caused."""

import streamlit as st

from dashboard import charts, page, present, queries, tables
from dashboard.present import Column, figures, prose

SEGMENTS = (
    Column("segment", "The segment or family that the campaign names.", lambda row: row["segment_id"]),
    figures("spend", "What the ads cost, in the reporting currency.", lambda row: present.money(row["spend_amount"])),
    figures("impressions", "Times that an ad was shown.", lambda row: present.count(row["impressions"])),
    figures("clicks", "Clicks on those ads.", lambda row: present.count(row["clicks"])),
    figures("CTR", "Clicks per impression.", lambda row: present.share(row["ctr"])),
    figures("CPC", "Spend per click.", lambda row: present.money(row["cpc"])),
    figures("orders", "Completed orders whose last touch was by a campaign of the segment, of the days that are complete. Who would have ordered anyway is in it.", lambda row: present.count(row["orders"])),
    figures("revenue", "What these orders brought.", lambda row: present.money(row["revenue"])),
    figures("CPA", "Spend per such order, over the days of which both are known. Not the cost of an order that the ads caused.", lambda row: present.money(row["cpa"])),
)
RATIOS = (
    tables.EXPERIMENT,
    tables.ARM,
    Column("by", "The model that shares orders out among touches, or what the platform claims.", lambda row: present.words(row["model"])),
    figures("attributed", "What the model gives the arm's campaigns of its units' conversions.", lambda row: present.number(row["attributed_conversions"])),
    figures("incremental [interval]", "What the experiment says that they caused.",
            lambda row: present.lift(row["incremental_conversions"], row["incremental_conversions_ci_low"], row["incremental_conversions_ci_high"], present.signed)),
    figures("ratio [interval]", "Attributed over incremental: 3 means that the model gives the ads three times what they caused.",
            lambda row: present.lift(row["ratio"], row["ratio_ci_low"], row["ratio_ci_high"], present.number)),
    prose("why there is none", "Why there is no ratio.", lambda row: row["reason"] or present.NONE),
)


SAVINGS = (
    Column("segment", "What the campaigns name, a segment or a family.", lambda row: row["segment_id"]),
    Column("leaving out", "The segment of kind exclusion.", lambda row: row["excluded_segment_id"]),
    Column("is left out", "yes where its members are in no audience already; no where it would have to be added.", lambda row: "yes" if row["is_excluded"] else "no"),
    figures("members", "Members of the segment who are in the exclusion.", lambda row: present.count(row["excluded_count"])),
    figures("saved", "Estimate of what 28 days cost less, or would cost less, without them, if each member costs the same. Rows of a segment do not add up.",
            lambda row: present.money(row["saved_amount"], row["currency_code"])),
)


def show() -> None:
    page.heading("Performance and economics")
    with page.section("Spend"):
        spend()
    with page.section("By segment: spend, clicks and CPA"):
        found = page.rows(queries.PERFORMANCE)
        if found:
            page.long_table(SEGMENTS, found)
            st.caption(present.shown_of(found, "segment", "that cost most"))
            st.caption(f"Amounts in {found[0]['currency_code']}. CPA counts orders after a touch, caused or not; what ads cause stands below.")
        else:
            page.nothing("No campaign that names a segment was delivered.")
    with page.section("iROAS and cost per incremental conversion", "experiment_economics: what the measured lift is worth beside what it cost."):
        economics()
    with page.section("Attributed against incremental", "attribution_vs_incrementality: what models of attribution give the ads, beside what the experiment says."):
        attribution()
    with page.section("What leaving people out saves", "exclusion_savings: an estimate on one assumption, that each member who may be addressed costs the same."):
        savings = page.rows(queries.SAVINGS)
        if savings:
            st.caption(present.shown_of(savings, "pair", "that are left out already or would save most"))
            page.long_table(SAVINGS, savings)
        else:
            page.nothing("No segment that campaigns spent on in the last 28 days shares members with an exclusion.")


def spend() -> None:
    total = page.row(queries.SPEND)
    if total["spend_amount"] is None:
        page.nothing("Nothing was spent on campaigns that name a segment.")
        return
    page.figures(
        ("Spend", present.money(total["spend_amount"], total["currency_code"]), f"On campaigns that name a segment, {present.day(total['first_day'])} to {present.day(total['last_day'])}."),
        ("Impressions", present.count(total["impressions"]), page.what("segment_performance", "impressions")),
        ("Clicks", present.count(total["clicks"]), page.what("segment_performance", "clicks")),
        ("Segments", present.count(total["segments"]), "Segments and families that a delivered campaign names."),
    )
    page.chart(charts.lines(page.rows(queries.SPEND_BY_DAY), "delivery_date", "spend_amount", None, f"spend a day, {total['currency_code']}", ",.2f"))
    with page.section():
        unassigned = page.rows(queries.UNASSIGNED_SPEND)
        for row in unassigned:
            st.caption(f"Not in it: {present.money(row['spend_amount'], row['currency_code'])} of {present.counted(row['campaigns'], 'campaign')} ({present.words(row['reason'])}).")


def economics() -> None:
    found = page.rows(queries.ECONOMICS)
    if not found:
        page.nothing("No experiment is measured.")
        return
    if any(row["iroas_ci_low"] is not None for row in found):
        page.chart(charts.forest(present.with_arms(found), "iroas", "iroas_ci_low", "iroas_ci_high", "_of", "incremental revenue per spend (iROAS)", ",.2f", marks=None))
    page.table(tables.ECONOMICS, found)


def attribution() -> None:
    found = page.rows(queries.ATTRIBUTION)
    if not found:
        page.nothing("No experiment is measured.")
        return
    known = [row for row in found if row["attributed_conversions"] is not None]
    for key, arm in dict.fromkeys((row["experiment_key"], row["arm_key"]) for row in known):
        of = [row for row in known if (row["experiment_key"], row["arm_key"]) == (key, arm)]
        bars = [{"what": present.words(row["model"]), "kind": "attributed", "conversions": row["attributed_conversions"]} for row in of]
        if of[0]["incremental_conversions_ci_low"] is not None:
            bars.append({
                "what": "experiment", "kind": "incremental", "conversions": of[0]["incremental_conversions"],
                "low": of[0]["incremental_conversions_ci_low"], "high": of[0]["incremental_conversions_ci_high"],
            })
        st.markdown(f"**{key}** ({arm})")
        page.chart(charts.attribution(bars))
    drawn = {(row["experiment_key"], row["arm_key"]) for row in known}
    left_out = dict.fromkeys(row["_of"] for row in present.with_arms(found) if (row["experiment_key"], row["arm_key"]) not in drawn)
    if left_out:
        st.caption(f"{', '.join(left_out)}: not drawn, since no conversions are attributed; the table below says why.")
    with st.expander("Every model, with its ratio to what was caused"):
        page.table(RATIOS, found)
