"""The distribution functions and Welch macros against scipy, hand-known constants and laws that must hold.

`python tests/python/test_statistics.py` prints the table of measured errors of docs/methods.md.
"""

import functools

import numpy as np
import pytest
from scipy import stats
from sql_macros import MacroLibrary, evaluate

MACROS = MacroLibrary("macros/statistics/*.sql")

T_GRID = np.array([0, 1e-8, 1e-4, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.3, 1.645, 1.96, 2.3, 2.576, 3,
                   3.5, 4, 5, 5.9, 6.1, 7, 8, 10, 12, 15, 20, 30, 50, 100, 1e3, 1e6])
T_GRID = np.concatenate([-T_GRID[:0:-1], T_GRID])
DF_BELOW_5 = [1, 1.1, 1.5, 1.99, 2, 2.5, 3, 4, 4.9]
DF_FROM_5 = [5, 5.5, 7.3, 10, 17.2, 30, 60.5, 100, 365.25, 999.9, 1999.9, 2000, 2500, 5e3, 1e4, 1e5, 1e6, 1e9]
PROBABILITIES = np.concatenate(
    [10.0 ** np.arange(-30, -3), np.linspace(0.001, 0.999, 333), 1 - 10.0 ** np.arange(-12, -3.0)]
)


def values(expression, types=None, **columns):
    arrays = np.broadcast_arrays(*columns.values())
    return np.array(
        evaluate(expression, {name: array.tolist() for name, array in zip(columns, arrays)}, types), dtype=float
    )


def cross(first, second):
    grids = np.meshgrid(first, second)
    return grids[0].ravel(), grids[1].ravel()


def relative_error(measured, expected):
    """The largest, over the values that a double holds with all its digits."""
    normal = expected > 1e-290
    return float(np.max(np.abs(measured[normal] / expected[normal] - 1)))


# ---- Measured errors --------------------------------------------------------------------------------------------


@functools.cache
def error(name):
    return MEASUREMENTS[name][0]()


def normal_cdf_error():
    x = np.linspace(-39, 39, 3121)
    return float(np.max(np.abs(values(MACROS.normal_cdf("x"), x=x) - stats.norm.cdf(x))))


def normal_upper_tail_error():
    x = np.linspace(-9, 36, 4001)
    return relative_error(values(MACROS.normal_upper_tail("x"), x=x), stats.norm.sf(x))


def normal_quantile_error():
    p = np.concatenate([10.0 ** np.arange(-300, -30, 3), PROBABILITIES])
    return float(np.max(np.abs(values(MACROS.normal_quantile("p"), p=p) - stats.norm.ppf(p))))


def student_t_tail_error(degrees):
    t, df = cross(T_GRID, degrees)
    return relative_error(values(MACROS.student_t_upper_tail("t", "df"), t=t, df=df), stats.t.sf(t, df))


def student_t_cdf_error(degrees):
    t, df = cross(T_GRID, degrees)
    return float(np.max(np.abs(values(MACROS.student_t_cdf("t", "df"), t=t, df=df) - stats.t.cdf(t, df))))


def student_t_quantile_error(degrees):
    p, df = cross(PROBABILITIES, degrees)
    expected = stats.t.ppf(p, df)
    measured = values(MACROS.student_t_quantile("p", "df"), p=p, df=df)
    return float(np.max(np.abs(measured - expected) / np.maximum(1, np.abs(expected))))


def student_t_density_error():
    t, df = cross(T_GRID, DF_BELOW_5 + DF_FROM_5)
    return relative_error(values(MACROS.student_t_density("t", "df"), t=t, df=df), stats.t.pdf(t, df))


def chi_squared_error():
    x, df = cross([0, 1e-6, 1e-3, 0.1, 0.5, 1, 2, 3.84, 5, 10, 20, 35, 37, 40, 80, 160, 300, 700, 1400], range(1, 51))
    return relative_error(
        values(MACROS.chi_squared_upper_tail("x", "df"), {"df": "integer"}, x=x, df=df), stats.chi2.sf(x, df)
    )


