"""GrowthBook's arithmetic in SQL gives what its SDKs publish as test vectors.

The vectors are those of packages/sdk-js/test/cases.json (specVersion 0.5.4), test/utils.test.ts and test/cases/fnv.json
in github.com/growthbook/growthbook. What is left out of them: hash version 99, which no SDK has; experiments of weights
that do not sum to 1, a number of weights that is none of the arms', and coverages outside 0 to 1, which the seeds' tests
refuse here and an SDK replaces by others.
"""

import duckdb
import pytest
from sql_macros import MacroLibrary, evaluate

FILES = ("macros/project/growthbook.sql", "macros/engine/hash_fnv32a.sql")


class Macros(MacroLibrary):
    @staticmethod
    def type_string():
        return "varchar"


MACROS = Macros(*FILES)

HASHES = [
    # seed, value, version, fraction
    ("", "a", 1, 0.22), ("", "b", 1, 0.077), ("b", "a", 1, 0.946), ("ef", "d", 1, 0.652),
    ("asdf", "8952klfjas09ujk", 1, 0.549), ("", "123", 1, 0.011), ("", '___)((*":&', 1, 0.563),
    ("seed", "a", 2, 0.0505), ("seed", "b", 2, 0.2696), ("foo", "ab", 2, 0.2575), ("foo", "def", 2, 0.2019),
    ("89123klj", "8952klfjas09ujkasdf", 2, 0.124), ("90850943850283058242805", "123", 2, 0.7516),
    ("()**(%$##$%#$#", '___)((*":&', 2, 0.0128),
    # The buckets of the cases `feature` and `stickyBucket`.
    ("feature", "123", 2, 0.5231), ("feature-exp", "d123", 2, 0.6468), ("feature-exp", "i123", 2, 0.9943),
]
# test/cases/fnv.json: value, hash modulo 1000
FNV = [("a", 220), ("b", 77), ("ab", 946), ("def", 652), ("8952klfjas09ujkasdf", 549), ("123", 11), ('___)((*":&', 563)]
RANGES = [
    # weights, coverage, ranges
    ([0.5, 0.5], 1, [[0, 0.5], [0.5, 1]]),
    ([0.5, 0.5], 0.5, [[0, 0.25], [0.5, 0.75]]),
    ([0.5, 0.5], 0, [[0, 0], [0.5, 0.5]]),
    ([0.25] * 4, 1, [[0, 0.25], [0.25, 0.5], [0.5, 0.75], [0.75, 1]]),
    ([0.4, 0.6], 1, [[0, 0.4], [0.4, 1]]),
    ([0.2, 0.3, 0.5], 1, [[0, 0.2], [0.2, 0.5], [0.5, 1]]),
    ([0.2, 0.3, 0.5], 0.2, [[0, 0.04], [0.2, 0.26], [0.5, 0.6]]),
    ([0.4, 0.6], 0.1, [[0, 0.04], [0.4, 0.46]]),
]
EVEN, REDUCED, ZERO = [[0, 0.5], [0.5, 1]], [[0, 0.25], [0.5, 0.75]], [[0, 0.5], [0.5, 0.5], [0.5, 1]]
CHOICES = [
    # bucket, ranges, variation
    (0.2, EVEN, 0), (0.4, EVEN, 0), (0.6, EVEN, 1), (0.8, EVEN, 1), (0, EVEN, 0), (0.5, EVEN, 1),
    (0.2, REDUCED, 0), (0.4, REDUCED, -1), (0.6, REDUCED, 1), (0.8, REDUCED, -1), (0.25, REDUCED, -1), (0.5, REDUCED, 1),
    (0.5, ZERO, 2),
]
NAMESPACES = [
    # user, namespace, whether in 0 to 0.4; else in 0.4 to 1
    ("1", "namespace1", False), ("1", "namespace2", False), ("2", "namespace1", False), ("2", "namespace2", False),
    ("3", "namespace1", False), ("3", "namespace2", True), ("4", "namespace1", False), ("4", "namespace2", True),
]


