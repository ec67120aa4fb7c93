"""The scorecards, held against what is known otherwise: figures worked out by hand, an area under the curve counted pair
by pair, customers whose true log odds are given, and a past that must not change with the future.

The compiled SQL of the models runs on tables that a test writes, in a database in memory.
"""

import csv
import datetime
import math
import random
import re

import duckdb
import pytest

from tools.project import ROOT

MODELS = [
    "int_segment_scorecard_weights", "int_segment_scorecard_scores", "int_segment_scorecard_judgements",
    "int_segment_scorecard_accuracy", "scorecard_calibration", "scorecard_health", "conversion_drivers",
    *(SIGNAL_MODELS := ["int_customer_orders", "int_customer_signals"]),
]  # fmt: skip
AS_OF = datetime.datetime(2026, 4, 1)
SIGNALS = ROOT / "models" / "intermediate" / "features"


@pytest.fixture(scope="module")
def compiled(dbt) -> dict[str, str]:
    """Model -> its SQL with bare table names."""
    result = dbt("compile", "--select", *MODELS)
    assert result.success, result.exception
    sql = {one.node.name: one.node.compiled_code for one in result.result.results}
    return {name: re.sub(r'"[^"]+"\."[^"]+"\."([^"]+)"', r"\1", text) for name, text in sql.items()}


@pytest.fixture
def tables(compiled):
    """A database in memory; `build` runs models in their order on what is there."""
    connection = duckdb.connect()
    connection.execute("create table int_as_of as select timestamp '2026-04-01' as as_of")

    def build(*names):
        for name in names:
            connection.execute(f"create or replace table {name} as {compiled[name]}")

    yield connection, build
    connection.close()


def write(connection, name, columns, rows):
    connection.execute(f"create or replace table {name} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into {name} values ({marks})", rows)


def learn(tables, bins, counts, key="propensity"):
    """Runs the scorecard on patterns. `bins`: {pattern: {signal: bin}}; `counts`: rows of (purpose, used_for, pattern,
    customers, positives)."""
    connection, build = tables
    write(connection, "int_signal_patterns", "signal_pattern varchar, signal varchar, bin_key varchar",
          [(pattern, signal, bin_key) for pattern, of in bins.items() for signal, bin_key in of.items()])  # fmt: skip
    write(connection, "int_segment_scorecard_samples",
          "scorecard_key varchar, purpose varchar, used_for varchar, signal_pattern varchar,"
          " customer_count bigint, positive_count bigint", [(key, *row) for row in counts])  # fmt: skip
    write(connection, "int_scoring_dates", "purpose varchar, horizon_days int, horizons_ago int, scored_at timestamp,"
          " has_history boolean",
          [("propensity", 28, ago, AS_OF - datetime.timedelta(days=28 * ago), True) for ago in range(3)])  # fmt: skip
    write(connection, "int_scorecard_bins", "signal varchar, bin_key varchar, wording varchar",
          sorted({(signal, bin_key, "words") for of in bins.values() for signal, bin_key in of.items()}))  # fmt: skip
    build(*[name for name in MODELS if name not in SIGNAL_MODELS])
    return connection


def naive_auc(counts):
    """Every pair of one with and one without the outcome. `counts`: [(score, customers, positives)]."""
    won = sum(
        positives * (other_customers - other_positives) * (1 if score > other else 0.5 if score == other else 0)
        for score, _, positives in counts
        for other, other_customers, other_positives in counts
    )
    all_positives = sum(positives for *_, positives in counts)
    return won / all_positives / (sum(customers for _, customers, _ in counts) - all_positives)


# ---- By hand --------------------------------------------------------------------------------------------------------


