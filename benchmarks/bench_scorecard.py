"""AUC and calibration of the propensity scorecard and of scikit-learn's logistic regression:
python benchmarks/bench_scorecard.py DATABASE

Both learn from the customers of two horizons ago and are judged by the outcomes of the horizon before as_of, on the same
bins of the same customers, in one run. DATABASE is a built one; it is only read. scikit-learn is no dependency of the
project: run this in an environment of its own, with duckdb==2.0.0 and scikit-learn. See README.md in this folder.
"""

import argparse
import time

import duckdb
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

# One row a customer of a moment: which digit of its pattern each signal has, whether they ordered, and our probability.
CUSTOMERS = """
    select
        patterns.signal_pattern,
        labels.customer_id is not null as has_outcome,
        scores.probability
    from main_intermediate.int_customer_signal_patterns as patterns
    inner join main_intermediate.int_segment_scorecard_scores as scores
        on patterns.signal_pattern = scores.signal_pattern
        and scores.scorecard_key = 'propensity' and scores.purpose = 'judgement'
    left join main_intermediate.int_segment_scorecard_labels as labels
        on patterns.customer_id = labels.customer_id and patterns.horizons_ago = labels.horizons_ago
        and labels.scorecard_key = 'propensity'
    where patterns.horizons_ago = ?
    order by patterns.customer_id
"""
BINS = "select signal_number, bin_digit from main_intermediate.int_scorecard_bins order by all"


def customers(connection, horizons_ago, bins):
    """(one column of ones and zeros a bin, outcomes, our probabilities)"""
    rows = connection.execute(CUSTOMERS, [horizons_ago]).fetchall()
    columns = [[pattern[number - 1] == digit for pattern, *_ in rows] for number, digit in bins]
    return np.array(columns, float).T, np.array([row[1] for row in rows]), np.array([row[2] for row in rows])


def calibration_error(outcomes, probabilities):
    """Mean distance of prediction and outcome over tenths of equal size, by rising probability."""
    tenths = np.array_split(np.argsort(probabilities, kind="stable"), 10)
    return sum(len(t) * abs(probabilities[t].mean() - outcomes[t].mean()) for t in tenths) / len(outcomes)


def told(name, outcomes, probabilities, seconds=None):
    auc = roc_auc_score(outcomes, probabilities)
    figures = [f"{auc:.4f}", f"{calibration_error(outcomes, probabilities):.4f}",
               f"{brier_score_loss(outcomes, probabilities):.5f}", f"{probabilities.mean():.4f}", f"{outcomes.mean():.4f}",
               "" if seconds is None else f"{seconds:.1f} s"]  # fmt: skip
    print(f"| {name} | " + " | ".join(figures) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    with duckdb.connect(parser.parse_args().database, read_only=True) as connection:
        bins = connection.execute(BINS).fetchall()
        learning, learnt_outcomes, _ = customers(connection, 2, bins)
        judging, outcomes, ours = customers(connection, 1, bins)
        ((auc,),) = connection.execute(
            "select auc from main.scorecard_health where scorecard_key = 'propensity'"
        ).fetchall()
    print(f"learnt from {len(learnt_outcomes):,} customers, {learnt_outcomes.sum():,} with an order; judged by "
          f"{len(outcomes):,}, {outcomes.sum():,} with one; {len(bins)} bins")  # fmt: skip
    assert abs(roc_auc_score(outcomes, np.round(ours, 9)) - auc) < 1e-9, "scorecard_health says another AUC"
    print("| | AUC | calibration error | Brier | mean predicted | observed | fit |\n|---|---|---|---|---|---|---|")
    told("scorecard", outcomes, ours)
    for penalty in (1.0, 0.1, 0.01):
        started = time.perf_counter()
        model = LogisticRegression(C=penalty, max_iter=5000).fit(learning, learnt_outcomes)
        seconds = time.perf_counter() - started
        told(f"logistic regression, C = {penalty:g}", outcomes, model.predict_proba(judging)[:, 1], seconds)
    told("everybody the mean", outcomes, np.full(len(outcomes), learnt_outcomes.mean()))
    print(f"scikit-learn {sklearn.__version__}")


if __name__ == "__main__":
    main()