def of_texts(expression, **columns):
    return evaluate(expression, {name: [value] for name, value in columns.items()}, dict.fromkeys(columns, "varchar"))[0]


@pytest.mark.parametrize(("seed", "value", "version", "expected"), HASHES)
def test_hash(seed, value, version, expected):
    if version == 2:
        assert of_texts(MACROS.growthbook_bucket("seed", "value"), seed=seed, value=value) == expected
    else:
        assert of_texts(f"mod({MACROS.fnv32a('value || seed')}, 1000) / 1000e0", seed=seed, value=value) == expected


@pytest.mark.parametrize(("value", "expected"), FNV)
def test_fnv32a(value, expected):
    assert of_texts(MACROS.fnv32a("value"), value=value) % 1000 == expected


@pytest.mark.parametrize(("weights", "coverage", "expected"), RANGES)
def test_ranges(weights, coverage, expected):
    """Of the 10,000 buckets that there are, each arm takes those of its published range."""
    buckets = [number / 10000 for number in range(10000)]
    start = 0
    for weight, (low, high) in zip(weights, expected, strict=True):
        taken = evaluate(MACROS.growthbook_takes("bucket", *(f"{float(one)!r}::double" for one in (start, weight, coverage))), {"bucket": buckets})
        # The published ends are decimals; a bucket on one is in or out by what an SDK's doubles add up to.
        assert [bucket for bucket, one in zip(buckets, taken) if one] == [
            bucket for bucket in buckets if start <= bucket < start + coverage * weight
        ]
        assert (start, start + coverage * weight) == pytest.approx((low, high))
        start += weight


@pytest.mark.parametrize(("bucket", "ranges", "expected"), CHOICES)
def test_choice(bucket, ranges, expected):
    takes = [
        evaluate(MACROS.growthbook_takes("bucket", f"{low}::double", f"{high - low}::double", "1"), {"bucket": [bucket]})[0]
        for low, high in ranges
    ]
    assert (takes.index(True) if any(takes) else -1) == expected
    assert sum(takes) <= 1


@pytest.mark.parametrize(("user", "namespace", "is_low"), NAMESPACES)
def test_namespace(user, namespace, is_low):
    bucket = of_texts(MACROS.growthbook_namespace_bucket("namespace", "user_id"), namespace=namespace, user_id=user)
    assert (bucket < 0.4) == is_low


@pytest.mark.parametrize(("namespace", "low", "high", "expected"), [
    ("namespace1", 0, 0.4, 4042), ("namespace1", 0.4, 1, 5958), ("namespace2", 0, 0.4, 3984),
])
def test_namespaces_of_ten_thousand_users(namespace, low, high, expected):
    bucket = MACROS.growthbook_namespace_bucket(f"'{namespace}'", "cast(n as varchar)")
    assert duckdb.sql(
        f"select count(*) from (select {bucket} as bucket from range(10000) as users (n)) where bucket >= {low} and bucket < {high}"
    ).fetchall() == [(expected,)]


def fnv32a(text):
    """As JavaScript has it: over UTF-16 code units."""
    units = text.encode("utf-16-be")
    state = 2166136261
    for place in range(0, len(units), 2):
        state = ((state ^ int.from_bytes(units[place:place + 2])) * 16777619) % 2**32
    return state


@pytest.mark.parametrize("text", ["", " ", "é", "e\u0301", "größe", "中文", "🙂", "a🙂b", "🇩🇪", "\uffff", "it's"])
def test_other_letters_are_hashed_by_their_code_units(text):
    assert of_texts(MACROS.fnv32a("value"), value=text) == fnv32a(text)


def test_null_in_null_out():
    for seed, value in [(None, "a"), ("a", None)]:
        assert of_texts(MACROS.growthbook_bucket("seed", "value"), seed=seed, value=value) is None
        assert of_texts(MACROS.growthbook_namespace_bucket("seed", "value"), seed=seed, value=value) is None


def test_spark_reads_the_code_units_from_utf_16():
    assert "encode(u, 'UTF-16BE')" in Macros(*FILES, target="spark").fnv32a("u")
