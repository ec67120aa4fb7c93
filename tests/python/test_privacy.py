"""Erasure and retention: what the build must not hold is nowhere in it, and nothing else is lost for it.

One person leaves traces in every table, shares a tablet with another, and asks to be erased. Every column of every
table of the built database is searched for whatever names that person, before the request (it is found, or the search
would prove nothing) and after it.
"""

import datetime
import hashlib
import random
import re
from collections import defaultdict

import duckdb
import pytest
from warehouse import seed

from tools.demo import __main__ as generator

AS_OF = "2026-05-01"
SALT = "tessera"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def customer_id(identifier_id):
    return "c_" + hashlib.md5(identifier_id.encode()).hexdigest()


def at(day, hour=12):
    return datetime.datetime(2026, 1, 1) + datetime.timedelta(days=day, hours=hour)


# ---- One person -------------------------------------------------------------------------------------------------

EMAIL, PHONE = "ann.smith@mail.example", "+493012345678"
IDENTIFIERS = {
    "user_id": "user-ann", "anonymous_id": "device-ann", "contact_id": "contact-ann", "email": sha256(EMAIL),
    "phone": sha256(PHONE),
}
# Whatever names the person, in the clear or not.
TRACES = {
    EMAIL, PHONE, "Ann.Smith@Mail.example", "phone-of-ann", "late-device-ann", "order-ann", "guest-order-ann",
    sha256("ann"), sha256("smith"), "needle-of-ann",
    *IDENTIFIERS.values(),
    *(customer_id(f"{kind}:{value}") for kind, value in IDENTIFIERS.items()),
}
# In the base models of a table, and so in what is searched, these never stand at all.
NEVER_HELD = {EMAIL, PHONE, "Ann.Smith@Mail.example"}

BOB = {"contact_id": "contact-bob", "user_id": "user-bob", "account_id": "household", "created_at": at(3)}

EXPERIMENT = "checkout_button_2026_02"


def seeds():
    """One experiment on everybody, finished by as_of, and one that still runs."""
    common = dict(hypothesis="x", segment_id="", unit_type="customer", assignment_source="hashed", layer_from=0, layer_to=1,
                  covariate_window_days=7, primary_metric_key="order_count", planned_relative_lift=0.1, alpha=0.05, power=0.8)
    keys = ("finished", "running")
    return seed(
        experiments=[
            common | dict(experiment_key="finished", layer_key="one", starts_at="2026-02-01", ends_at="2026-03-01",
                          outcome_window_days=14),
            common | dict(experiment_key="running", layer_key="two", starts_at="2026-02-01", ends_at="2027-01-01",
                          outcome_window_days=14),
        ],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "off").lower(), weight=0.5)
            for key in keys for arm in ("off", "on")
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key="order_count") for key in keys],
    )