# name: (measurement, kind of error, promised bound)
MEASUREMENTS = {
    "normal_cdf": (normal_cdf_error, "absolute", 1e-14),
    "normal_upper_tail, -9 to 36": (normal_upper_tail_error, "relative", 1e-12),
    "normal_quantile, 1e-300 to 1 - 1e-12": (normal_quantile_error, "absolute", 1e-9),
    "student_t_upper_tail, df 1 to 5": (lambda: student_t_tail_error(DF_BELOW_5), "relative", 1e-8),
    "student_t_upper_tail, df 5 to 1e9": (lambda: student_t_tail_error(DF_FROM_5), "relative", 1e-10),
    "student_t_cdf, df 1 to 5": (lambda: student_t_cdf_error(DF_BELOW_5), "absolute", 1e-8),
    "student_t_cdf, df 5 to 1e9": (lambda: student_t_cdf_error(DF_FROM_5), "absolute", 1e-10),
    "student_t_quantile, df 1 to 2": (
        lambda: student_t_quantile_error([1, 1.1, 1.3, 1.5, 1.8, 1.99]), "relative beyond 1", 1e-5),
    "student_t_quantile, df 2 to 5": (
        lambda: student_t_quantile_error([2, 2.2, 2.5, 3, 3.5, 4, 4.9]), "relative beyond 1", 1e-9),
    "student_t_quantile, df 5 to 1e9": (lambda: student_t_quantile_error(DF_FROM_5), "relative beyond 1", 1e-10),
    "student_t_density": (student_t_density_error, "relative", 1e-8),
    "chi_squared_upper_tail, df 1 to 50": (chi_squared_error, "relative", 1e-10),
}


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_error_against_scipy_stays_in_its_bound(name):
    assert error(name) < MEASUREMENTS[name][2]


# ---- Known values -----------------------------------------------------------------------------------------------


def test_constants_that_every_table_prints():
    assert values(MACROS.normal_quantile("p"), p=[0.975, 0.8])[0] == pytest.approx(1.959963984540054, abs=1e-14)
    assert values(MACROS.normal_cdf("x"), x=[1.959963984540054])[0] == pytest.approx(0.975, abs=1e-15)
    assert values(MACROS.normal_upper_tail("x"), x=[10])[0] == pytest.approx(7.61985302416052606e-24, rel=1e-13)
    t = values(MACROS.student_t_quantile("p", "df"), p=[0.975, 0.975, 0.975, 0.95], df=[1, 2, 10, 30])
    assert t == pytest.approx([12.7062047361747, 4.30265272974946, 2.22813885198627, 1.69726088659396], rel=1e-9)
    x = [3.841458820694124, 5.991464547107979, 18.307038053275146]
    p = values(MACROS.chi_squared_upper_tail("x", "df"), {"df": "integer"}, x=x, df=[1, 2, 10])
    assert p == pytest.approx([0.05, 0.05, 0.05], rel=1e-12)


def test_closed_forms_of_small_degrees_of_freedom():
    t = np.array([0.01, 0.5, 1, 3, 20, 1e4])
    upper = MACROS.student_t_upper_tail("t", "df")
    assert values(upper, t=t, df=2) == pytest.approx(1 / (2 + t * t + t * np.sqrt(2 + t * t)), rel=1e-12)
    assert values(upper, t=t, df=1) == pytest.approx(np.arctan(1 / t) / np.pi, rel=1e-8)
    x = np.array([0.1, 1, 5, 60])
    assert values(MACROS.chi_squared_upper_tail("x", "df"), x=x, df=4) == pytest.approx(
        np.exp(-x / 2) * (1 + x / 2), rel=1e-13
    )


# ---- Laws -------------------------------------------------------------------------------------------------------


def test_symmetry_about_zero():
    x = np.linspace(0, 9, 181)
    upper = MACROS.normal_upper_tail("x")
    assert values(upper, x=x) + values(upper, x=-x) == pytest.approx(np.ones(181), abs=1e-15)
    assert (values(MACROS.normal_cdf("x"), x=x) == values(upper, x=-x)).all()
    t = MACROS.student_t_upper_tail("t", "df")
    assert values(t, t=x, df=6.4) + values(t, t=-x, df=6.4) == pytest.approx(np.ones(181), abs=1e-15)
    quantile = MACROS.student_t_quantile("p", "df")
    p = np.array([0.001, 0.1, 0.25, 0.5])
    assert values(quantile, p=p, df=8) == pytest.approx(-values(quantile, p=1 - p, df=8), abs=1e-11)