def test_weights_of_evidence_worked_by_hand(tables):
    """10 of 100 convert. The bin `many` holds 8 of the 10 converters and 18 of the 90 others, so with half a converter
    added its shares are 8.5 / 10 = 0.85 and 18 / 90 + 0.5 / 10 = 0.25: ln(0.85 / 0.25) = ln 3.4. `few` holds 2 and 72:
    0.25 and 0.85, ln(1 / 3.4). The information value is (0.85 - 0.25) ln 3.4 twice."""
    bins = {"m": {"visits": "many"}, "f": {"visits": "few"}}
    connection = learn(tables, bins, [("scores", "learning", "m", 26, 8), ("scores", "learning", "f", 74, 2)])
    found = {row[0]: row[1:] for row in connection.execute(
        "select bin_key, customer_count, converter_count, conversion_rate, weight_of_evidence, information_value,"
        " signal_information_value from conversion_drivers").fetchall()}  # fmt: skip
    weight = math.log(3.4)
    assert found["many"] == pytest.approx((26, 8, 8 / 26, weight, 0.6 * weight, 1.2 * weight), rel=1e-12)
    assert found["few"] == pytest.approx((74, 2, 2 / 74, -weight, 0.6 * weight, 1.2 * weight), rel=1e-12)


def test_rates_have_wilsons_interval(tables):
    """Newcombe (1998): 81 of 263 has the interval 0.2553 to 0.3662, 0 of 20 has 0 to 0.1611, 1 of 29 0.0061 to 0.1718."""
    bins = {name: {"s": name} for name in "abc"}
    counts = {"a": (263, 81), "b": (20, 0), "c": (29, 1)}
    connection = learn(tables, bins, [("scores", "learning", name, *of) for name, of in counts.items()])
    found = {row[0]: row[1:] for row in connection.execute(
        "select bin_key, conversion_rate_ci_low, conversion_rate_ci_high from conversion_drivers").fetchall()}  # fmt: skip
    for name, interval in {"a": (0.2553, 0.3662), "b": (0, 0.1611), "c": (0.0061, 0.1718)}.items():
        assert found[name] == pytest.approx(interval, abs=5e-5), name


def test_a_bin_that_hardly_anybody_is_in_says_little(tables):
    """One customer, who converted: 1.5 / 0.5 of what converters and others have there, ln 3 at the most; one who did not
    says next to nothing."""
    bins = {"usual": {"s": "usual"}, "won": {"s": "won"}, "lost": {"s": "lost"}}
    connection = learn(tables, bins, [("scores", "learning", "usual", 5000, 99), ("scores", "learning", "won", 1, 1),
                                      ("scores", "learning", "lost", 1, 0)])  # fmt: skip
    found = dict(connection.execute("select bin_key, weight_of_evidence from conversion_drivers").fetchall())
    assert found["won"] == pytest.approx(math.log(3))
    assert -0.05 < found["lost"] < 0


# ---- Against what is counted otherwise ------------------------------------------------------------------------------


def simulated(rng, truth, customers, intercept):
    """{pattern: [customers, positives]} of customers whose signals are independent and whose log odds are the intercept
    and the sum of what `truth`, {signal: {bin: log odds}}, gives to their bins."""
    found = {}
    for _ in range(customers):
        chosen = {signal: rng.choice(sorted(of)) for signal, of in truth.items()}
        odds = math.exp(intercept + sum(truth[signal][bin_key] for signal, bin_key in chosen.items()))
        row = found.setdefault(",".join(chosen.values()), [0, 0])
        row[0] += 1
        row[1] += rng.random() < odds / (1 + odds)
    return found


TRUTH = {
    "visits": {"v0": 0.0, "v1": 0.7, "v2": 1.6},
    "carts": {"c0": 0.0, "c1": 1.2},
    "device": {"d0": 0.0, "d1": 0.0},
}


def patterns_of(truth, names):
    places = list(truth)
    return {name: dict(zip(places, name.split(","))) for name in names}


@pytest.fixture
def known(tables):
    """A scorecard learnt from 40,000 customers and judged by 40,000 others, of known truth."""
    rng = random.Random(5)
    learning, judging = (simulated(rng, TRUTH, 40_000, -3.5) for _ in range(2))
    rows = [("judgement", "learning", *item) for item in ((p, n, k) for p, (n, k) in learning.items())]
    rows += [("scores", "learning", p, n, k) for p, (n, k) in learning.items()]
    rows += [("judgement", "judging", p, n, k) for p, (n, k) in judging.items()]
    connection = learn(tables, patterns_of(TRUTH, {*learning, *judging}), rows)
    return connection, judging