def write_records(warehouse):
    warehouse.write("web/events", [
        *[{"event_id": f"a{day}", "user_id": "user-ann", "anonymous_id": "device-ann", "event_name": "page_viewed",
           "page_url": f"/needle-of-ann?email={EMAIL}", "referrer_url": "/?e=" + EMAIL.replace("@", "%40"),
           "search_query": f"mail {EMAIL}", "properties": f'{{"email": "{EMAIL}"}}', "occurred_at": at(day)}
          for day in (10, 40, 100)],
        {"event_id": "a-early", "user_id": None, "anonymous_id": "device-ann", "occurred_at": at(5)},
        {"event_id": "a-phone", "user_id": "user-ann", "anonymous_id": "phone-of-ann", "occurred_at": at(41)},
        {"event_id": "a-tablet", "user_id": "user-ann", "anonymous_id": "tablet", "occurred_at": at(42)},
        # Refused rows are about someone too.
        {"event_id": "a-refused", "user_id": "user-ann", "anonymous_id": "device-ann", "occurred_at": at(100_000)},
        {"event_id": "a-twice", "user_id": "user-ann", "occurred_at": at(43)},
        {"event_id": "a-twice", "user_id": "user-ann", "occurred_at": at(43)},
        *[{"event_id": f"b{day}", "user_id": "user-bob", "anonymous_id": "tablet", "occurred_at": at(day)}
          for day in (10, 40, 110)],
        {"event_id": "tablet", "user_id": None, "anonymous_id": "tablet", "occurred_at": at(111)},
        *[{"event_id": f"c{i}", "user_id": f"user-{i}", "occurred_at": at(15 + i % 20)} for i in range(60)],
    ])
    warehouse.write("crm/contacts", [
        {"contact_id": "contact-ann", "user_id": "user-ann", "email": "Ann.Smith@Mail.example", "phone": PHONE,
         "first_name": "Ann", "last_name": "Smith", "account_id": "household", "created_at": at(3)},
        {"contact_id": "contact-ann", "user_id": "user-ann", "email": EMAIL, "created_at": at(2)},
        BOB,
    ])
    warehouse.write("crm/accounts", [{"account_id": "household", "created_at": at(1)}])
    warehouse.write("crm/consents", [
        {"consent_id": "n1", "identifier_type": "email", "identifier_value": EMAIL, "purpose": "email_marketing",
         "recorded_at": at(4)},
        {"consent_id": "n2", "identifier_value": "user-ann", "purpose": "needle-of-ann", "recorded_at": at(4)},
        {"consent_id": "n3", "identifier_value": "user-bob", "purpose": "email_marketing", "recorded_at": at(4)},
    ])
    warehouse.write("shop/orders", [
        {"order_id": "order-ann", "user_id": "user-ann", "ordered_at": at(44)},
        {"order_id": "guest-order-ann", "user_id": None, "email": EMAIL, "anonymous_id": "late-device-ann", "ordered_at": at(45)},
        {"order_id": "order-bob", "user_id": "user-bob", "ordered_at": at(46)},
    ])
    warehouse.write("shop/order_lines", [
        *[{"order_id": order, "line_number": number, "quantity": 1, "product_id": "p"}
          for order in ("order-ann", "guest-order-ann", "order-bob") for number in (1, 2)],
        {"order_id": "order-ann", "line_number": 3, "quantity": -1},
    ])
    warehouse.write("ads/touches", [
        {"touch_id": "t1", "identifier_type": "email", "identifier_value": EMAIL, "touched_at": at(44)},
        {"touch_id": "t2", "identifier_type": "anonymous_id", "identifier_value": "phone-of-ann", "touched_at": at(44),
         "touch_type": "no such"},
        {"touch_id": "t3", "identifier_value": "user-bob", "touched_at": at(44)},
    ])
    warehouse.write("experiments/assignments", [
        {"experiment_key": EXPERIMENT, "identifier_value": "user-ann", "arm_key": "on", "assigned_at": at(32)},
    ])
    warehouse.write("enrichment/attributes", [
        {"provider": "p", "identifier_type": "phone", "identifier_value": PHONE, "attribute_name": "n",
         "attribute_value": "needle-of-ann", "observed_at": at(33), "legal_basis": "consent"},
    ])


# Until a destination confirms that it removed somebody, it has to be told of whom.
AWAITING_REMOVAL = {
    *(f"{table}.{column}" for table in ("main.audience_changes", "main_intermediate.int_audience_batch_rows")
      for column in ("email_sha256", "phone_sha256")), "main_intermediate.int_audience_platform_states.identifier_value",
}  # fmt: skip


def found(warehouse):
    """{trace: the columns in which it stands}, of all tables but for what a destination has to remove. Views hold nothing:
    those that name people show the raw files, which are not the build's."""
    places = defaultdict(set)
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select cast(columns(*) as varchar) from "{schema}"."{table}"')
            for name, values in zip([column[0] for column in rows.description], zip(*rows.fetchall())):
                text = "\n".join(value for value in values if value is not None)
                for trace in TRACES:
                    if trace in text:
                        places[trace].add(f"{schema}.{table}.{name}")
    assert len(tables) > 80
    return {trace: others for trace, columns in places.items() if (others := columns - AWAITING_REMOVAL)}


def unit_counts(warehouse):
    return dict(warehouse.query("select experiment_key, count(*) from main.experiment_assignments group by experiment_key"))


def results(warehouse):
    return warehouse.query("select * from main.experiment_results order by all")


def others(warehouse):
    """What the marts say of everybody else; not the ranks among all buyers, which move up by one."""
    mine = ", ".join(f"'{trace}'" for trace in TRACES)
    ranks = {"customers": "exclude (rfm_recency, rfm_frequency, rfm_monetary)"}
    return {
        mart: warehouse.query(f"select * {ranks.get(mart, '')} from main.{mart} where customer_id not in ({mine}) order by all")
        for mart in ("customers", "customer_identifiers", "customer_features", "segment_memberships")
    }


