"""What the experiments show, counted and set beside what is asked for and what chance allows."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from tools.simulation.bounds import TAIL, binomial_bounds, uniform_p_value
from tools.simulation.measurement import Measurement
from tools.simulation.studies import SIZES, Study

ALPHA = 0.05
# Below so many units an arm a share is shown and not asked for: methods.md says when not to trust a method.
ENOUGH_UNITS = 1000
COVARIATE_TOLERANCE = 0.01
PURE_LUCK = 0.5


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, and a share of the experiments beside the one that is asked for."""

    about: tuple[str, ...]
    trials: int
    share: float
    asked: float
    side: str = ""  # "at least", "at most" or, by more than chance, "more than"; else neither more nor less
    is_asked: bool = True  # else it is shown only
    error: float = 0.0  # the share's standard error where it is no count of independent cases
    further: tuple[str, ...] = ()

    def bounds(self, tail: float = TAIL) -> tuple[float, float]:
        """Between which chance alone leaves the share."""
        if self.error:
            reach = NormalDist().inv_cdf(1 - tail) * self.error
            low, high = max(0.0, self.asked - reach), min(1.0, self.asked + reach)
        else:
            low, high = binomial_bounds(self.trials, self.asked, tail)
        if self.side == "more than":
            return high, 1.0
        return 0.0 if self.side == "at most" else low, 1.0 if self.side == "at least" else high

    def verdict(self, tail: float = TAIL) -> str:
        low, high = self.bounds(tail)
        if low <= self.share <= high:
            return "within"
        return "too low" if self.share < low else "too high"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


@dataclass(frozen=True)
class Table:
    title: str
    text: str
    header: tuple[str, ...]  # of what the rows are about, of the share, and of what is further said
    rows: list[Row]
    remark: str = ""

    def lines(self) -> str:
        count = len(self.rows[0].about)
        about, (share, *further) = self.header[:count], self.header[count:]
        cells = [(*about, "asked for", "experiments", share, "bounds", *further, "verdict")]
        cells.append(("---",) * len(cells[0]))
        for row in self.rows:
            low, high = map(percent, row.bounds())
            verdict = row.verdict() if row.is_asked else f"({row.verdict()})"
            asked = f"{row.side} {100 * row.asked:g} %".strip()
            cells.append((*row.about, asked, f"{row.trials:,}", percent(row.share), f"{low} to {high}", *row.further, verdict))
        return "\n".join("| " + " | ".join(line) + " |" for line in cells)


# ---- What is counted ------------------------------------------------------------------------------------------------

# Rows that say something of their own: of a ratio and of the planted covariate only the method that reads it.
OWN = """
    case metric_key
        when 'revenue_per_order' then method in ('ratio', 'ratio_cuped')
        when 'revenue_foretold' then method = 'cuped'
        else true
    end
"""


STRATIFIED = " (dealt in strata)"


def is_wide(study: str, method: str) -> bool:
    """An interval that may be looked at every day, or that leaves strata out of account, is wider than it need be."""
    return method == "sequential" or study.endswith("_strata") and method != "poststratified"


def nothing_planted(measurement: Measurement) -> Table:
    rows = []
    for found in measurement.rows(f"""
        select
            study,
            metric_key,
            method,
            count(p_value) as trials,
            count(*) filter (where p_value <= 0.05) as hits,
            count(*) filter (where p_value <= 0.01) as rare_hits
        from found
        where study in ('aa', 'aa_trials', 'aa_strata') and {OWN}
        group by study, metric_key, method
        having count(p_value) > 0
        order by study = 'aa_strata', metric_key, method
    """):
        wide = is_wide(found["study"], found["method"])
        about = (found["metric_key"], found["method"] + STRATIFIED * found["study"].endswith("_strata"))
        for level, hits in ((0.05, "hits"), (0.01, "rare_hits")):
            if level == 0.05 or not wide:
                share = found[hits] / found["trials"]
                rows.append(Row(about, found["trials"], share, level, "at most" if wide else ""))
    return Table(
        "Nothing planted",
        "A/A: the demo's own outcomes, the same units in every experiment, a new salt for each. p is at most 0.05 in 5 % of "
        "the experiments, and at most 0.01 in 1 %.",
        ("metric", "method", "share"),
        rows,
    )


def sample_ratio(measurement: Measurement) -> tuple[Table, float]:
    """The second is how likely it is that the p-values are spread evenly."""
    values = [row["p_value"] for row in measurement.rows("from found_ratio_checks where study = 'aa'")]
    uniform = uniform_p_value(values)
    rows = [
        Row((f"below {level}",), len(values), sum(value < level for value in values) / len(values), level)
        for level in (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95)
    ]
    return Table(
        "Sample ratio",
        "The p-value of the check `sample_ratio` in the same experiments, whose three arms have the weights 0.4, 0.2 and "
        "0.4. Below 0.001 the check fails an experiment.",
        ("p-value", "share"),
        rows,
        f"Kolmogorov's test of whether they are spread evenly over 0 to 1: p = {uniform:.2f}.",
    ), uniform


