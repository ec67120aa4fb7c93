"""tools/simulation on fewer and smaller experiments: the project's SQL keeps what docs/simulation.md says of it, a formula
that is broken is found out, and the page that is committed is one that the command writes.

Bounds are so wide that chance leaves them once in a million; the seed is fixed all the same.
"""

import dataclasses
import re

import pytest
from scipy import stats

from tools import simulation
from tools.project import ROOT
from tools.simulation import __main__ as command
from tools.simulation import page, tables
from tools.simulation.bounds import binomial_bounds, uniform_p_value
from tools.simulation.measurement import Measurement, compiled
from tools.simulation.studies import SQL, Study, run, studies

TAIL = 5e-7
SEED = 7
# Experiments and units of each; what is not named is of another size of arm, of which the shape counts.
SMALL = {"aa": (300, 500), "aa_trials": (300, 200), "aa_strata": (300, 200), "ab": (300, 600), "ab_strata": (300, 300),
         "peeking": (150, 640), "equal": (60, 600), "unequal": (60, 600)}  # fmt: skip
# Customers who order seldom, for amounts with a long tail, and accounts whose use goes on as it was.
OUTCOMES = """
    create table demo_outcomes as
    with

    draws as (
        select
            i,
            list_transform(range(5), lambda k: (md5_number_lower(i || '/' || k) % 1000003 + 0.5) / 1000003) as u
        from range(3000) as numbers (i)
    ),

    units as (
        select
            i,
            cast(floor(-0.35 * ln(u[1]) * (0.5 + u[5])) as integer) as orders,
            cast(floor(-0.35 * ln(u[2]) * (0.5 + u[5])) as integer) as orders_before,
            round(exp(3 + 0.7 * sqrt(-2 * ln(u[3])) * cos(2 * pi() * u[4])), 2) as amount,
            cast(u[3] < 0.3 as integer) as converted,
            cast(floor(20 * u[5] * u[5] + 5 * u[1]) as integer) as uses,
            cast(floor(20 * u[5] * u[5] + 5 * u[2]) as integer) as uses_before
        from draws
    )

    select 'loyalty_banner' as experiment_key, 'order_count' as metric_key, 'u' || i as unit_id, true as is_mature,
        cast(orders as double) as outcome_value, cast(orders_before as double) as covariate_value
    from units
    union all
    select 'loyalty_banner', 'revenue', 'u' || i, true, orders * amount, orders_before * amount from units
    union all
    select 'trial_upsell', 'trial_conversion', 'u' || i, true, converted, 0 from units where i < 300
    union all
    select 'trial_upsell', 'advanced_feature_uses', 'u' || i, true, uses, uses_before from units where i < 300
"""


@pytest.fixture(scope="module")
def project(parsed):
    """The manifest, and the SQL of the models as dbt compiles it."""
    environment, manifest = parsed
    return manifest, compiled(manifest, environment)


@pytest.fixture(scope="module")
def measured(project):
    """Runs studies, on SQL in which some is replaced: measured(studies, {model: (text, another)})."""
    manifest, statements = project

    def measure(asked: list[Study], broken: dict[str, tuple[str, str]] | None = None) -> Measurement:
        texts = dict(statements)
        for model, (text, another) in (broken or {}).items():
            assert text in texts[model], f"{model} has no {text!r} any more: break something else"
            texts[model] = texts[model].replace(text, another)
        measurement = Measurement(manifest, texts)
        measurement.connection.execute(OUTCOMES)
        measurement.run_file(SQL / "population.sql")
        for study in asked:
            run(measurement, study, SEED)
        return measurement

    return measure


def small_studies() -> list[Study]:
    def smaller(study: Study) -> Study:
        replays, units = SMALL.get(study.name, (20, 40))
        return dataclasses.replace(study, replays=replays, units=units)

    return [smaller(study) for study in studies(20, shoppers=3000, trials=300)]