@pytest.fixture(scope="module")
def erased(new_warehouse):
    """The person in the build, and the builds after a request."""
    warehouse = new_warehouse("erased", seeds=seeds())
    write_records(warehouse)
    # A day in the enrolment of both experiments fills the ledger; then the day on which one is finished.
    warehouse.build(as_of="2026-02-20")
    warehouse.build(as_of=AS_OF)
    warehouse.before = found(warehouse)
    warehouse.units_before, warehouse.results_before = unit_counts(warehouse), results(warehouse)
    warehouse.others_before = others(warehouse)

    warehouse.write("privacy/erasure_requests", [
        {"request_id": "r1", "identifier_type": "email", "identifier_value": EMAIL, "requested_at": at(115)},
        {"request_id": "r2", "identifier_value": "user-ann", "requested_at": at(116)},
        {"request_id": "r3", "identifier_value": "user-nobody", "requested_at": at(116)},
        {"request_id": "r4", "identifier_type": "anonymous_id", "identifier_value": "tablet", "requested_at": at(116)},
        {"request_id": "r5", "identifier_type": "account_id", "identifier_value": "household", "requested_at": at(116)},
        {"request_id": "r6", "identifier_value": "user-bob", "requested_at": at(100_000)},
        {"request_id": "r1", "identifier_value": "user-bob", "requested_at": at(117)},
    ])
    warehouse.build(as_of=AS_OF)
    return warehouse


def test_the_search_finds_what_is_there(erased):
    assert set(erased.before) == TRACES - NEVER_HELD


def test_no_trace_is_left_in_any_column_of_any_table(erased):
    assert found(erased) == {}


def test_what_a_destination_has_to_remove_names_nobody(erased):
    hashes = " or ".join(f"'{trace}' in (email_sha256, phone_sha256)" for trace in TRACES)
    for table in ("main.audience_changes", "main_intermediate.int_audience_batch_rows"):
        rows = erased.query(f"select operation, customer_id from {table} where {hashes}")
        assert rows and all(customer.startswith("erased") for _, customer in rows), table
    assert {operation for operation, _ in erased.query(f"select operation, customer_id from main.audience_changes where {hashes}")} == {"remove"}


def test_nobody_else_is_touched(erased):
    for mart, rows in others(erased).items():
        assert rows == erased.others_before[mart], mart
    assert any("user-bob" in row for row in others(erased)["customer_identifiers"])


def test_a_finished_experiment_keeps_its_figures_and_a_running_one_goes_on_without_the_person(erased):
    assert erased.units_before["finished"] == erased.units_before["running"]
    after = unit_counts(erased)
    assert after["finished"] == erased.units_before["finished"] - 1
    assert after["running"] == erased.units_before["running"] - 1
    assert [row for row in results(erased) if row[0] == "finished"] == [
        row for row in erased.results_before if row[0] == "finished"
    ]
    assert [row for row in results(erased) if row[0] == "running"] != [
        row for row in erased.results_before if row[0] == "running"
    ]


def test_the_ratio_check_counts_who_was_drawn(erased):
    health = erased.query("select experiment_key, detail from main.experiment_health where check_name = 'sample_ratio'")
    for key, detail in health:
        counted = sum(int(part.split()[-1]) for part in detail.removeprefix("units by arm: ").split(", "))
        assert counted == erased.units_before[key]
    log = "main_intermediate.int_experiment_ledger_log"
    assert erased.query(f"select sum(unit_count) from {log} where cause = 'erased'") == [(-2,)]
    # What is left of the ledger is what its log says.
    counted = erased.query(f"select experiment_key, sum(unit_count) from {log} group by experiment_key")
    assert dict(counted) == unit_counts(erased)


def test_each_request_says_what_came_of_it(erased):
    outcomes = dict(erased.query("select request_id, outcome from main_staging.stg_privacy__erasure_requests"))
    assert outcomes == {"r1": "erased", "r2": "erased_before", "r3": "not_found", "r4": "shared_identifier"}
    refused = dict(erased.query("select reason, row_key from main.rejected_rows where source_table = 'privacy/erasure_requests'"))
    assert refused == {"names_no_person": "r5", "timestamp_in_future": "r6", "duplicate_key": "r1"}


def test_rows_are_accounted_for(erased):
    removed = dict(erased.query("select source_table, erased_count from main_staging.stg_privacy__removed_rows"))
    assert removed == {
        "web/events": 9, "crm/contacts": 2, "crm/consents": 2, "shop/orders": 2, "shop/order_lines": 5,
        "ads/touches": 2, "experiments/assignments": 1, "enrichment/attributes": 1,
    }


