"""Attribution against an algorithm of its own, on random paths: written over single records in Python, where the models
join and count."""

import collections
import datetime
import math
import random

import pytest

AS_OF = datetime.datetime(2026, 4, 1)
DAYS, LOOKBACK, HALF_LIFE = 60, 20, 3.5
SEEN = {"impression", "click", "open"}
MODELS = ("first", "last", "linear", "position_based", "time_decay")
USERS = [f"u{i}" for i in range(250)]


def moments(rng, count, first, last):
    """Whole hours, so that many of them are the same."""
    hours = int((last - first).total_seconds() // 3600)
    return [first + datetime.timedelta(hours=rng.randrange(hours)) for _ in range(count)]


@pytest.fixture(scope="module")
def records():
    rng = random.Random(20260401)
    first = AS_OF - datetime.timedelta(days=DAYS + LOOKBACK + 10)
    touches, orders, consents = [], [], []
    for user in USERS:
        for i, at in enumerate(moments(rng, rng.choice([0, 1, 3, 12, 40]), first, AS_OF + datetime.timedelta(days=3))):
            kind = rng.choice([*SEEN, "send", "would_be_impression"])
            touches.append(dict(touch_id=f"{user}-{i}", campaign_id=rng.choice(["a", "b", None]), identifier_value=user,
                                touch_type=kind, touched_at=at))  # fmt: skip
        for i, at in enumerate(moments(rng, rng.choice([0, 1, 2, 5]), first, AS_OF + datetime.timedelta(days=3))):
            orders.append(dict(order_id=f"o-{user}-{i}", user_id=user, ordered_at=at, order_amount=rng.randrange(1, 200),
                               order_status=rng.choice(["completed"] * 4 + ["returned"])))  # fmt: skip
        for i, at in enumerate(moments(rng, rng.choice([0, 1, 1, 1, 3]), first, AS_OF - datetime.timedelta(days=LOOKBACK))):
            consents.append(dict(consent_id=f"c-{user}-{i}", identifier_value=user, purpose="analytics", recorded_at=at,
                                 status=rng.choice(["granted"] * 4 + ["withdrawn"])))  # fmt: skip
    return touches, orders, consents


@pytest.fixture(scope="module")
def warehouse(new_warehouse, records):
    made = new_warehouse("attribution")
    for table, rows in zip(("ads/touches", "shop/orders", "crm/consents"), records):
        made.write(table, rows)
    made.build("+conversion_attribution", as_of="2026-04-01", attribution_days=DAYS,
               attribution_lookback_days=LOOKBACK, attribution_half_life_days=HALF_LIFE)  # fmt: skip
    return made


def usable_from(decisions):
    """Since when the consent that holds is in force, by going through what was said in its order."""
    since = None
    for at, status in sorted((row["recorded_at"], row["status"]) for row in decisions):
        # A withdrawal sorts behind a grant of the same moment, and wins.
        since = None if status == "withdrawn" else since or at
    return since


def shares(touches, ordered_at):
    """{model: {touch: its part}} of touches in their order."""
    count = len(touches)
    names = [row["touch_id"] for row in touches]
    weights = [0.5 ** ((ordered_at - row["touched_at"]).total_seconds() / 86400 / HALF_LIFE) for row in touches]
    ends = [0.4, *[0.2 / max(count - 2, 1)] * (count - 2), 0.4] if count > 2 else [1 / count] * count
    return {
        "first": {names[0]: 1.0},
        "last": {names[-1]: 1.0},
        "linear": dict.fromkeys(names, 1 / count),
        "position_based": dict(zip(names, ends)),
        "time_decay": {name: weight / sum(weights) for name, weight in zip(names, weights)},
    }


@pytest.fixture(scope="module")
def wanted(records):
    touches, orders, consents = records
    of = collections.defaultdict(lambda: ([], []))
    for row in touches:
        of[row["identifier_value"]][0].append(row)
    for row in consents:
        of[row["identifier_value"]][1].append(row)
    found = {}
    for order in orders:
        at = order["ordered_at"]
        if order["order_status"] != "completed" or not AS_OF - datetime.timedelta(days=DAYS) <= at < AS_OF:
            continue
        seen, decisions = of[order["user_id"]]
        since = usable_from(decisions)
        path = sorted(
            (row for row in seen if since and row["touch_type"] in SEEN and row["touched_at"] >= since
             and at - datetime.timedelta(days=LOOKBACK) <= row["touched_at"] < at),
            key=lambda row: (row["touched_at"], row["touch_id"]),
        )  # fmt: skip
        for model, parts in shares(path, at).items() if path else ():
            found |= {(order["order_id"], touch, model): (part, part * order["order_amount"]) for touch, part in parts.items()}
    return found


def test_every_part_is_that_of_the_records(warehouse, wanted):
    rows = warehouse.query("select order_id, touch_id, model, credit, revenue_amount from main.conversion_attribution")
    found = {row[:3]: row[3:] for row in rows}
    assert len(found) == len(rows) and found.keys() == wanted.keys()
    wrong = [
        (key, found[key], parts) for key, parts in wanted.items()
        if not all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(found[key], parts))
    ]  # fmt: skip
    assert not wrong


def test_the_paths_are_of_every_kind(wanted):
    """Else the test above would not have asked."""
    lengths = collections.Counter(
        collections.Counter(order for order, _, model in wanted if model == "linear").values()
    )
    assert all(lengths[n] for n in (1, 2, 3, 4)) and max(lengths) > 8 and sum(lengths.values()) > 40


@pytest.mark.parametrize("model", MODELS)
def test_the_parts_of_an_order_are_the_order(warehouse, model):
    (worst,) = warehouse.column(f"""
        select max(abs(total - 1)) from (
            select sum(credit) as total from main.conversion_attribution where model = '{model}' group by order_id
        )
    """)
    assert worst < 1e-9


def test_a_touch_before_any_consent_and_of_who_withdrew_is_not_used(warehouse, records):
    touches, _, consents = records
    since = {user: usable_from([row for row in consents if row["identifier_value"] == user]) for user in USERS}
    early = {row["touch_id"] for row in touches
             if not since[row["identifier_value"]] or row["touched_at"] < since[row["identifier_value"]]}  # fmt: skip
    assert len(early) > 100, "there are such touches"
    held = set(warehouse.column("select touch_id from main_intermediate.int_consented_touches"))
    assert held and not held & early


def test_a_retention_of_touches_shortens_what_is_shared_out(warehouse):
    """Of an order whose lookback is not held whole, the first touch is not known."""
    limits = dict(as_of="2026-04-01", attribution_days=DAYS, attribution_lookback_days=LOOKBACK,
                  retention_days={"ads/touches": 50})  # fmt: skip
    warehouse.build("int_identifier_touches", "int_consented_touches", "int_conversion_touches", "conversion_attribution", **limits)
    (first,) = warehouse.column("select min(ordered_at) from main.conversion_attribution")
    assert AS_OF - datetime.timedelta(days=30) <= first < AS_OF - datetime.timedelta(days=28)
    (touched,) = warehouse.column("select min(touched_at) from main.conversion_attribution")
    assert touched >= AS_OF - datetime.timedelta(days=50)
