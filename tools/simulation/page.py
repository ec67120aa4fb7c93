"""docs/simulation.md: what it says about the simulation, and the tables."""

import argparse
import resource
import sys
from dataclasses import dataclass

from tools.simulation.bounds import TAIL
from tools.simulation.measurement import Measurement
from tools.simulation.studies import Study
from tools.simulation.tables import (
    COVARIATE_TOLERANCE,
    Table,
    covariate_lines,
    covariates,
    is_as_narrow,
    nothing_planted,
    peeking,
    percent,
    planted,
    pooling,
    sample_ratio,
    small_arms,
)

PAGE = "docs/simulation.md"


@dataclass(frozen=True)
class Report:
    tables: list[Table]
    covariates: list[dict]
    uniform: float

    def outside(self, tail: float = TAIL) -> list[str]:
        """What is asked for and is not so."""
        found = [
            f"{table.title}: {', '.join(row.about)}: {row.verdict(tail)}, {percent(row.share)}"
            for table in self.tables for row in table.rows if row.is_asked and row.verdict(tail) != "within"
        ]  # fmt: skip
        found += [f"CUPED: {row['metric_key']}: {row['found_ratio']:.4f}" for row in self.covariates if not is_as_narrow(row)]
        return found + ["Sample ratio: the p-values are not spread evenly"] * (self.uniform < 2 * tail)

    def asked(self) -> int:
        return sum(row.is_asked for table in self.tables for row in table.rows) + len(self.covariates) + 1

    def text(self) -> str:
        parts = []
        for table in self.tables:
            parts += [f"## {table.title}", table.text, table.lines(), *([table.remark] if table.remark else [])]
        parts += ["## CUPED", f"In the experiments without an effect: the standard error with the covariate over the one "
                  f"without. It is sqrt(1 - rho^2), give or take {100 * COVARIATE_TOLERANCE:g} %.",
                  covariate_lines(self.covariates)]  # fmt: skip
        return "\n\n".join(parts) + "\n"


def report(measurement: Measurement, studies: list[Study]) -> Report:
    of = {study.name: study for study in studies}
    ratio, uniform = sample_ratio(measurement)
    tables = [
        nothing_planted(measurement), ratio, planted(measurement), peeking(measurement, of["peeking"]),
        pooling(measurement, [of["equal"], of["unequal"]]), small_arms(measurement),
    ]  # fmt: skip
    return Report(tables, covariates(measurement, {name: of[name].units for name in ("aa", "aa_trials")}), uniform)


def heading(
    found: Report, asked: list[Study], populations: dict[str, int], options: argparse.Namespace, seconds: float
) -> str:
    experiments = sum(study.replays for study in asked)
    outcomes = sum(study.replays * study.rows for study in asked)
    # Linux counts in kilobytes, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)
    outside = found.outside()
    verdict = (
        f"All {found.asked()} figures that are asked for lie within their bounds."
        if not outside
        else f"{len(outside)} of {found.asked()} figures that are asked for lie outside their bounds:\n\n"
        + "\n".join(f"- {line}" for line in outside)
    )
    return f"""\
# Simulation

<!-- Written by `make simulate`. Edit tools/simulation, not this page. -->

Do the intervals hold the truth as often as they say? `make simulate` draws {experiments:,} experiments whose truth is known from
the demo's own outcomes and measures them with the project's own models, from the draw of the arms
(`int_experiment_draws`, `experiment_assignments`) to `experiment_results` and `segment_lifts`. Only the units and the
planted effects are made by the simulation ([tools/simulation](../tools/simulation/)); no estimator stands there a second
time. The formulas are in [methods.md](methods.md). `itt_unmerged` is `itt` of fewer units and has no line of its own.

{verdict}

**Whose outcomes.** The {populations["shoppers"]:,} customers of `loyalty_banner`, on whom the demo plants no effect, with the metrics of
orders, and the {populations["trials"]:,} accounts of `trial_upsell`. `revenue_capped` is revenue with `winsor_quantile` 0.95, `revenue_per_order`
a ratio, and `revenue_foretold` revenue with a covariate that is made to tell much, since the demo's tell little.

**What is true.** Without an effect nothing depends on the arms, and the units stay the same: chance is the salt alone. With one,
each unit of the population has an outcome with and one without the treatment, and the units of an experiment are drawn
with replacement. So the truth is the mean over the population, which is what the intervals are about. For the units of
one experiment alone, whose effects differ, the same intervals are a little too wide (Neyman), and their share would prove
nothing. Effects differ between people: seven of ten are reached, of these some order once more, former buyers more often.
With segments the effect is each segment's own.

**Bounds.** A share of so many experiments lies within its bounds in 999 of 1,000 cases where the method does exactly what is
asked for: the binomial distribution's, or, of shares of segments, 3.3 standard errors. "At least" and "at most" have one bound.

**This run.** `--replays {options.replays} --seed {options.seed}`: {outcomes / 1e6:.0f} million unit outcomes in {seconds:,.0f} seconds, with {peak:.1f} GB of memory.

"""