def test_an_old_file_that_comes_again_does_not_bring_the_person_back(erased):
    """After the request and the records have left the source, an old export is loaded again."""
    (erased.raw / "privacy/erasure_requests/part-0.parquet").unlink()
    erased.write("crm/contacts", [BOB])
    (erased.raw / "shop/orders/part-0.parquet").unlink()
    erased.build(as_of=AS_OF, full_refresh=True)
    assert found(erased) == {}
    assert unit_counts(erased)["running"] == erased.units_before["running"] - 1
    # The tablet had two users; with one of them gone it is still nobody's own.
    tablet = erased.query("select is_used from main_intermediate.int_identity_edges where left_identifier_id = 'anonymous_id:tablet'")
    assert tablet == [(False,)]


def test_another_salt_stops_the_build_and_spoils_nothing(erased):
    sql = "select tombstone from main_staging.base_privacy__tombstones"
    held = set(erased.column(sql))
    assert hashlib.sha256(f"{SALT}:user_id:user-ann".encode()).hexdigest() in held
    erased.environment["TESSERA_ERASURE_SALT"] = "another"
    result = erased.dbt("run", "--select", "base_privacy__tombstones")
    erased.environment.pop("TESSERA_ERASURE_SALT")
    assert not result.success and "TESSERA_ERASURE_SALT is not what it was" in erased.problems(result)
    assert set(erased.column(sql)) == held


# ---- Cases ------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(new_warehouse):
    """Builds what the tombstones need, as often as a test likes, and says whose identifiers are marked."""
    warehouse = new_warehouse("few")

    def build(events=(), contacts=(), requests=()):
        for table, rows in {"web/events": events, "crm/contacts": contacts, "privacy/erasure_requests": requests}.items():
            key = {"web/events": "event_id", "crm/contacts": "contact_id"}.get(table, "request_id")
            warehouse.write(table, [{key: f"{table}{number}"} | row for number, row in enumerate(rows)])
        warehouse.build("+base_privacy__marked_identifiers", "+stg_privacy__erasure_requests")
        marked = warehouse.column(
            "select distinct identifier_id from main_staging.base_privacy__marked_identifiers where marks = 'identifier'"
        )
        outcomes = warehouse.query("select request_id, outcome from main_staging.stg_privacy__erasure_requests")
        return set(marked), dict(outcomes)

    return build


def event(user, device, day):
    return {"user_id": user, "anonymous_id": device, "occurred_at": at(day)}


def request(name, kind, value, day):
    return {"request_id": name, "identifier_type": kind, "identifier_value": value, "requested_at": at(day)}


def test_a_shared_device_stays_shared_when_the_others_have_left_the_source(few):
    both = [event("ann", "tablet", 1), event("bob", "tablet", 2)]
    requests = [request("r1", "user_id", "ann", 5), request("r2", "anonymous_id", "tablet", 6)]
    marked, outcomes = few(both, requests=requests)
    assert marked == {"user_id:ann"} and outcomes == {"r1": "erased", "r2": "shared_identifier"}
    marked, outcomes = few(both[1:], requests=requests)
    assert marked == set() and outcomes["r2"] == "shared_identifier"


def test_what_is_seen_after_the_request_is_not_followed(few):
    """A number that was given to somebody else afterwards, to the second."""
    def contact(name, day, hour=12):
        return {"contact_id": name, "user_id": name, "phone": PHONE, "created_at": at(day, hour)}

    asked = [request("r1", "user_id", "ann", 5)]
    marked, _ = few(contacts=[contact("ann", 1), contact("twin", 5), contact("bob", 5, 12 + 1 / 3600)], requests=asked)
    assert marked == {f"{kind}:{name}" for kind in ("user_id", "contact_id") for name in ("ann", "twin")} | {
        f"phone:{sha256(PHONE)}"
    }


def test_who_was_erased_and_comes_again_with_an_unknown_device_goes_again(few):
    few([event("ann", "phone", 1)], requests=[request("r1", "user_id", "ann", 5)])
    marked, _ = few([event("ann", "laptop", 2), event(None, "laptop", 3), event("bob", "desk", 3)])
    assert marked == {"user_id:ann", "anonymous_id:laptop"}


def test_a_user_id_that_is_an_address_is_the_address(few):
    marked, _ = few([event("Ann@x.example", "phone", 1)], requests=[request("r1", "email", "ann@x.example", 5)])
    assert marked == {f"user_id:{sha256('ann@x.example')}", "anonymous_id:phone"}