@pytest.fixture(scope="module")
def found(measured):
    asked = small_studies()
    return page.report(measured(asked), asked)


def test_every_share_is_within_its_bounds(found):
    # Sizes other than the page's are not what its last table is about.
    outside = [line for line in found.outside(TAIL) if not line.startswith("How many units")]
    assert not outside
    assert found.asked() > 100


def test_looking_every_day_is_what_the_sequential_interval_is_for(found):
    (table,) = (table for table in found.tables if table.title == "Looked at every day")
    shares = {row.about: row.share for row in table.rows}
    for metric in ("purchase_rate", "revenue"):
        assert shares[metric, "itt"] < 0.9 < 0.95 <= shares[metric, "sequential"]


def ab(population: str, metric: str, replays: int = 300, units: int = 400) -> list[Study]:
    return [Study("ab", population, replays, units, [metric], is_drawn=True, is_planted=True)]


PEEKING = Study("peeking", "shoppers", 150, 640, ["purchase_rate"], looks=16, is_drawn=True, is_planted=True)
EQUAL = Study("equal", "shoppers", 60, 600, ["order_count"], is_drawn=True, segments=12, effect=0.2)
# What is broken: (model, text, what stands there instead, studies, table, what its row is about, verdict)
BROKEN = {
    "the root of an error is left out": (
        "int_lift_welch", "sqrt(mean_variance_t + mean_variance_c)", "(mean_variance_t + mean_variance_c)",
        ab("shoppers", "purchase_rate"), tables.planted, ("purchase_rate", "itt"), "too low",
    ),
    "the error of one arm is forgotten": (
        "int_lift_welch", "sqrt(mean_variance_t + mean_variance_c)", "sqrt(mean_variance_c)",
        ab("shoppers", "order_count"), tables.planted, ("order_count", "itt"), "too low",
    ),
    "normal for Student, with four units an arm": (
        "int_lift_welch", "critical_value * standard_error", "1.96 * standard_error",
        ab("trials", "advanced_feature_uses", 2000, 8), tables.planted, ("advanced_feature_uses", "itt"), "too low",
    ),
    "CUPED leaves the means as they were": (
        "int_lift_cuped", "- theta * (covariate_mean_", "- 0 * theta * (covariate_mean_",
        ab("shoppers", "revenue_foretold"), tables.planted, ("revenue_foretold", "cuped"), "too low",
    ),
    "a ratio without its covariance": (
        "int_lift_ratio", "outcome_denominator_covariance_", "0 * outcome_denominator_covariance_",
        ab("shoppers", "revenue_per_order"), tables.planted, ("revenue_per_order", "ratio"), "too high",
    ),
    "half of Newcombe's way down": (
        "int_lift_proportion", "absolute_lift - sqrt(below_t * below_t + above_c * above_c)", "absolute_lift - below_t / 2",
        ab("shoppers", "purchase_rate"), tables.planted, ("purchase_rate", "proportion"), "too low",
    ),
    "half the reach of the effect of the exposure": (
        "int_lift_cace", "z * standard_error", "z * standard_error / 2",
        ab("shoppers", "order_count"), tables.planted, ("order_count", "cace"), "too low",
    ),
    "the shares of strata are not squared": (
        "int_lift_poststratified", "stratum_share * stratum_share * outcome_variance", "stratum_share * outcome_variance",
        [Study("ab_strata", "trials", 300, 300, ["advanced_feature_uses"], is_drawn=True, is_planted=True, is_stratified=True)],
        tables.planted, ("advanced_feature_uses", "poststratified (dealt in strata)"), "too high",
    ),
    "the fixed interval every day": (
        "int_lift_sequential", "judged.reach * tuned.standard_error", "1.96 * tuned.standard_error",
        [PEEKING], lambda measurement: tables.peeking(measurement, PEEKING), ("purchase_rate", "sequential"), "too low",
    ),
    "pooled figures that are raw ones": (
        "segment_lifts", "shrinkage * mean_lift + (1 - shrinkage) * raw_lift", "raw_lift",
        [EQUAL], lambda measurement: tables.pooling(measurement, [EQUAL]), ("0.2 in all", "pooled figures are nearer the truth"),
        "too low",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_formula_is_found_out(measured, name):
    model, text, another, asked, table, about, verdict = BROKEN[name]
    rows = {row.about: row.verdict(TAIL) for row in table(measured(asked, {model: (text, another)})).rows}
    assert rows[about] == verdict


def test_one_salt_for_all_experiments_is_found_out(measured):
    asked = [Study("aa", "shoppers", 100, 300, ["order_count"])]
    _, uniform = tables.sample_ratio(measured(asked, {"int_experiment_draws": ("experiments.salt", "'always'")}))
    assert uniform < TAIL


# ---- The page that is committed -------------------------------------------------------------------------------------


def sections(text: str) -> dict[str, list[list[str]]]:
    """{title: rows of its table, the header first}."""
    found = {}
    for title, body in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE):
        lines = [line for line in body.splitlines() if line.startswith("|")]
        found[title] = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]
    return found