@pytest.mark.parametrize("df", [1, 3.3, 40, 1999.5, 2000.5, 1e7])
def test_tail_falls_strictly(df):
    t = np.arange(-6, 37, 0.05)
    assert (np.diff(values(MACROS.student_t_upper_tail("t", "df"), t=t, df=df)) < 0).all()
    assert (np.diff(values(MACROS.normal_upper_tail("x"), x=t)) < 0).all()


def test_tail_is_continuous_where_its_formula_changes():
    upper = MACROS.student_t_upper_tail("t", "df")
    below, above = 2000 * (1 - 1e-14), 2000.0
    t = np.array([0.1, 1, 2, 5, 20])
    assert values(upper, t=t, df=below) == pytest.approx(values(upper, t=t, df=above), rel=1e-10)
    for threshold in (np.sqrt(0.01 * 50), np.sqrt(50 * np.expm1(36 / 50))):
        left, right = values(upper, t=np.array([1 - 1e-13, 1 + 1e-13]) * threshold, df=50)
        assert left == pytest.approx(right, rel=1e-10)


def test_more_degrees_of_freedom_thin_the_tail_down_to_the_normal():
    df = np.array([1, 1.5, 2, 3, 5, 10, 50, 1e3, 1999, 2001, 1e4, 1e6, 1e9])
    tails = values(MACROS.student_t_upper_tail("t", "df"), t=3, df=df)
    assert (np.diff(tails) < 0).all()
    assert tails[-1] == pytest.approx(stats.norm.sf(3), rel=1e-7)


@pytest.mark.parametrize("df", [1, 1.7, 2, 2.5, 5, 11.1, 250, 3000, 1e8])
def test_student_t_tail_inverts_its_quantile(df):
    p = np.array([1e-12, 1e-6, 0.001, 0.025, 0.2, 0.4, 0.5, 0.6, 0.9, 0.975])
    quantile = values(MACROS.student_t_quantile("p", "df"), p=p, df=df)
    back = values(MACROS.student_t_cdf("t", "df"), t=quantile, df=df)
    assert back == pytest.approx(p, rel=2e-5 if df < 2 else 1e-9)


def test_normal_tail_inverts_its_quantile():
    p = PROBABILITIES
    back = values(MACROS.normal_cdf("x"), x=values(MACROS.normal_quantile("p"), p=p))
    assert back == pytest.approx(p, rel=1e-12)


def test_chi_squared_is_the_square_of_a_normal_and_grows_with_df():
    z = np.array([0.1, 1, 2, 6, 20])
    one = values(MACROS.chi_squared_upper_tail("x", "df"), x=z * z, df=1)
    assert one == pytest.approx(2 * values(MACROS.normal_upper_tail("x"), x=z), rel=1e-13)
    p = values(MACROS.chi_squared_upper_tail("x", "df"), x=30, df=np.arange(1, 51))
    assert (np.diff(p) > 0).all()


def test_chi_squared_can_be_unrolled_further():
    x = np.array([60, 120, 200, 400])
    p = values(MACROS.chi_squared_upper_tail("x", "df", 120), x=x, df=[120, 119, 119, 60])
    assert p == pytest.approx(stats.chi2.sf(x, [120, 119, 119, 60]), rel=1e-10)


# ---- Out of range -----------------------------------------------------------------------------------------------

NONE = None
INFINITE, NOT_A_NUMBER = float("inf"), float("nan")