def planted(measurement: Measurement) -> Table:
    rows = []
    for found in measurement.rows(f"""
        with

        judged as (
            select
                study,
                metric_key,
                method,
                absolute_lift as lift,
                case
                    when method = 'cace' then exposure_lift
                    when method in ('ratio', 'ratio_cuped') then ratio_lift
                    else mean_lift
                end as truth,
                ci_low,
                ci_high
            from found
            inner join truths using (metric_key)
            where study in ('ab', 'ab_strata') and {OWN}
            union all
            select
                study,
                metric_key,
                'itt, relative lift' as method,
                found.relative_lift as lift,
                truths.relative_lift as truth,
                relative_ci_low as ci_low,
                relative_ci_high as ci_high
            from found
            inner join truths using (metric_key)
            where study in ('ab', 'ab_strata') and method = 'itt' and {OWN}
        )

        select
            study,
            metric_key,
            method,
            any_value(truth) as truth,
            avg(lift) as mean_lift,
            count(ci_low) as trials,
            count(*) filter (where truth between ci_low and ci_high) as hits
        from judged
        group by study, metric_key, method
        having count(ci_low) > 0
        order by study, metric_key, method
    """):
        about = (found["metric_key"], found["method"] + STRATIFIED * found["study"].endswith("_strata"))
        rows.append(
            Row(about, found["trials"], found["hits"] / found["trials"], 1 - ALPHA,
                "at least" if is_wide(found["study"], found["method"]) else "",
                further=(f"{found['truth']:.4g}", f"{found['mean_lift']:.4g}"))
        )  # fmt: skip
    return Table(
        "An effect planted",
        "A/B: units drawn from the population anew for each experiment, and a treatment that acts on some of those whom it "
        "reaches. The 95 % interval holds the true effect in 95 % of the experiments.",
        ("metric", "method", "held", "true effect", "mean of the estimates"),
        rows,
    )


def covariates(measurement: Measurement, units: dict[str, int]) -> list[dict]:
    """Per metric of a study without an effect: the correlation with the covariate among its units, and by how much the
    error is smaller with the covariate."""
    found = []
    for study, count in units.items():
        found += measurement.rows(f"""
            with

            ratios as (
                select
                    metric_key,
                    sum(y0) / sum(d0) as outcome_ratio,
                    sum(x) / sum(z) as covariate_ratio
                from population
                where unit_no < {count}
                group by metric_key
            ),

            correlations as (
                select
                    metric_key,
                    corr(
                        y0 - coalesce(outcome_ratio * d0, 0), x - coalesce(covariate_ratio * z, 0)
                    ) as correlation
                from population
                inner join ratios using (metric_key)
                where unit_no < {count} and metric_key <> 'revenue_capped'
                group by metric_key
            ),

            narrowed as (
                select adjusted.metric_key, avg(adjusted.standard_error / plain.standard_error) as found_ratio
                from found as adjusted
                inner join found as plain using (study, experiment_key, metric_key)
                where
                    study = '{study}'
                    and adjusted.method
                    = case when adjusted.metric_key = 'revenue_per_order' then 'ratio_cuped' else 'cuped' end
                    and plain.method
                    = case when plain.metric_key = 'revenue_per_order' then 'ratio' else 'itt' end
                    and adjusted.standard_error is not null
                group by adjusted.metric_key
            )

            select metric_key, correlation, sqrt(1 - correlation * correlation) as wanted_ratio, found_ratio
            from correlations
            inner join narrowed using (metric_key)
            order by metric_key
        """)
    return found


def is_as_narrow(row: dict) -> bool:
    return math.isclose(row["wanted_ratio"], row["found_ratio"], rel_tol=COVARIATE_TOLERANCE)


def covariate_lines(rows: list[dict]) -> str:
    lines = ["| metric | correlation with the covariate | sqrt(1 - rho^2) | mean ratio of the errors | verdict |",
             "|" + " --- |" * 5]  # fmt: skip
    lines += [
        f"| {row['metric_key']} | {row['correlation']:.3f} | {row['wanted_ratio']:.4f} | {row['found_ratio']:.4f} "
        f"| {'within' if is_as_narrow(row) else 'off'} |"
        for row in rows
    ]
    return "\n".join(lines)