# ---- Any graph --------------------------------------------------------------------------------------------------

GRAPHS = 400
LIMITS = {"anonymous_id": 1, "email": 3, "phone": 3}


def random_rows(graph, draw):
    """Rows of a few people in one graph: which identifiers each shows."""

    def some(kind, count, chance=0.7):
        return f"{kind}-{graph}-{draw.randrange(count)}" if draw.random() < chance else None

    rows = []
    for _ in range(draw.randint(1, 9)):
        table = draw.choice(["web/events", "web/events", "crm/contacts", "shop/orders"])
        if table == "web/events":
            row = {"anonymous_id": some("d", 4), "user_id": some("u", 5)}
        elif table == "crm/contacts":
            row = {"contact_id": f"k-{graph}-{len(rows)}", "user_id": some("u", 5), "email": some("e", 3), "phone": some("p", 3)}
        else:
            row = {"anonymous_id": some("d", 4), "user_id": some("u", 5), "email": some("e", 3)}
        rows.append((table, row))
    return rows


def typed(row):
    hashed = {"email": lambda value: sha256(f"{value}@mail.example"), "phone": lambda value: sha256(phone_number(value))}
    return {(kind, hashed.get(kind, str)(value)) for kind, value in row.items() if value is not None}


def phone_number(value):
    _, graph, number = value.split("-")
    return f"+49301{int(graph):05d}{int(number) + 1}"


def expected_closure(rows, start):
    """Breadth first over rows, by hand: an identifier that too many people share leads nowhere."""
    people = defaultdict(lambda: defaultdict(set))
    for row in rows:
        for identifier in typed(row):
            for kind, value in typed(row):
                if kind in ("user_id", "contact_id"):
                    people[identifier][kind].add(value)
    shared = {
        identifier for identifier, kinds in people.items()
        if identifier[0] in LIMITS and max((len(values) for values in kinds.values()), default=0) > LIMITS[identifier[0]]
    }
    if start in shared:
        return set(), shared
    reached, waiting = {start}, [start]
    while waiting:
        identifier = waiting.pop()
        for row in rows:
            if identifier in typed(row):
                for other in typed(row) - shared - reached:
                    reached.add(other)
                    waiting.append(other)
    return reached, shared


def test_a_request_reaches_the_widest_cluster_of_any_graph(new_warehouse):
    warehouse, draw = new_warehouse("graphs"), random.Random(7)
    written, expected, requests = defaultdict(list), set(), []
    for graph in range(GRAPHS):
        rows = random_rows(graph, draw)
        for table, row in rows:
            raw = dict(row)
            if raw.get("email"):
                raw["email"] = f"{raw['email']}@mail.example"
            if raw.get("phone"):
                raw["phone"] = phone_number(raw["phone"])
            key = {"web/events": "event_id", "shop/orders": "order_id"}.get(table)
            if key:
                raw[key] = f"{table}-{len(written[table])}"
            written[table].append(raw)
        names = sorted({(kind, value) for _, row in rows for kind, value in row.items() if value is not None})
        if not names:
            continue
        kind, value = draw.choice(names)
        raw_value = {"email": f"{value}@mail.example"}.get(kind, phone_number(value) if kind == "phone" else value)
        requests.append({"request_id": f"r{graph}", "identifier_type": kind, "identifier_value": raw_value})
        start = next(iter(typed({kind: value})))
        reached, _ = expected_closure([row for _, row in rows], start)
        expected |= {f"{kind}:{value}" for kind, value in reached}
    for table, rows in written.items():
        warehouse.write(table, rows)
    warehouse.write("privacy/erasure_requests", requests)
    warehouse.build("+base_privacy__marked_identifiers")
    marked = set(warehouse.column(
        "select identifier_id from main_staging.base_privacy__marked_identifiers where marks = 'identifier'"
    ))
    assert len(expected) > GRAPHS
    assert marked == expected


# ---- Retention --------------------------------------------------------------------------------------------------