def test_the_weights_are_the_true_log_odds(known):
    """Differences of weights within a signal are differences of log odds. The signals are independent and conversion is
    rare, so they are those of the truth, up to four standard errors of a log odds."""
    connection, _ = known
    weights = {(signal, bin_key): (weight, positives) for signal, bin_key, weight, positives in connection.execute(
        "select signal, bin_key, weight_of_evidence, converter_count from conversion_drivers").fetchall()}  # fmt: skip
    for signal, of in TRUTH.items():
        base = min(of)
        for bin_key, true in of.items():
            error = math.sqrt(1 / weights[signal, bin_key][1] + 1 / weights[signal, base][1])
            found = weights[signal, bin_key][0] - weights[signal, base][0]
            # Adding up over the other signals flattens log odds a little: 5 % at these rates.
            assert found == pytest.approx(true, abs=4 * error + 0.05 * true), (signal, bin_key)
    drivers = dict(connection.execute("select signal, signal_information_value from conversion_drivers").fetchall())
    assert drivers["device"] < 0.02 < drivers["carts"]


def test_the_probabilities_are_the_true_ones(known):
    connection, _ = known
    for pattern, probability in connection.execute(
        "select signal_pattern, probability from int_segment_scorecard_scores where purpose = 'scores'"
    ).fetchall():
        log_odds = -3.5 + sum(TRUTH[signal][bin_key] for signal, bin_key in zip(TRUTH, pattern.split(",")))
        assert math.log(probability / (1 - probability)) == pytest.approx(log_odds, abs=0.25), pattern


def test_the_auc_is_that_of_all_pairs(known):
    connection, judging = known
    scores = dict(connection.execute(
        "select signal_pattern, round(probability, 9) from int_segment_scorecard_scores where purpose = 'judgement'"
    ).fetchall())  # fmt: skip
    ((auc, error, predicted, observed, status),) = connection.execute(
        "select auc, auc_standard_error, predicted_rate, observed_rate, status from scorecard_health"
        " where scorecard_key = 'propensity'").fetchall()  # fmt: skip
    counts = [(scores[pattern], n, k) for pattern, (n, k) in judging.items()]
    assert auc == pytest.approx(naive_auc(counts), rel=1e-10)
    assert predicted == pytest.approx(observed, rel=0.1) and status == "pass"
    # Hanley and McNeil's (1982) standard error, another formula for nearly the same.
    positives = sum(k for *_, k in counts)
    others = sum(n for _, n, _ in counts) - positives
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    theirs = math.sqrt((auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)) / positives / others)
    assert error == pytest.approx(theirs, rel=0.2)


def test_the_standard_error_of_the_auc_worked_by_hand(tables):
    """Scores a < b < c; 1 of 2 at a, 1 of 2 at b, 2 of 2 at c have the outcome: 4 with it, 2 without. The four outrank 1/4,
    3/4, 1 and 1 of the others (equal ones count half), so the AUC is 3/4; the two others are outranked by 7/8 and 5/8 of
    the four. Their variances are 1/8 and 1/32, over 4 and 2."""
    bins = {name: {"s": name} for name in "abc"}
    learning = {"a": (1000, 10), "b": (1000, 20), "c": (1000, 40)}
    judging = {"a": (2, 1), "b": (2, 1), "c": (2, 2)}
    rows = [("judgement", "learning", name, *of) for name, of in learning.items()]
    rows += [("judgement", "judging", name, *of) for name, of in judging.items()]
    connection = learn(tables, bins, rows)
    ((auc, error),) = connection.execute("select auc, auc_standard_error from int_segment_scorecard_accuracy").fetchall()
    assert auc == pytest.approx(0.75)
    of_positives = ((1 / 2) ** 2 + 0 + (1 / 4) ** 2 + (1 / 4) ** 2) / 3  # 1/8
    of_others = ((1 / 8) ** 2 + (1 / 8) ** 2) / 1  # 1/32
    assert error == pytest.approx(math.sqrt(of_positives / 4 + of_others / 2))