def peeking(measurement: Measurement, study: Study) -> Table:
    rows = []
    for found in measurement.rows("""
        with

        experiments as (
            select
                metric_key,
                method,
                split_part(experiment_key, '/', 1) as experiment_key,
                -- Where there is no interval yet nothing false is said.
                bool_and(coalesce(mean_lift between ci_low and ci_high, true)) as is_held
            from found
            inner join truths using (metric_key)
            where study = 'peeking' and method in ('itt', 'sequential')
            group by metric_key, method, split_part(experiment_key, '/', 1)
        )

        select metric_key, method, count(*) as trials, count(*) filter (where is_held) as hits
        from experiments
        group by metric_key, method
        order by metric_key, method desc
    """):
        rows.append(
            Row((found["metric_key"], found["method"]), found["trials"], found["hits"] / found["trials"], 1 - ALPHA,
                "at least", is_asked=found["method"] == "sequential")
        )  # fmt: skip
    return Table(
        "Looked at every day",
        f"{study.units // study.looks} units more on each of {study.looks} days, and a look at the end of each. The "
        "sequential interval holds the true effect on all days in at least 95 % of the experiments. The fixed one is not "
        "made for it: its line shows what looking does.",
        ("metric", "method", "held on all days"),
        rows,
    )


def small_arms(measurement: Measurement) -> Table:
    rows = []
    for arms, units in ((arms, units) for arms in SIZES for units in SIZES[arms]):
        for found in measurement.rows(f"""
            with

            judged as (
                select metric_key, method, mean_lift as truth, ci_low, ci_high
                from found
                inner join truths using (metric_key)
                where study = '{arms}, {units}' and method in ('itt', 'cuped', 'proportion')
                union all
                select metric_key, 'itt, relative lift', truths.relative_lift, relative_ci_low, relative_ci_high
                from found
                inner join truths using (metric_key)
                where study = '{arms}, {units}' and method = 'itt'
            )

            select
                metric_key,
                method,
                count(ci_low) as trials,
                count(*) filter (where truth between ci_low and ci_high) as hits
            from judged
            group by metric_key, method
            order by metric_key, method
        """):
            rows.append(
                Row((arms, f"{units:,}", found["metric_key"], found["method"]), found["trials"],
                    found["hits"] / found["trials"], 1 - ALPHA, is_asked=arms == "even" and units >= ENOUGH_UNITS)
            )  # fmt: skip
    return Table(
        "How many units it takes",
        f"The same effect by the number of units in the smaller arm: of even arms, and where one in ten is treated. A verdict in "
        f"brackets, below {ENOUGH_UNITS:,} units or with uneven arms, is shown and not asked for: an interval of a mean "
        "needs units enough for the mean to be near normal, and the skew of two arms cancels only where they are even.",
        ("arms", "units", "metric", "method", "held"),
        rows,
    )


def pooling(measurement: Measurement, studies: list[Study]) -> Table:
    rows, remarks = [], []
    for study in studies:
        title = f"0.2, give or take {study.spread}" if study.spread else "0.2 in all"
        worlds = measurement.rows(f"""
            select
                avg((raw_lift - truth) * (raw_lift - truth)) as raw_error,
                avg((pooled_lift - truth) * (pooled_lift - truth)) as pooled_error,
                avg(cast(truth between raw_ci_low and raw_ci_high as integer)) as raw_held,
                avg(cast(truth between pooled_ci_low and pooled_ci_high as integer)) as pooled_held,
                avg(cast({study.effect} between mean_ci_low and mean_ci_high as integer)) as mean_held
            from found_segments
            where study = '{study.name}' and reason is null
            group by experiment_key
        """)
        count = len(worlds)
        raw, pooled = (sum(world[name] for world in worlds) / count for name in ("raw_error", "pooled_error"))
        remarks.append(
            f"Effects {title}: the mean squared error is {raw:.5f} for a segment alone and {pooled:.5f} pooled, "
            f"{100 * pooled / raw:.0f} % of it."
        )
        nearer = sum(world["pooled_error"] < world["raw_error"] for world in worlds) / count
        # Of two figures of equal worth each would be the nearer one as often.
        rows.append(Row((title, "pooled figures are nearer the truth"), count, nearer, PURE_LUCK, "more than"))
        for name, what, side in (
            ("raw_held", "interval of a segment alone", ""),
            ("pooled_held", "interval of the pooled figure", "at least"),
            ("mean_held", "interval of the mean", "at least"),
        ):
            shares = [world[name] for world in worlds]
            mean = sum(shares) / count
            # Segments of one experiment share their mean: the experiments are what is independent.
            error = 0.0 if name == "mean_held" else math.sqrt(sum((share - mean) ** 2 for share in shares) / (count - 1) / count)
            rows.append(Row((title, what), count, mean, 1 - ALPHA, side, error=error))
    return Table(
        "Segments, alone and pooled",
        f"{studies[0].segments} segments of several sizes in {studies[0].units:,} units, whose treated order once more with a "
        "probability of their segment's own, which is its effect ([methods.md](methods.md#pooled-segments)).",
        ("effects", "what", "share"),
        rows,
        " ".join(remarks),
    )