def shape(text: str) -> dict[str, list[tuple]]:
    """{title: the header, and what each row is about}."""
    found = {}
    for title, (header, *rows) in sections(text).items():
        count = header.index("asked for") if "asked for" in header else 1
        found[title] = [tuple(header), *(tuple(row[:count]) for row in rows)]
    return found


@pytest.fixture(scope="module")
def committed():
    return (ROOT / page.PAGE).read_text(encoding="utf-8")


def test_the_committed_page_has_the_shape_of_what_the_command_writes(committed, found):
    options = command.arguments(["--replays", "20"])
    written = page.heading(found, small_studies(), {"shoppers": 3000, "trials": 300}, options, 1) + found.text()
    assert shape(committed) == shape(written)
    assert committed.split("\n", 3)[:3] == written.split("\n", 3)[:3]
    assert "| --- |" in committed and shape(committed).keys() >= {"Nothing planted", "CUPED"}


def test_the_committed_page_is_of_a_full_run(committed):
    assert f"All {len(re.findall('^[|].* (?:within|off|too low|too high) [|]$', committed, re.MULTILINE)) + 1} figures" in committed
    header, *rows = sections(committed)["Nothing planted"]
    assert {row[header.index("experiments")] for row in rows} == {"2,000"}


# ---- The parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trials, share, tail", [(20, 0.05, 5e-4), (2000, 0.95, 5e-4), (2000, 0.001, 5e-4), (500, 0.5, 5e-7)])
def test_bounds_are_those_of_the_binomial_distribution(trials, share, tail):
    low, high = binomial_bounds(trials, share, tail)
    binomial = stats.binom(trials, share)
    low, high = round(low * trials), round(high * trials)
    assert binomial.cdf(low - 1) <= tail < binomial.cdf(low)
    assert binomial.sf(high) <= tail < binomial.sf(high - 1)


@pytest.mark.parametrize("power", [0.8, 1.0, 1.1])
def test_evenness_is_kolmogorovs(power):
    values = [((i * 0.6180339887) % 1) ** power for i in range(500)]
    assert uniform_p_value(values) == pytest.approx(stats.kstest(values, "uniform").pvalue, abs=0.01)


def test_without_a_demo_one_line_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "none.duckdb"))
    assert command.main([]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "make build" in line and "none.duckdb" in line


def test_too_few_units_are_no_population(measured):
    measurement = measured([])
    measurement.connection.execute("delete from people where population = 'trials' and unit_no > 20")
    with pytest.raises(command.NoDemo, match="has 21 trials"):
        command.sizes(measurement)


def test_the_temporary_files_stay_in_the_projects_folder():
    assert simulation.FOLDER.is_relative_to(ROOT / ".build")
