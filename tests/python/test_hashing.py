"""hash_fraction: the same number as anyone's md5, uniform, and independent from salt to salt."""

import hashlib

import duckdb
import numpy as np
import pytest
from scipy import stats
from sql_macros import MacroLibrary, evaluate

FILES = ("macros/project/hash_fraction.sql", "macros/engine/hash_*.sql")
MACROS = MacroLibrary(*FILES)
UNITS = 100_000


def reference(salt: str, unit: str) -> float:
    return int(hashlib.md5(f"{salt}-{unit}".encode()).hexdigest()[:8], 16) / 2**32


def fractions(salt: str, prefix: str = "") -> np.ndarray:
    """The fractions of sequential ids, in their order."""
    expression = MACROS.hash_fraction(f"'{salt}'", "unit_id")
    rows = duckdb.sql(
        f"select {expression} from (select n, '{prefix}' || n as unit_id from range({UNITS}) as ids(n)) order by n"
    )
    return np.array(rows.fetchall(), dtype=float)[:, 0]


def test_known_answer_that_never_changes():
    # A change here re-randomises every running experiment.
    [value] = evaluate(MACROS.hash_fraction("'arm:cart_recovery'", "'c_42'"), {"x": [0]})
    assert value == reference("arm:cart_recovery", "c_42") == 0.8627160852774978


@pytest.mark.parametrize("salt", ["arm:cart_recovery", "holdout:global", "layer:email", "", "it''s", "größe"])
@pytest.mark.parametrize("unit", ["c_42", "", "0", "a-b", "é中🙂", " padded "])
def test_agrees_with_hashlib(salt, unit):
    expression = MACROS.hash_fraction(f"'{salt}'", "unit_id")
    [value] = evaluate(expression, {"unit_id": [unit]}, {"unit_id": "varchar"})
    assert value == reference(salt.replace("''", "'"), unit)


def test_salt_may_be_a_column():
    row = {"experiment_key": ["a", "b"], "unit_id": ["u", "u"]}
    expression = MACROS.hash_fraction("'arm:' || experiment_key", "unit_id")
    expected = [reference("arm:a", "u"), reference("arm:b", "u")]
    assert evaluate(expression, row, dict.fromkeys(row, "varchar")) == expected


def test_null_in_null_out():
    row = {"salt": ["s", None], "unit_id": [None, "u"]}
    assert evaluate(MACROS.hash_fraction("salt", "unit_id"), row, dict.fromkeys(row, "varchar")) == [None, None]


def test_ends_of_the_range():
    zero, most = (evaluate(MACROS.hex_to_integer(f"'{hex}'"), {"x": [0]})[0] for hex in ("00000000", "ffffffff"))
    assert (zero, most) == (0, 2**32 - 1)
    assert most / 2**32 < 1


@pytest.mark.parametrize("salt", ["arm:cart_recovery", "holdout:global", "layer:email"])
@pytest.mark.parametrize("prefix", ["", "user_", "c_"])
def test_sequential_ids_fill_a_hundred_buckets_evenly(salt, prefix):
    values = fractions(salt, prefix)
    assert 0 <= values.min() and values.max() < 1
    counts = np.bincount((values * 100).astype(int), minlength=100)
    assert stats.chisquare(counts).pvalue > 0.001
    assert stats.kstest(values, "uniform").pvalue > 0.001


IDS = {
    "sequential": "cast(n as varchar)",
    "prefix": "'customer_' || lpad(cast(n as varchar), 12, '0')",
    "customer": "'c_' || md5(cast(n as varchar))",
    "e-mail": "'ann.' || cast(n // 1000 as varchar) || '+' || cast(n % 1000 as varchar) || '@shop.example'",
}


def test_p_values_over_salts_and_kinds_of_ids_are_uniform_themselves():
    """The short form of benchmarks/bench_hash.py: one p-value says little, forty must be spread as chance spreads them."""
    p_values = []
    for ids in IDS.values():
        for number in range(10):
            fraction = MACROS.hash_fraction(f"'arm:experiment_{number}'", "unit_id")
            counts = duckdb.sql(
                f"select count(*) from (select {ids} as unit_id from range(20000) as ids(n)) group by floor({fraction} * 100)"
            ).fetchall()
            assert len(counts) == 100
            p_values.append(stats.chisquare([count for (count,) in counts]).pvalue)
    assert stats.kstest(p_values, "uniform").pvalue > 0.001
    assert min(p_values) > 0.001 / len(p_values)


def test_layer_holdout_and_arm_are_independent_together():
    """Three salts of one name, on sequential ids: who is in a slice says nothing of the arm."""
    parts = [MACROS.hash_fraction(f"'{part}:q3'", "unit_id") for part in ("layer", "holdout", "arm")]
    cells = ", ".join(f"cast(floor({part} * 5) as integer) as c{number}" for number, part in enumerate(parts))
    rows = duckdb.sql(
        f"select c0, c1, c2, count(*) from (select {cells} from (select 'u' || n as unit_id from range({UNITS}) as ids(n)))"
        " group by all"
    ).fetchall()
    table = np.zeros((5, 5, 5))
    for *cell, count in rows:
        table[tuple(cell)] = count
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_salts_are_independent():
    salts = ["holdout:global", "layer:email", "arm:cart_recovery", "arm:cart_recovery_2"]
    buckets = [(fractions(salt) * 10).astype(int) for salt in salts]
    for first in range(len(salts)):
        for second in range(first):
            table = np.zeros((10, 10))
            np.add.at(table, (buckets[first], buckets[second]), 1)
            assert stats.chi2_contingency(table).pvalue > 0.001, (salts[first], salts[second])


def test_neighbouring_ids_are_independent():
    values = fractions("arm:cart_recovery")
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 4 / np.sqrt(UNITS)


def test_spark_reads_the_digits_with_conv():
    assert "conv(substr(md5(" in MacroLibrary(*FILES, target="spark").hash_fraction("'s'", "u")
