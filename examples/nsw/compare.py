"""The readout of the built project beside statsmodels on the study's own records.

    .venv/bin/python -m examples.nsw.compare

Ends with 1 where a figure that must be the same differs by more than a millionth.
"""

import sys
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas
import statsmodels.api as sm
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from examples.nsw import paths
from tools import project

SAME = 1e-6


@dataclass
class Line:
    """One figure, as the project has it and as statsmodels does; `same` says whether the two are one estimator."""

    figure: str
    ours: float
    theirs: float
    by: str
    same: bool = True

    @property
    def differs(self) -> bool:
        return self.same and not abs(self.ours - self.theirs) <= SAME * abs(self.theirs)


def of_regression(men: pandas.DataFrame, *covariates: np.ndarray, **how: str) -> tuple[float, float]:
    """Effect of the training and its standard error in a regression of the earnings of 1978."""
    regressors = sm.add_constant(np.column_stack([men.treat, *covariates]).astype(float))
    fitted = sm.OLS(men.re78, regressors).fit(**how)
    return fitted.params.iloc[1], fitted.bse.iloc[1]


def of_two_samples(men: pandas.DataFrame, values: np.ndarray) -> dict[str, float]:
    samples = [DescrStatsW(values[men.treat == arm]) for arm in (1, 0)]
    two = CompareMeans(*samples)
    low, high = two.tconfint_diff(usevar="unequal")
    return {
        "lift": samples[0].mean - samples[1].mean, "standard error": two.std_meandiff_separatevar,
        "interval, low": low, "interval, high": high, "p": two.ttest_ind(usevar="unequal")[1],
    }  # fmt: skip


def lines(database: duckdb.DuckDBPyConnection, men: pandas.DataFrame) -> list[Line]:
    rows = database.execute("""
        select method, metric_key, absolute_lift, standard_error, ci_low, ci_high, p_value
        from main.experiment_results
        where slice = 'all'
    """).fetchall()
    names = ("lift", "standard error", "interval, low", "interval, high", "p")
    ours = {tuple(keys): dict(zip(names, figures)) for *keys, figures in ((*row[:2], row[2:]) for row in rows)}
    men = men.astype({"re74": float, "re75": float, "re78": float})
    before = (men.re74 + men.re75).to_numpy()
    centred = before - before.mean()

    itt, cuped = ours["itt", "earnings"], ours["cuped", "earnings"]
    found = [
        Line(f"earnings, itt: {name}", itt[name], value, "Welch: CompareMeans, unequal variances")
        for name, value in of_two_samples(men, men.re78.to_numpy()).items()
    ]
    effect, error = of_regression(men, cov_type="HC2")
    found += [
        Line("earnings, itt: lift", itt["lift"], effect, "OLS on training"),
        Line("earnings, itt: standard error", itt["standard error"], error, "OLS on training, HC2"),
    ]
    left = np.asarray(sm.OLS(men.re78, sm.add_constant(before)).fit().resid)
    found += [
        Line(f"earnings, cuped: {name}", cuped[name], value, "Welch on what OLS on 1974 + 1975 leaves")
        for name, value in of_two_samples(men, left).items()
    ]
    for words, regressors in (
        ("ANCOVA: OLS on training and 1974 + 1975, HC2", [before]),
        ("the same with its slope in each arm (Lin 2013)", [centred, centred * men.treat]),
    ):
        effect, error = of_regression(men, *regressors, cov_type="HC2")
        found += [
            Line("earnings, cuped: lift", cuped["lift"], effect, words, same=False),
            Line("earnings, cuped: standard error", cuped["standard error"], error, words, same=False),
        ]
    share = ours["proportion", "has_earnings"]
    counts = [int((men.re78[men.treat == arm] > 0).sum()) for arm in (1, 0)]
    sizes = [int((men.treat == arm).sum()) for arm in (1, 0)]
    low, high = confint_proportions_2indep(counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff")
    by = "confint_proportions_2indep, Newcombe"
    found += [
        Line("any earnings: interval, low", share["interval, low"], low, by),
        Line("any earnings: interval, high", share["interval, high"], high, by),
        Line("any earnings: p", share["p"], proportions_ztest(counts, sizes)[1], "proportions_ztest"),
    ]
    return found


def main() -> int:
    if not paths.DATABASE.exists():
        print(f"there is no database {paths.DATABASE}: run `make build-nsw` first", file=sys.stderr)
        return 1
    men = pandas.read_parquet(paths.RECORDS / "men.parquet")
    try:
        with duckdb.connect(str(paths.DATABASE), read_only=True) as database:
            found = lines(database, men)
            verdicts = database.execute(
                "select metric_key, verdict, reason from main.experiment_readouts order by metric_key"
            ).fetchall()
    except duckdb.Error as error:
        print(project.one_line(error, paths.DATABASE), file=sys.stderr)
        return 1
    print(f"\nTraining for {(men.treat == 1).sum()} men against {(men.treat == 0).sum()}: earnings of 1978, in dollars\n")
    width = max(len(line.figure) for line in found)
    print(f"  {'figure':<{width}}  {'Tessera':>12}  {'statsmodels':>12}  by")
    for line in found:
        note = "  DIFFERS" if line.differs else "" if line.same else "  (another estimator)"
        print(f"  {line.figure:<{width}}  {line.ours:>12.4f}  {line.theirs:>12.4f}  {line.by}{note}")
    for metric, verdict, reason in verdicts:
        print(f"\n{metric}: {verdict}. {reason}")
    if differing := sum(line.differs for line in found):
        print(f"\n{differing} of the figures that must be the same differ.")
        return 1
    print("\nEvery figure that must be the same is, to a millionth. Published for these men: 1,794 dollars.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