@pytest.mark.parametrize("macro, arguments", [
    (MACROS.normal_cdf, [NONE]),
    (MACROS.normal_cdf, [NOT_A_NUMBER]),
    (MACROS.normal_upper_tail, [NONE]),
    (MACROS.normal_upper_tail, [INFINITE]),
    *[(MACROS.normal_quantile, [p]) for p in (NONE, 0, 1, -0.1, 1.1, NOT_A_NUMBER, INFINITE)],
    *[(MACROS.student_t_upper_tail, pair) for pair in (
        [NONE, 5], [1, NONE], [1, 0.99], [1, -3], [1, 0], [INFINITE, 5], [NOT_A_NUMBER, 5], [1, NOT_A_NUMBER],
        [1, INFINITE])],
    *[(MACROS.student_t_cdf, pair) for pair in ([NONE, 5], [1, NONE], [1, 0.5])],
    *[(MACROS.student_t_density, pair) for pair in ([NONE, 5], [1, NONE], [1, 0.5])],
    *[(MACROS.student_t_quantile, pair) for pair in (
        [NONE, 5], [0.975, NONE], [0, 5], [1, 5], [-0.2, 5], [1.5, 5], [0.975, 0.9], [NOT_A_NUMBER, 5],
        [0.975, NOT_A_NUMBER])],
    *[(MACROS.chi_squared_upper_tail, pair) for pair in (
        [NONE, 5], [1, NONE], [1, 0], [1, -1], [1, 2.5], [1, 51], [-0.1, 5], [NOT_A_NUMBER, 5], [1, NOT_A_NUMBER])],
    *[(MACROS.two_sided_p_value, pair) for pair in ([NONE, 5], [2, NONE], [2, 0.5], [NOT_A_NUMBER, 5])],
])  # fmt: skip
def test_null_where_there_is_no_answer(macro, arguments):
    names = ["first", "second"][: len(arguments)]
    columns = {name: [value] for name, value in zip(names, arguments)}
    assert evaluate(macro(*names), columns) == [None]


def test_ends_of_the_range():
    assert values(MACROS.chi_squared_upper_tail("x", "df"), x=0, df=[1, 2, 7]).tolist() == [1, 1, 1]
    assert values(MACROS.chi_squared_upper_tail("x", "df"), x=[3001, 1e300], df=1).tolist() == [0, 0]
    assert values(MACROS.normal_upper_tail("x"), x=[0, 40, -40, 1e99]).tolist() == [0.5, 0, 1, 0]
    assert values(MACROS.student_t_upper_tail("t", "df"), t=[0, 1e99], df=30).tolist() == [0.5, 0]
    assert values(MACROS.normal_quantile("p"), p=[0.5]).tolist() == [0]
    median = values(MACROS.student_t_quantile("p", "df"), p=0.5, df=[1, 2, 5, 1e9])
    assert median == pytest.approx(np.zeros(4), abs=1e-15)


# ---- How arguments may be written ---------------------------------------------------------------------------------


def test_arguments_may_be_expressions_literals_and_integers():
    integers = {"n": "integer", "alpha": "decimal(4, 3)"}
    row = {"n": [12], "alpha": [0.05]}
    assert evaluate(MACROS.student_t_quantile("1 - alpha / 2", "n - 2"), row, integers) == pytest.approx(
        [stats.t.ppf(0.975, 10)], abs=1e-12
    )
    assert evaluate(MACROS.normal_quantile("1 - alpha / 2"), row, integers) == pytest.approx([stats.norm.ppf(0.975)])
    assert evaluate(MACROS.normal_cdf("-1.96"), row, integers) == pytest.approx([stats.norm.cdf(-1.96)], rel=1e-12)
    assert evaluate(MACROS.student_t_upper_tail("n - 10", 7), row, integers) == pytest.approx([stats.t.sf(2, 7)])
    assert evaluate(MACROS.chi_squared_upper_tail("inputs.n", "3 - 1"), row, integers) == pytest.approx([np.exp(-6)])


def test_expressions_stay_moderate():
    assert len(MACROS.normal_upper_tail("x")) < 2_000
    assert len(MACROS.normal_quantile("p")) < 4_000
    assert len(MACROS.student_t_upper_tail("t_statistic", "degrees_of_freedom")) < 16_000
    assert len(MACROS.student_t_quantile("confidence", "degrees_of_freedom")) < 25_000
    assert len(MACROS.chi_squared_upper_tail("x", "df")) < 5_000


# ---- Welch --------------------------------------------------------------------------------------------------------

