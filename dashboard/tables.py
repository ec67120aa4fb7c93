"""Tables that the app and the report both show."""

from dashboard import present
from dashboard.present import figures, prose

EXPERIMENT = present.Column("experiment", "The experiment, as in the seed experiments.", lambda row: row["experiment_key"])
ARM = present.Column("arm", "The treatment arm; it is compared with control of the same experiment.", lambda row: row["arm_key"])
METRIC = present.Column(
    "metric", "The metric; * marks the one that decides.", lambda row: row["metric_key"] + ("\N{NO-BREAK SPACE}*" if row.get("is_primary") else "")
)
VERDICT = present.Column(
    "verdict",
    "positive or negative: the metric moved as wanted or against it. inconclusive: neither is shown, which is no proof of no "
    "effect. too early: windows are not complete. invalid: a check fails.",
    lambda row: present.sign_of(row["verdict"], present.VERDICTS),
)
REASON = prose("why", "Why the verdict is as it is, with the interval, the method and the p that decided.", lambda row: row["reason"] or present.NONE)
LIFT = figures(
    "lift [interval]",
    "Difference of the means of treatment and control in the metric's unit, with its interval at the experiment's confidence.",
    lambda row: present.lift(row["absolute_lift"], row["ci_low"], row["ci_high"], present.signed),
)
RELATIVE = figures(
    "relative lift [interval]",
    "The lift over control's mean, with its interval. A dash where a method gives no interval for it.",
    lambda row: present.lift(row["relative_lift"], row["relative_ci_low"], row["relative_ci_high"], present.change),
)
UNITS = figures(
    "units", "Units of control and of the arm that were analysed.",
    lambda row: f"{present.count(row['control_units'])} / {present.count(row['treatment_units'])}",
)

# Of rows that present.with_arms has named.
VERDICTS = (
    VERDICT,
    present.Column("experiment", "The experiment, as in the seed experiments, and its treatment arm where it has several.", lambda row: row["_of"]),
    METRIC, RELATIVE, LIFT, REASON,
)
READOUTS = (
    VERDICT, METRIC, ARM, REASON, RELATIVE, LIFT, UNITS,
    figures("p", "What is held against alpha, after the adjustment for several comparisons.", lambda row: present.probability(row["p_value_decisive"])),
    figures(
        "power for the plan",
        "How often the planned lift would have been found with the standard error that came out; never computed from the lift that was seen.",
        lambda row: present.share(row["planned_power"]),
    ),
)
SLICES = (
    present.Column("slice", "What the units had in common at the assignment: the segment through which they came in, the stratum in which their arm was dealt, or an attribute; and the arm where there are several.",
                   lambda row: row["_of"]),
    UNITS, LIFT,
    figures("p adjusted", "p of no difference in the slice, after Benjamini-Hochberg over all slices, arms and metrics of the experiment.",
            lambda row: present.probability(row["p_value_adjusted"])),
    prose("what it can say", "What the slice can say, in a sentence or two.", lambda row: row["reading"]),
)
CHECKS = (
    present.Column("check", "What is asked of the experiment.", lambda row: present.words(row["check_name"])),
    present.Column("status", "pass, warn or fail; one that fails makes the experiment invalid.", lambda row: present.sign_of(row["status"], present.STATUSES)),
    prose("finding", "What was found, with the figures.", lambda row: row["detail"] or present.NONE),
)
POWER = (
    METRIC, ARM,
    figures("units", "Units at the end of enrolment, as far as that is known.", lambda row: present.count(row["planned_units"])),
    figures("finds a lift from", "The least relative difference of means that is found with the experiment's power at its alpha. Not a lift: nothing was measured.",
            lambda row: present.share(row["mde_relative"])),
    figures("planned", "The relative change that was planned for.", lambda row: present.share(row["planned_relative_lift"])),
    figures("units needed", "Units in all arms that the planned lift takes.", lambda row: present.count(row["units_needed"])),
    prose("finding", "The finding in one sentence.", lambda row: row["reading"] or present.NONE),
)
ECONOMICS = (
    present.Column("experiment", "The experiment and its treatment arm.", lambda row: f"{row['experiment_key']} ({row['arm_key']})"),
    figures("spend", "What the arm's campaigns cost, media only.", lambda row: present.money(row["spend"], row["currency_code"])),
    figures("incremental conversions [interval]", "Conversions that would not have been without the treatment: lift times treated units.",
            lambda row: present.lift(row["incremental_conversions"], row["incremental_conversions_ci_low"], row["incremental_conversions_ci_high"], present.signed)),
    figures("incremental revenue [interval]", "Revenue that would not have been without the treatment.",
            lambda row: present.lift(row["incremental_revenue"], row["incremental_revenue_ci_low"], row["incremental_revenue_ci_high"], present.signed)),
    figures("cost per incremental conversion [interval]", "Spend over incremental conversions, with Fieller's interval.",
            lambda row: present.lift(row["cost_per_incremental_conversion"], row["cost_per_incremental_conversion_ci_low"], row["cost_per_incremental_conversion_ci_high"], present.number)),
    figures("iROAS [interval]", "Incremental revenue per spend.",
            lambda row: present.lift(row["iroas"], row["iroas_ci_low"], row["iroas_ci_high"], present.number)),
    figures("pays with", "Weight of the evidence that the margin on the incremental revenue is more than the spend.", lambda row: present.share(row["break_even_probability"])),
    prose("why a figure is missing", "Why there is no cost per conversion, iROAS or spend.",
          lambda row: "; ".join(dict.fromkeys(reason for reason in (row["spend_reason"], row["cost_reason"], row["iroas_reason"]) if reason)) or present.NONE),
)
REJECTS = (
    present.Column("raw table", "Where the row stood.", lambda row: row["source_table"]),
    present.Column("reason", "Why it was refused.", lambda row: present.words(row["reason"])),
    figures("rows", "Raw rows that were refused for this reason; the mart rejected_rows holds them.", lambda row: present.count(row["refused"])),
)