def test_nothing_is_held_past_its_retention_and_what_it_showed_stays_known(new_warehouse):
    """The facts of a finished experiment leave with time; its figures stay. A build that begins only then has neither."""
    limits = {"web/events": 90, "shop/orders": 90}
    warehouse, latecomer = new_warehouse("retention", seeds=seeds()), new_warehouse("latecomer", seeds=seeds())
    for one in (warehouse, latecomer):
        write_records(one)
    warehouse.build(as_of="2026-02-20", retention_days=limits)
    warehouse.build(as_of="2026-04-01", retention_days=limits)
    figures = [row for row in results(warehouse) if row[0] == "finished"]
    assert figures
    assert warehouse.query("select min(treatment_units) > 0 from main.experiment_results where experiment_key = 'finished'") == [(True,)]

    warehouse.build(as_of="2026-09-01", retention_days=limits)
    assert [row for row in results(warehouse) if row[0] == "finished"] == figures
    status = {key: (oldest, removed) for key, oldest, removed in warehouse.query(
        "select scope_key, oldest_at, removed_count from main.retention_status where scope = 'source'"
    )}
    # All events and orders are older than 90 days, but for the one of the year 2299, which is refused.
    assert status["web/events"][1] == 13 + 60 - 1
    assert status["shop/orders"] == (None, 3)
    assert status["ads/touches"] == (at(44), 0)
    assert warehouse.query("select count(*) from main_staging.stg_shop__order_lines") == [(0,)]
    assert warehouse.query("select count(*) from main.rejected_rows where source_table = 'shop/order_lines'") == [(0,)]

    # Who builds for the first time after the facts have gone has no figures either, and makes none up.
    latecomer.build(as_of="2026-09-01", retention_days=limits)
    assert [row for row in results(latecomer) if row[0] == "finished" and row[-1]] == []


# ---- A retention never gives a consent --------------------------------------------------------------------------

LIMITED_TABLES = ("web/events", "crm/contacts", "shop/orders", "crm/consents", "ads/touches", "enrichment/attributes")
RETENTIONS = [{"web/events": 90}, {"crm/contacts": 90, "shop/orders": 90}, dict.fromkeys(LIMITED_TABLES, 90)]
OLD, RECENT = 10, 100


def write_decisions(warehouse):
    """People whose yes is young and stands on another identifier than their younger no; only rows of long ago show
    that the two are one person's."""
    rows = defaultdict(list)

    def decided(status, kind, value, day, purpose="email_marketing"):
        rows["crm/consents"].append(
            {"consent_id": f"d{len(rows['crm/consents'])}", "identifier_type": kind, "identifier_value": value,
             "purpose": purpose, "status": status, "recorded_at": at(day)}
        )  # fmt: skip

    def seen(user, device, day):
        rows["web/events"].append(event(user, device, day) | {"event_id": f"w{len(rows['web/events'])}"})

    for user in ("by_event", "by_contact", "by_order", "by_chain", "by_tablet", "other", "by_repeat", "plain", "old_no"):
        seen(user, None, RECENT + 10)
        decided("granted", "user_id", user, RECENT)
        rows["enrichment/attributes"].append(
            {"provider": "p", "identifier_value": user, "attribute_name": "a", "attribute_value": "v",
             "observed_at": at(RECENT), "legal_basis": "consent"}
        )  # fmt: skip
        if user != "old_no":
            decided("granted", "user_id", user, RECENT, "ad_personalisation")
    # An event, a contact, an order.
    seen("by_event", "old_phone", OLD)
    decided("withdrawn", "anonymous_id", "old_phone", RECENT + 1)
    rows["crm/contacts"].append({"contact_id": "k1", "user_id": "by_contact", "email": "one@mail.example", "created_at": at(OLD)})
    decided("withdrawn", "email", "one@mail.example", RECENT + 1)
    rows["shop/orders"].append({"order_id": "o1", "user_id": "by_order", "email": "two@mail.example", "ordered_at": at(OLD)})
    decided("withdrawn", "email", "two@mail.example", RECENT + 1)
    # A chain, in the middle of which no young row stands.
    rows["shop/orders"].append({"order_id": "o2", "user_id": "by_chain", "email": "three@mail.example", "ordered_at": at(OLD)})
    rows["crm/contacts"].append({"contact_id": "k2", "user_id": "chained", "email": "three@mail.example", "created_at": at(OLD)})
    seen("chained", "chained_phone", OLD + 1)
    decided("withdrawn", "anonymous_id", "chained_phone", RECENT + 1)
    # A tablet that long ago had two users: a yes on it counts for nobody, a no for both.
    seen("by_tablet", "family_tablet", OLD)
    seen("other", "family_tablet", RECENT + 10)
    decided("withdrawn", "anonymous_id", "family_tablet", RECENT + 1)
    decided("granted", "anonymous_id", "family_tablet", RECENT + 2)
    # An order that was sent again under another address: the first counts, also when it has gone.
    for email, day in (("four@mail.example", OLD), ("five@mail.example", RECENT)):
        rows["shop/orders"].append({"order_id": "o3", "user_id": "by_repeat", "email": email, "ordered_at": at(day)})
    decided("withdrawn", "email", "four@mail.example", RECENT + 1)
    decided("granted", "email", "five@mail.example", RECENT + 5)
    # A no of long ago, which hides what was bought; and one that was taken back.
    decided("withdrawn", "user_id", "old_no", OLD, "ad_personalisation")
    decided("withdrawn", "user_id", "plain", OLD, "ad_personalisation")
    for table, records in rows.items():
        warehouse.write(table, records)