SAMPLES = [
    (np.array([1.0, 4, 2, 8, 5, 7, 1, 3]), np.array([2.0, 1, 1, 0, 4, 2])),
    (np.random.default_rng(1).normal(103, 20, 400), np.random.default_rng(2).normal(100, 5, 37)),
    (np.array([3.0, 9.0]), np.array([0.5, 0.7])),
    (np.array([5.0, 5.0, 5.1]), np.array([1.0, 2.0, 4.0])),
]


def arms(treatment, control):
    return {
        "mean_t": [treatment.mean()], "var_t": [treatment.var(ddof=1)], "n_t": [len(treatment)],
        "mean_c": [control.mean()], "var_c": [control.var(ddof=1)], "n_c": [len(control)],
    }  # fmt: skip


@pytest.mark.parametrize("treatment, control", SAMPLES)
def test_welch_agrees_with_scipy_on_raw_samples(treatment, control):
    row = arms(treatment, control)
    expected = stats.ttest_ind(treatment, control, equal_var=False)
    standard_error, df = (
        evaluate(macro("var_t", "n_t", "var_c", "n_c"), row, {"n_t": "bigint", "n_c": "bigint"})[0]
        for macro in (MACROS.welch_standard_error, MACROS.welch_degrees_of_freedom)
    )
    assert df == pytest.approx(expected.df, rel=1e-12)
    statistic = (treatment.mean() - control.mean()) / standard_error
    assert statistic == pytest.approx(expected.statistic, rel=1e-12)
    pair = {"t": [statistic], "df": [df]}
    assert evaluate(MACROS.two_sided_p_value("t", "df"), pair)[0] == pytest.approx(expected.pvalue, rel=1e-8)
    critical = evaluate(MACROS.student_t_quantile("0.975", "df"), pair)[0]
    interval = expected.confidence_interval(0.95)
    lift = treatment.mean() - control.mean()
    assert lift - critical * standard_error == pytest.approx(interval.low, rel=1e-5 if df < 2 else 1e-9)
    assert lift + critical * standard_error == pytest.approx(interval.high, rel=1e-5 if df < 2 else 1e-9)


def test_two_sided_p_value_ignores_the_sign():
    p = values(MACROS.two_sided_p_value("t", "df"), t=[-2.5, 2.5, 0], df=12)
    assert p == pytest.approx([2 * stats.t.sf(2.5, 12)] * 2 + [1], rel=1e-12)


def test_relative_interval_is_the_log_ratio_interval():
    treatment, control = SAMPLES[1]
    row = arms(treatment, control)
    log_t, log_c = MACROS.log_ratio_variance("mean_t", "var_t"), MACROS.log_ratio_variance("mean_c", "var_c")
    [log_error] = evaluate(MACROS.welch_standard_error(log_t, "n_t", log_c, "n_c"), row)
    expected = np.sqrt(treatment.var(ddof=1) / len(treatment) / treatment.mean() ** 2
                       + control.var(ddof=1) / len(control) / control.mean() ** 2)  # fmt: skip
    assert log_error == pytest.approx(expected, rel=1e-12)
    row["log_error"] = [log_error]
    [low], [lift], [high] = (
        evaluate(MACROS.relative_lift_bound("mean_t", "mean_c", "log_error", "-1.96"), row),
        evaluate(MACROS.relative_lift("mean_t", "mean_c"), row),
        evaluate(MACROS.relative_lift_bound("mean_t", "mean_c", "log_error", "1.96"), row),
    )
    log_ratio = np.log(treatment.mean() / control.mean())
    assert lift == pytest.approx(treatment.mean() / control.mean() - 1, rel=1e-12)
    assert [low, high] == pytest.approx(np.exp([log_ratio - 1.96 * expected, log_ratio + 1.96 * expected]) - 1)


def test_satterthwaite_stands_between_the_smaller_arm_and_both():
    variance, n = np.array([1e-300, 1e-12, 0.1, 1, 7, 1e9, 1e300]), np.array([2, 3, 10, 500, 7, 2, 90_000])
    df = values(MACROS.welch_degrees_of_freedom("var_t", "n_t", "var_c", "n_c"), var_t=variance, n_t=n, var_c=1, n_c=12)
    assert (df >= np.minimum(n, 12) - 1 - 1e-9).all()
    assert (df <= n + 12 - 2 + 1e-9).all()
    [tiny] = evaluate(MACROS.welch_degrees_of_freedom("v", "10", "v", "10"), {"v": [1e-250]})
    assert tiny == pytest.approx(18)


