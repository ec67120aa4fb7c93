"""What is asked of the intervals: studies, each of many experiments of one kind, and how they are run in batches."""

from dataclasses import dataclass, field
from pathlib import Path

from tools.simulation.measurement import ASSIGNMENT, RESULTS, SEGMENTS, Measurement

SQL = Path(__file__).parent / "sql"
SHOP_METRICS = ["purchase_rate", "order_count", "revenue", "revenue_capped", "revenue_foretold", "revenue_per_order"]
TRIAL_METRICS = ["trial_conversion", "advanced_feature_uses"]
# Units in the smaller arm, from a handful to many; arms are even, or the treated are one in ten.
SIZES = {"even": (25, 50, 200, 1000, 5000), "one in ten": (25, 50, 200, 1000)}
# Rows of unit outcomes that are measured at once: about a gigabyte of memory.
BATCH_ROWS = 1_500_000


@dataclass(frozen=True)
class Study:
    """Experiments of one kind; their number is `replays`."""

    name: str
    population: str
    replays: int
    units: int  # of each experiment
    metrics: list[str]
    arms: dict[str, float] = field(default_factory=lambda: {"control": 0.5, "treatment": 0.5})
    is_drawn: bool = False  # units anew for each experiment, with replacement; else the same ones, and only the salt is new
    is_planted: bool = False  # the treatment has the effect that population.sql plants
    is_stratified: bool = False
    looks: int = 1  # days on which it is measured, as many units more on each
    segments: int = 0
    effect: float = 0.0  # mean of the effects of segments, on order_count
    spread: float = 0.0  # their standard deviation

    @property
    def rows(self) -> int:
        """Unit outcomes of one experiment, on all its looks."""
        return self.units * len(self.metrics) * (self.looks + 1) // 2


THREE_ARMS = {"control": 0.4, "other": 0.2, "treatment": 0.4}


def studies(replays: int, shoppers: int, trials: int) -> list[Study]:
    """Those of docs/simulation.md, with `replays` experiments each where nothing else is said, and the populations' sizes."""
    drawn = dict(is_drawn=True, is_planted=True)
    segments = dict(is_drawn=True, segments=12, effect=0.2)
    return [
        Study("aa", "shoppers", replays, min(1500, shoppers), SHOP_METRICS, THREE_ARMS),
        Study("aa_trials", "trials", replays, min(300, trials), TRIAL_METRICS),
        Study("aa_strata", "trials", replays, min(300, trials), TRIAL_METRICS, is_stratified=True),
        Study("ab", "shoppers", replays, 1200, [metric for metric in SHOP_METRICS if metric != "revenue_capped"], **drawn),
        Study("ab_strata", "trials", replays, 600, TRIAL_METRICS, is_stratified=True, **drawn),
        Study("peeking", "shoppers", replays // 2, 1600, ["purchase_rate", "revenue"], looks=16, **drawn),
        Study("equal", "shoppers", replays // 4, 1200, ["order_count"], **segments),
        Study("unequal", "shoppers", replays // 4, 1200, ["order_count"], spread=0.06, **segments),
        *(
            Study(f"{arms}, {units}", "shoppers", replays if count * units < 10_000 else replays // 4, count * units,
                  ["purchase_rate", "revenue"], {"control": 1 - 1 / count, "treatment": 1 / count}, **drawn)
            for arms, count in (("even", 2), ("one in ten", 10)) for units in SIZES[arms]
        ),
    ]  # fmt: skip


def run(measurement: Measurement, study: Study, seed: int) -> None:
    """All experiments of a study; what they show is added to the tables found, found_ratio_checks and found_segments."""
    (size,) = measurement.connection.execute(
        "select count(*) from people where population = $population", {"population": study.population}
    ).fetchone()
    variables = dict(
        study=study.name, population=study.population, size=size, units=study.units, metrics=study.metrics,
        arms=list(study.arms), weights=list(study.arms.values()), is_drawn=study.is_drawn, is_planted=study.is_planted,
        is_stratified=study.is_stratified, looks=study.looks, segments=study.segments, effect=study.effect,
        spread=study.spread, salt=f"{seed}/{study.name}",
    )  # fmt: skip
    step = max(1, BATCH_ROWS // study.rows)
    for first in range(0, study.replays, step):
        measurement.run_file(SQL / "experiments.sql", first=first, last=min(first + step, study.replays), **variables)
        measurement.run_models(*ASSIGNMENT)
        measurement.run_file(SQL / "outcomes.sql")
        measurement.run_models(*RESULTS)
        measurement.run_file(SQL / "keep.sql")
        if study.segments:
            measurement.run_models(*SEGMENTS)
            measurement.run_file(SQL / "keep_segments.sql")