def test_a_signal_that_is_there_twice_counts_once(tables):
    """Naive Bayes would take a copied signal for more evidence; the logistic line takes it back."""
    rng = random.Random(6)
    learning = simulated(rng, TRUTH, 20_000, -3)
    rows = [("scores", "learning", p, n, k) for p, (n, k) in learning.items()]
    once = patterns_of(TRUTH, learning)
    twice = {p: of | {f"{signal} again": bin_key for signal, bin_key in of.items()} for p, of in once.items()}
    query = "select signal_pattern, raw_score, probability from int_segment_scorecard_scores"
    single, double = (
        {row[0]: row[1:] for row in learn(tables, bins, rows).execute(query).fetchall()} for bins in (once, twice)
    )
    for pattern, (score, probability) in single.items():
        assert double[pattern][0] == pytest.approx(2 * score)
        assert double[pattern][1] == pytest.approx(probability, rel=1e-6)


def test_the_line_is_the_most_likely_one(known):
    """At the maximum of the likelihood what is expected and what was observed agree, over all and weighted by the score."""
    connection, _ = known
    ((count, weighted),) = connection.execute("""
        select sum(positive_count - customer_count * probability), sum((positive_count - customer_count * probability) * raw_score)
        from int_segment_scorecard_samples inner join int_segment_scorecard_scores using (scorecard_key, purpose, signal_pattern)
        where purpose = 'scores'
    """).fetchall()
    assert abs(count) < 1e-6 and abs(weighted) < 1e-6


# ---- What there is too little of ------------------------------------------------------------------------------------


def health(connection, key="propensity"):
    return connection.execute("select status, detail from scorecard_health where scorecard_key = ?", [key]).fetchall()[0]


