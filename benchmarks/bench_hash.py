"""Are the fractions that decide layers, holdouts and arms uniform and independent?
python benchmarks/bench_hash.py [--ids N] [--salts N] [--growthbook-salts N] [--threads N]

The macros' own SQL draws fractions of 10 million ids of five kinds, under many salts; chi-squared over bins gives a p-value
for each salt and kind, and Kolmogorov-Smirnov says whether these p-values are themselves uniform, as they are for a good
hash. Tables of layer, holdout and arm are tested for independence in the same way. See README.md in this folder.
"""

import argparse
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
from measuring import Clock
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/python"))

from sql_macros import MacroLibrary  # noqa: E402

FILES = ("macros/project/hash_fraction.sql", "macros/project/growthbook.sql", "macros/engine/hash_*.sql")
BINS = 1000
CELLS = 10
# Ids as shops have them; `customer` is what Tessera mints for a user id.
KINDS = {
    "sequential": "cast(n as varchar)",
    "prefix": "'customer_' || lpad(cast(n as varchar), 12, '0')",
    "customer": "'c_' || md5('user_id:u' || cast(n as varchar))",
    "uuid": "regexp_replace(md5(cast(n as varchar)), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\\1-\\2-\\3-\\4-\\5')",
    "e-mail": "'ann.' || cast(n // 1000 as varchar) || '.lee+' || cast(n % 1000 as varchar) || '@shop.example'",
}


class Macros(MacroLibrary):
    @staticmethod
    def type_string():
        return "varchar"


MACROS = Macros(*FILES)


class Ids:
    def __init__(self, count, threads):
        self.count = count
        self.connection = duckdb.connect(config={"threads": threads})

    def use(self, kind):
        self.connection.execute(f"create or replace table ids as select {KINDS[kind]} as id from range({self.count}) as t (n)")

    def counts(self, *fractions, cells):
        """How many ids fall into each cell of the fractions' product; every cell, empty ones too."""
        numbers = ", ".join(f"cast(floor({fraction} * {cells} + 1e-9) as integer) as c{i}" for i, fraction in enumerate(fractions))
        names = ", ".join(f"c{i}" for i in range(len(fractions)))
        table = np.zeros([cells] * len(fractions))
        for *cell, count in self.connection.execute(
            f"select {names}, count(*) from (select {numbers} from ids) group by {names}"
        ).fetchall():
            table[tuple(cell)] = count
        assert table.sum() == self.count
        return table


def md5(salt):
    return MACROS.hash_fraction(f"'{salt}'", "id")


def bucket(salt):
    return MACROS.growthbook_bucket(f"'{salt}'", "id")


def namespace(salt):
    return MACROS.growthbook_namespace_bucket(f"'{salt}'", "id")


def independence(table):
    """p of layer, holdout and arm being independent: chi-squared against the product of the margins."""
    total, axes = table.sum(), range(table.ndim)
    margins = [table.sum(axis=tuple(other for other in axes if other != axis)) / total for axis in axes]
    expected = total * np.einsum("i,j,k->ijk", *margins)
    statistic = ((table - expected) ** 2 / expected).sum()
    freedom = table.size - 1 - sum(size - 1 for size in table.shape)
    return stats.chi2.sf(statistic, freedom)


def line(what, kind, p_values, seconds):
    p_values = np.array(p_values)
    uniform = stats.kstest(p_values, "uniform").pvalue if len(p_values) > 4 else float("nan")
    return (
        f"| {what} | {kind} | {len(p_values)} | {p_values.min():.4f} | {np.median(p_values):.3f} | "
        f"{p_values.max():.4f} | {(p_values < 0.01).sum()} | {uniform:.3f} | {seconds / len(p_values):.1f} s |"
    )


def measured(ids, salts, growthbook_salts):
    """A line a question and kind of ids; {question: all p-values}"""
    everything = {}
    salt_texts = [f"{prefix}:{name}" for name in ("cart_recovery", "q3") for prefix in ("arm", "layer", "holdout")]
    salt_texts += [f"arm:experiment_{number}" for number in range(salts)]
    flags = ["my-test", "checkout-button", *(f"exp-{number}" for number in range(growthbook_salts))]
    for kind in KINDS:
        ids.use(kind)
        for what, fraction, names, bins in (
            ("hash_fraction", md5, salt_texts[:salts], BINS),
            ("growthbook_bucket", bucket, flags[:growthbook_salts], BINS),
            ("growthbook_namespace_bucket", namespace, flags[:growthbook_salts], BINS),
        ):
            clock, p_values = Clock(), []
            for name in names:
                p_values.append(stats.chisquare(ids.counts(fraction(name), cells=bins)).pvalue)
            everything.setdefault(what, []).extend(p_values)
            yield line(what, kind, p_values, clock.seconds()["cpu"])
        for what, triples in (
            ("layer, holdout and arm", [
                [md5(f"{part}:{part}_{number}") for part in ("layer", "holdout", "arm")] for number in range(max(salts // 3, 1))
            ]),
            ("the same of one name", [
                [md5(f"{part}:q{number}") for part in ("layer", "holdout", "arm")] for number in range(max(salts // 3, 1))
            ]),
        ):
            clock, p_values = Clock(), []
            for triple in triples:
                p_values.append(independence(ids.counts(*triple, cells=CELLS)))
            everything.setdefault(what, []).extend(p_values)
            yield line(what, kind, p_values, clock.seconds()["cpu"])
        if growthbook_salts:
            clock, p_values = Clock(), []
            for number in range(max(growthbook_salts // 2, 1)):
                triple = [namespace(f"site{number}"), md5("holdout:global"), bucket(f"exp-{number}")]
                p_values.append(independence(ids.counts(*triple, cells=CELLS)))
            everything.setdefault("namespace, holdout and bucket", []).extend(p_values)
            yield line("namespace, holdout and bucket", kind, p_values, clock.seconds()["cpu"])
    for what, p_values in everything.items():
        yield line(what, "all", p_values, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ids", type=int, default=10_000_000)
    parser.add_argument("--salts", type=int, default=24)
    parser.add_argument("--growthbook-salts", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    started = time.perf_counter()
    print(f"{arguments.ids:,} ids of a kind; chi-squared over {BINS} bins, independence over {CELLS}^3 cells")
    print("| p-values of | ids | p-values | least | median | greatest | below 0.01 | uniform: KS p | CPU each |")
    print("|---|---|---|---|---|---|---|---|---|")
    for text in measured(Ids(arguments.ids, arguments.threads), arguments.salts, arguments.growthbook_salts):
        print(text, flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