def decisions(warehouse):
    """What stands for whom: grants, withdrawals and shown attributes by identifier."""
    of_identifiers = "from main_intermediate.int_identity_map inner join {} using (customer_id) where {}"

    def found(columns, table, condition):
        return set(warehouse.query(f"select identifier_id, {columns} " + of_identifiers.format(table, condition)))

    return {
        "known": set(warehouse.column("select identifier_id from main_intermediate.int_identity_map")),
        "granted": found("purpose", "main_intermediate.int_customer_consents", "is_granted"),
        "unsubscribed": found("scope_key", "main.suppressions", "reason = 'unsubscribed'"),
        "withdrawn": found("purpose", "main_intermediate.int_customer_consents", "not is_granted"),
        "attributes": found("attribute_name, attribute_value, observed_at", "main.customer_attributes", "true"),
    }


def exported(warehouse):
    """The addresses that leave, with the purpose that their owner must have granted."""
    return set(warehouse.query("""
        select distinct 'email:' || email_sha256, required_consent
        from main.audience_members inner join main_configuration.destinations using (destination_key)
        where email_sha256 is not null
    """))


def assert_a_limit_allows_nothing(limits, without, limited):
    assert limited["granted"] <= without["granted"], limits
    assert limited["attributes"] <= without["attributes"], limits
    for kind in ("unsubscribed", "withdrawn"):
        lost = {(one, more) for one, more in without[kind] - limited[kind] if one in limited["known"]}
        assert not lost, (limits, kind)


def test_no_retention_gives_a_consent_that_links_of_long_ago_withdraw(new_warehouse):
    warehouse = new_warehouse("decisions")
    write_decisions(warehouse)
    names = "select identifier_id, customer_id from main_intermediate.int_identity_map"

    def build(limits, *more, full_refresh=False):
        selection = ("+suppressions", "+customer_attributes", "stg_privacy__past_sightings", *more)
        warehouse.build(*selection, as_of=AS_OF, retention_days=limits, full_refresh=full_refresh)
        return decisions(warehouse), dict(warehouse.query(names))

    without, called = build({})
    # by_repeat stays withdrawn: five@mail.example is of a copy that does not count.
    assert {one for one, purpose in without["granted"] if purpose == "email_marketing"} == {"user_id:plain", "user_id:old_no"}
    shown = {one for one, *_ in without["attributes"]}
    assert "user_id:plain" in shown and "user_id:old_no" not in shown
    for limits in RETENTIONS:
        limited, today = build(limits)
        assert_a_limit_allows_nothing(limits, without, limited)
        assert today.items() <= called.items(), limits
    # Who builds with the limits for the first time finds the same.
    assert build(RETENTIONS[-1], full_refresh=True) == (limited, today)
    # What stays of a row is who it showed to be one.
    assert warehouse.query("select count(*) from main_staging.stg_privacy__past_sightings") == [(8,)]
    assert build({}) == (without, called)


def test_no_retention_gives_a_consent_in_the_demo(new_warehouse):
    # Small segments are exported too.
    letter = dict(destination_key="newsletter", platform="generic", purpose="x", required_consent="email_marketing",
                  min_audience_size=1, campaign_platform="email", frequency_cap=2, frequency_window_days=7)  # fmt: skip
    warehouse = new_warehouse("limited", seeds=seed(destinations=[letter]))
    generator.main(["--customers", "300", "--raw", str(warehouse.raw)])
    warehouse.build("+suppressions", "+customer_attributes", retention_days={})
    without = decisions(warehouse)
    warehouse.build("+audience_members", "+customer_attributes", retention_days=RETENTIONS[-1])
    limited = decisions(warehouse)
    assert_a_limit_allows_nothing(RETENTIONS[-1], without, limited)
    assert len(limited["granted"]) < len(without["granted"]) and limited["attributes"] < without["attributes"]
    assert exported(warehouse) and exported(warehouse) <= without["granted"]