def counts(positives, judged_positives, customers=1000, flat=False):
    """A signal that tells (or not) the outcome apart, in both samples."""
    low = 0.5 if flat else 0.1
    rows = []
    for purpose, used_for, number in (("scores", "learning", positives), ("judgement", "learning", positives),
                                    ("judgement", "judging", judged_positives)):  # fmt: skip
        below = round(low * number)
        rows += [(purpose, used_for, "low", customers // 2, below), (purpose, used_for, "high", customers // 2, number - below)]
    return rows


HEALTH_BINS = {"low": {"s": "low"}, "high": {"s": "high"}}


@pytest.mark.parametrize(("rows", "status", "words"), [
    (counts(110, 100), "pass", "held"),
    (counts(110, 99), "warn", "only 99 customers"),
    (counts(19, 100), "fail", "19 have the outcome; 20"),
    (counts(100, 100, flat=True), "fail", "no better than chance"),
    (counts(200, 120), "warn", "predicted 20.0 %, observed 12.0 %"),
    ([row for row in counts(150, 100) if row[0] == "scores"], "warn", "84 days of history"),
    ([], "fail", "of 0 customers"),
])  # fmt: skip
def test_health_says_what_the_figures_bear(tables, rows, status, words):
    found = health(learn(tables, HEALTH_BINS, rows))
    assert found[0] == status and words in found[1], found


def test_without_history_there_is_a_reason_and_no_error(tables):
    connection = learn(tables, HEALTH_BINS, [])
    _, build = tables
    connection.execute("update int_scoring_dates set has_history = horizons_ago = 0")
    build("scorecard_health")
    assert health(connection) == ("fail", "no scores: they need 56 days of history before as_of")
    for mart in ("conversion_drivers", "scorecard_calibration"):
        assert connection.execute(f"select count(*) from {mart}").fetchall() == [(0,)]


@pytest.mark.parametrize("positives", [(0, 0), (500, 500)])
def test_all_or_nobody_converting_makes_no_scores(tables, positives):
    low, high = positives
    connection = learn(tables, HEALTH_BINS, [("scores", "learning", "low", 500, low), ("scores", "learning", "high", 500, high)])
    assert health(connection)[0] == "fail"
    assert connection.execute("select count(*) from int_segment_scorecard_scores").fetchall() == [(0,)]


def test_a_signal_that_tells_all_apart_overflows_nothing(tables):
    connection = learn(tables, HEALTH_BINS, [("scores", "learning", "low", 500, 0), ("scores", "learning", "high", 500, 500)])
    found = dict(connection.execute("select signal_pattern, probability from int_segment_scorecard_scores").fetchall())
    assert 0 < found["low"] < 0.01 and 0.99 < found["high"] < 1


# ---- The future -----------------------------------------------------------------------------------------------------


def facts(rng, scored_at):
    """Random daily activity and orders around a moment, orders also a second before it and exactly at it."""
    activity, categories, orders = [], [], []
    for number in range(40):
        identifier = f"user_id:{number}"
        for _ in range(12):
            day = (scored_at + datetime.timedelta(days=rng.randrange(-100, 28))).date()
            count = rng.randrange(1, 5)
            activity.append((identifier, day, rng.choice(["page_view", "cart_add", "search"]), "pricing", count, count))
            categories.append((identifier, day, rng.choice(["books", "audio", "sports"])))
        for seconds in rng.sample([-86400 * 40, -86400, -1, 0, 1, 86400 * 5], 3):
            orders.append((identifier, scored_at + datetime.timedelta(seconds=seconds), True))
    return activity, categories, orders


def signals(tables, scored_at, activity, categories, orders):
    connection, build = tables
    write(connection, "int_scoring_dates", "purpose varchar, horizons_ago int, scored_at timestamp, scored_on date,"
          " has_history boolean", [("propensity", 1, scored_at, scored_at.date(), True)])  # fmt: skip
    write(connection, "int_customer_profiles", "customer_id varchar, first_seen_at timestamp, is_targetable boolean",
          [(f"c{n}", scored_at - datetime.timedelta(days=120), True) for n in range(40)])  # fmt: skip
    write(connection, "int_identity_map", "identifier_id varchar, customer_id varchar",
          [(f"user_id:{n}", f"c{n}") for n in range(40)])  # fmt: skip
    write(connection, "int_identifier_activity_daily", "identifier_id varchar, activity_date date, engagement_type"
          " varchar, page_type varchar, event_count bigint, interaction_count bigint", activity)  # fmt: skip
    write(connection, "int_identifier_category_daily", "identifier_id varchar, activity_date date, category varchar",
          categories)  # fmt: skip
    write(connection, "int_identifier_orders", "identifier_id varchar, ordered_at timestamp, is_completed boolean,"
          " order_id varchar, reporting_amount double", [(*row, None, None) for row in orders])  # fmt: skip
    build(*SIGNAL_MODELS)
    return connection.execute("from int_customer_signals order by customer_id").fetchall()


@pytest.mark.parametrize("seed", range(5))
def test_signals_are_the_same_whatever_happens_from_the_moment_on(tables, seed):
    """Facts at the moment or after it change nothing, to the second; facts a second before it do."""
    scored_at = AS_OF - datetime.timedelta(days=28)
    activity, categories, orders = facts(random.Random(seed), scored_at)
    before = [
        [row for row in activity if row[1] < scored_at.date()],
        [row for row in categories if row[1] < scored_at.date()],
        [row for row in orders if row[1] < scored_at],
    ]
    known = signals(tables, scored_at, *before)
    assert signals(tables, scored_at, activity, categories, orders) == known
    earlier = [*before[:2], [row for row in before[2] if row[1] < scored_at - datetime.timedelta(seconds=1)]]
    assert signals(tables, scored_at, *earlier) != known


# ---- The seed and the SQL that knows its signals --------------------------------------------------------------------


def test_every_signal_of_the_seed_is_computed():
    """A signal stands in three places: as a column of int_customer_signals, as a line of int_customer_signal_patterns, and
    with its bins in the seed."""
    with (ROOT / "seeds" / "scorecard_bins.csv").open() as file:
        seed = {row["signal"] for row in csv.DictReader(file)}
    patterns = (SIGNALS / "int_customer_signal_patterns.sql").read_text()
    named = dict(re.findall(r"when '(\w+)' then signals\.(\w+)", patterns))
    assert all(name == column for name, column in named.items())
    assert seed == set(named)
    final = (SIGNALS / "int_customer_signals.sql").read_text().split("final as (")[1]
    for name in seed:
        assert re.search(rf"(as |\.){name}\b", final), name