@pytest.mark.parametrize("row", [
    {"var_t": [1], "n_t": [1], "var_c": [1], "n_c": [9]},
    {"var_t": [1], "n_t": [9], "var_c": [1], "n_c": [0]},
    {"var_t": [0], "n_t": [9], "var_c": [0], "n_c": [9]},
    {"var_t": [None], "n_t": [9], "var_c": [1], "n_c": [9]},
    {"var_t": [1], "n_t": [None], "var_c": [1], "n_c": [9]},
])  # fmt: skip
def test_no_figure_where_an_arm_says_too_little(row):
    assert evaluate(MACROS.welch_standard_error("var_t", "n_t", "var_c", "n_c"), row) == [None]
    assert evaluate(MACROS.welch_degrees_of_freedom("var_t", "n_t", "var_c", "n_c"), row) == [None]


@pytest.mark.parametrize("var_t, var_c, df", [(0.01, 0, 1), (0, 0.01, 2)])
def test_one_arm_without_variance_is_enough(var_t, var_c, df):
    row = {"var_t": [var_t], "n_t": [2], "var_c": [var_c], "n_c": [3]}
    [standard_error] = evaluate(MACROS.welch_standard_error("var_t", "n_t", "var_c", "n_c"), row)
    assert standard_error == pytest.approx(np.sqrt(var_t / 2 + var_c / 3))
    assert evaluate(MACROS.welch_degrees_of_freedom("var_t", "n_t", "var_c", "n_c"), row) == pytest.approx([df])


def test_rates_have_a_relative_lift():
    row = {"mean_t": [0.04], "mean_c": [0.03]}
    assert evaluate(MACROS.relative_lift("mean_t", "mean_c"), row) == pytest.approx([1 / 3])
    assert evaluate(MACROS.relative_lift_bound("mean_t", "mean_c", "0.1", "2"), row) == pytest.approx(
        [4 / 3 * np.exp(0.2) - 1]
    )
    assert evaluate(MACROS.log_ratio_variance("mean_t", "0.0384"), row) == pytest.approx([24])


@pytest.mark.parametrize("mean_t, mean_c", [(0, 1), (1, 0), (-1, 1), (1, -1), (-1, -1), (None, 1), (1, None)])
def test_no_relative_lift_without_positive_means(mean_t, mean_c):
    row = {"mean_t": [mean_t], "mean_c": [mean_c]}
    assert evaluate(MACROS.relative_lift("mean_t", "mean_c"), row) == [None]
    assert evaluate(MACROS.relative_lift_bound("mean_t", "mean_c", "0.1", "2"), row) == [None]
    if mean_t is None or mean_t <= 0:
        assert evaluate(MACROS.log_ratio_variance("mean_t", "4"), row) == [None]


@pytest.mark.parametrize("quantile", ["-2", "2"])
def test_no_end_of_a_relative_lift_is_infinite(quantile):
    row = {"mean_t": [2.0], "mean_c": [1e-9]}
    assert evaluate(MACROS.relative_lift_bound("mean_t", "mean_c", "1e9", quantile), row) == [None]


@pytest.mark.parametrize("variance, covariance, other, slope, expected", [
    (4, 1, 1, 1, 3), (4, 2, 1, 2, 0), (4, None, 1, 1, None), (4, 1, None, 1, None), (4, 1, 1, None, None), (None, 1, 1, 1, None),
])  # fmt: skip
def test_a_variance_is_nothing_only_where_all_its_parts_are_known(variance, covariance, other, slope, expected):
    row = {"v": [variance], "c": [covariance], "o": [other], "s": [slope]}
    assert evaluate(MACROS.variance_left("v", "c", "o", "s"), row) == [expected]


if __name__ == "__main__":
    print("| function | error | promised | measured |\n|---|---|---|---|")
    for measurement, (_, kind, promised) in MEASUREMENTS.items():
        print(f"| {measurement} | {kind} | {promised:.0e} | {error(measurement):.1e} |")