# ---- Nothing in the clear ---------------------------------------------------------------------------------------

ADDRESS = re.compile(r"[\w.+-]+(@|%40)[\w-]+\.[a-z]{2,}", re.IGNORECASE)
TELEPHONE = re.compile(r"(?<![\w.-])(\+|00)[1-9][0-9 ()/-]{7,}[0-9](?![\w.-])")
# What names a person, and what a column of hashes is called.
NAMED = re.compile(r"e_?mail|phone|first_name|last_name|full_name|birth|street")
HASHED = re.compile(r"_hash$|_sha256$|^has_|^is_|_count$")


@pytest.fixture(scope="module")
def demo(new_warehouse):
    """The demo, whose contacts have names, addresses and telephone numbers."""
    warehouse = new_warehouse("demo")
    generator.main(["--raw", str(warehouse.raw), "--chapter", "1", "--customers", "300", "--seed", "7"])
    warehouse.build()
    return warehouse


def test_an_address_that_is_typed_where_none_belongs_is_not_held(new_warehouse):
    """Into a ticket's number, the source of a consent, a legal basis, a type. Two such tickets stay two."""
    warehouse = new_warehouse("typed")
    address = "typed.in@mail.example"
    warehouse.write("privacy/erasure_requests", [
        request(f"mail of {address}", "user_id", "nobody-1", 10), request(f"second mail of {address}", "user_id", "nobody-2", 10),
        request("swapped", address, "email", 10),
    ])  # fmt: skip
    warehouse.write("crm/consents", [
        {"consent_id": f"c {address}", "identifier_value": "bob", "source": f"mail of {address}", "purpose": address},
        {"consent_id": "c2", "identifier_value": "bob", "source": f"mail of {address}"},
    ])
    warehouse.write("enrichment/attributes", [{"identifier_value": "bob", "legal_basis": f"agreed by {address}"}])
    warehouse.build("+rejected_rows", "+stg_enrichment__attributes", "+stg_crm__consents", "+stg_privacy__erasure_requests", as_of=AS_OF)
    requests = warehouse.query("select request_id, outcome from main_staging.stg_privacy__erasure_requests")
    assert dict(requests) == {sha256(f"{words} {address}"): "not_found" for words in ("mail of", "second mail of")}
    assert warehouse.query("select legal_basis from main_staging.stg_enrichment__attributes") == [("agreed by [e-mail]",)]
    assert warehouse.query("select consent_source from main_staging.stg_crm__consents") == [("mail of [e-mail]",)]
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        ).fetchall():
            held = connection.execute(
                f'select 1 from "{schema}"."{table}" as one where contains(cast(one as varchar), ?)', ["typed.in@"]
            ).fetchall()
            assert not held, (schema, table)


def test_the_patterns_see_what_they_are_for():
    assert ADDRESS.search("x?mail=ann.b@mail.example&y") and ADDRESS.search("ann%40mail.example")
    assert TELEPHONE.search("call +49 30 1234567") and TELEPHONE.search('"0049301234567"')
    assert not TELEPHONE.search("2026-04-01 00:00:00") and not TELEPHONE.search("c_0012345678901")
    assert NAMED.search("first_name") and HASHED.search("email_hash")


def test_no_address_number_or_name_is_in_the_clear(demo):
    raw = duckdb.connect()
    people = raw.execute(
        f"select first_name, last_name, email, phone from '{demo.raw}/crm/contacts/*.parquet' where email is not null"
    ).fetchall()
    secrets = {value.strip().lower() for row in people for value in row[2:] if value and len(value) > 6}
    assert len(secrets) > 100
    surnames = {row[1].strip().lower() for row in people if row[1] and len(row[1]) > 3}
    findings, cells = [], 0
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        ).fetchall():
            rows = connection.execute(f'select cast(columns(*) as varchar) from "{schema}"."{table}"')
            for (name, *_), values in zip(rows.description, zip(*rows.fetchall())):
                if NAMED.search(name) and not HASHED.search(name) and table not in ("int_identity_sightings",):
                    findings.append(f"{table}.{name} is called like something in the clear")
                for value in {value for value in values if value}:
                    cells += 1
                    if ADDRESS.search(value) or TELEPHONE.search(value) or value.lower() in secrets | surnames:
                        findings.append(f"{table}.{name}: {value[:80]}")
    assert cells > 10_000
    assert findings == []
