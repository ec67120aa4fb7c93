"""A past day gives what it gave: nothing that happened since, no earlier run and no interrupted one leaves a trace.

The raw files are the demo's first chapter, January to March. Compared are all tables of the warehouse after staging,
row by row and digit by digit.
"""

import datetime
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from warehouse import Warehouse, seed

from tools.demo import contract
from tools.demo.generate import Request, generate
from tools.project import ROOT

CUSTOMERS = 500
DAY, LAST_DAY = "2026-03-01", "2026-04-01"
# Scores need two horizons of history, and to be judged three; the demo begins in January.
HORIZONS = {"propensity_horizon_days": 14, "value_horizon_days": 14}
KILLS = 2

# What describes the files as they are, not the people as they were on a day.
OF_THE_FILES = {
    # Rows refused and rows held, whenever they claim to be from.
    "main.rejected_rows",
    "main.retention_status",
    # Views over tables that are made by day.
    "main_intermediate.int_identifier_cart_events",
    "main_intermediate.int_identifier_category_daily",
}

# It notes when it was written.
OF_THE_RUN = {"main_intermediate.int_experiment_finished_statistics"}

# What may stand at the destinations before the run: a second run of a day knows the batches of the first.
BEFORE_THE_RUN = {"main_intermediate.int_audience_platform_states", "main_intermediate.int_audience_sent_batches"}

# When a run learned of a row or wrote it is its own.
ROWS = "columns(lambda name: name not in ('known_at', 'logged_at', 'planned_at'))"

# What makes a row known, and from when: the file as it was on a day holds the rows before it. Products and campaigns
# carry no time, and a request to be erased counts on whatever day is built. Rows without a time are broken on any day.
KNOWN_FROM = {
    "web/events": "occurred_at",
    "crm/contacts": "created_at",
    "crm/accounts": "created_at",
    "crm/consents": "recorded_at",
    "shop/orders": "ordered_at",
    "ads/daily_delivery": "delivery_date",
    "ads/touches": "touched_at",
    "experiments/assignments": "assigned_at",
    "enrichment/attributes": "observed_at",
}
# Of an account, the file of a day holds what had happened by then: its row is rewritten as its trial goes on.
ACCOUNT = f"""
    * replace (
        case when trial_started_at < '{DAY}' then trial_started_at end as trial_started_at,
        case when trial_started_at < '{DAY}' then trial_ends_at end as trial_ends_at,
        case when converted_at < '{DAY}' then converted_at end as converted_at
    )
"""

# Experiments that are at work in March: one of another system, with outcomes, and two that this project deals.
EXPERIMENTS = {
    "checkout_button_2026_02": ("external", "customer", "", {"control": 0.5, "green_button": 0.5}),
    "visitors": ("hashed", "customer", "frequent_visitors", {"control": 0.5, "treatment": 0.5}),
    "companies": ("hashed", "account", "", {"control": 0.5, "treatment": 0.5}),
}
METRICS = ["purchase_rate", "order_count", "revenue", "trial_conversion", "advanced_feature_uses"]


def seeds():
    return seed(
        experiments=[
            dict(experiment_key=key, hypothesis="x", segment_id=segment, unit_type=unit_type, assignment_source=source,
                 layer_key=key if source == "hashed" else "", layer_from=0, layer_to=1, starts_at="2026-02-01",
                 ends_at="2026-06-01", outcome_window_days=14, covariate_window_days=14,
                 primary_metric_key="purchase_rate", planned_relative_lift=0.1, alpha=0.05, power=0.8)
            for key, (source, unit_type, segment, _) in EXPERIMENTS.items()
        ],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=weight)
            for key, settings in EXPERIMENTS.items()
            for arm, weight in settings[-1].items()
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric) for key in EXPERIMENTS for metric in METRICS],
        # A destination that takes the smallest audience, since the demo is small.
        destinations=[dict(destination_key="mail", platform="generic", purpose="x", required_consent="email_marketing",
                           min_audience_size=1)],
        segment_destinations=[dict(segment_id="frequent_visitors@%", destination_key="mail")],
    )


@pytest.fixture(scope="module")
def raw(tmp_path_factory, new_warehouse):
    folder = tmp_path_factory.mktemp("demo") / "raw"
    generate(Request(raw=folder, customers=CUSTOMERS, seed=3))
    write_march(new_warehouse("march", raw=folder))
    return folder


def write_march(warehouse):
    """What a small demo may not have: people whom February knew and to whom something happened in March."""
    february, march = datetime.datetime(2026, 2, 25), datetime.datetime(2026, 3, 10)
    people = ("trial", "erased", "moved", "staff")
    warehouse.write("web/events", name="march.parquet", rows=[
        {"event_id": f"{who}-{number}", "event_name": "advanced_feature_used", "user_id": who, "occurred_at": at}
        for who in people
        for number, at in enumerate([february, february, march])
    ])
    # Enough buyers in February for scores to be learnt from, who buy again in March.
    buyers = [f"buyer-{number}" for number in range(24)]
    warehouse.write("web/events", name="buyers.parquet", rows=[
        {"event_id": who, "event_name": "product_viewed", "user_id": who, "occurred_at": datetime.datetime(2026, 1, 25)}
        for who in buyers
    ])
    warehouse.write("shop/orders", name="buyers.parquet", rows=[
        {"order_id": f"{who}-{at:%d}", "user_id": who, "ordered_at": at, "order_amount": 10 + number}
        for number, who in enumerate(buyers)
        for at in (datetime.datetime(2026, 2, 6), datetime.datetime(2026, 2, 20), march)
    ])
    warehouse.write("crm/accounts", name="march.parquet", rows=[
        {"account_id": "converts", "trial_started_at": february, "trial_ends_at": march, "converted_at": march,
         "created_at": february},
        {"account_id": "starts", "trial_started_at": march, "created_at": february},
    ])
    contact = {"contact_id": "c-trial", "user_id": "trial", "account_id": "converts", "created_at": february}
    warehouse.write("crm/contacts", name="march.parquet", rows=[
        contact,
        {**contact, "contact_id": "c-moved-1", "user_id": "moved"},
        # A second contact each, which moves one to another account and makes the other staff.
        {**contact, "contact_id": "c-moved-2", "user_id": "moved", "account_id": "starts", "created_at": march},
        {**contact, "contact_id": "c-staff", "user_id": "staff", "is_internal": True, "created_at": march},
    ])
    warehouse.write("privacy/erasure_requests", name="march.parquet", rows=[
        {"request_id": "march", "identifier_value": "erased", "requested_at": march},
    ])


@pytest.fixture(scope="module")
def cut(raw, tmp_path_factory):
    """The raw files as they were at the beginning of DAY."""
    folder = tmp_path_factory.mktemp("cut")
    left_out = {}
    with duckdb.connect() as connection:
        # The demo has no report of an upload before there was an audience to upload.
        for table in (name for name in contract.TABLES if any((raw / name).glob("*.parquet"))):
            files = f"read_parquet('{raw}/{table}/*.parquet', union_by_name = true)"
            known = "true"
            if table in KNOWN_FROM:
                known = f"coalesce({KNOWN_FROM[table]} < '{DAY}', true)"
            elif table == "shop/order_lines":
                orders = f"read_parquet('{raw}/shop/orders/*.parquet', union_by_name = true)"
                known = f"order_id not in (select order_id from {orders} where order_id is not null and ordered_at >= '{DAY}')"
            (folder / table).mkdir(parents=True)
            connection.execute(f"""
                copy (select {ACCOUNT if table == "crm/accounts" else "*"} from {files} where {known})
                to '{folder}/{table}/part-0.parquet' (format parquet)
            """)
            (left_out[table],) = connection.execute(f"select count(*) from {files} where not ({known})").fetchone()
    # The premise: of every table that grows, something lies ahead.
    assert all(left_out[table] for table in [*KNOWN_FROM, "shop/order_lines"] if table != "experiments/assignments")
    return folder


@pytest.fixture(scope="module")
def replayed(new_warehouse, raw):
    """DAY, built from files that go on for a month."""
    warehouse = new_warehouse("replayed", raw=raw, seeds=seeds())
    warehouse.build(as_of=DAY, **HORIZONS)
    return warehouse


# ---- Comparing two databases ------------------------------------------------------------------------------------


def tables(database):
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            row[0]: row[1]
            for row in connection.execute("""
                select table_schema || '.' || table_name, table_type from information_schema.tables
                where table_schema like 'main%'
            """).fetchall()
        }


def differences(database, other, ignored=()):
    """One line for each table after staging of which the databases hold different rows, and one where they do not hold
    the same tables; and how many rows were compared."""
    lines, compared = [], 0
    names, other_names = tables(database), tables(other)
    if names != other_names:
        lines.append(f"tables: {sorted(names.items() ^ other_names.items())}")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as one (read_only); attach '{other}' as two (read_only)")
        # What is made by day holds every day that is loaded: those who ask it ask for the days before as_of.
        by_day = {name for name in names if name + "__days" in names or name.endswith("__days")}
        for name in sorted(names.keys() & other_names.keys() - set(ignored) - by_day):
            if name.startswith("main_staging."):
                continue
            for left, right in (("one", "two"), ("two", "one")):
                rows = connection.execute(
                    f"select {ROWS} from {left}.{name} except all select {ROWS} from {right}.{name}"
                ).fetchall()
                if rows:
                    lines.append(f"{name}: {len(rows)} rows only in {left}, as {rows[0]}")
            compared += connection.execute(f"select count(*) from one.{name}").fetchone()[0]
    return lines, compared


def test_a_past_day_knows_nothing_of_the_future(new_warehouse, replayed, cut):
    of_the_day = new_warehouse("of_the_day", raw=cut, seeds=seeds())
    of_the_day.build(as_of=DAY, **HORIZONS)
    lines, compared = differences(replayed.database, of_the_day.database, OF_THE_FILES)
    assert not lines
    assert compared > 10_000


def test_what_is_compared_is_every_public_mart(replayed):
    """None is empty, and none is left out but for the reason above."""
    public = {
        f"{node.schema}.{node.alias}"
        for node in replayed.manifest.nodes.values()
        if node.resource_type == "model" and node.path.startswith("marts/") and node.config.access == "public"
    }
    compared = tables(replayed.database).keys() - OF_THE_FILES
    assert public - compared == {"main.rejected_rows", "main.retention_status"} and len(public) > 12
    empty = [name for name in sorted(public) if replayed.query(f"select count(*) from {name}") == [(0,)]]
    # Who was in on the first build came in at an unknown time: cohorts begin with the second.
    assert empty == ["main.segment_cohorts"]
    # Outcomes of the past as well: units that were measured, and some whose window ends after DAY would show a leak.
    assert replayed.query("select 1 from main.experiment_results where p_value is not null")
    assert replayed.query("select 1 from main.experiment_unit_outcomes where outcome_value > 0 and is_mature")


def test_the_same_day_again_gives_the_same_rows(replayed, tmp_path):
    """To the last digit of every sum, and although another day was built between."""
    before = tmp_path / "before.duckdb"
    before.write_bytes(replayed.database.read_bytes())
    replayed.build(as_of=DAY, **HORIZONS)
    lines, compared = differences(before, replayed.database, BEFORE_THE_RUN)
    assert not lines
    assert compared > 10_000


# ---- Interrupted builds -------------------------------------------------------------------------------------------


def start_build(environment):
    """`dbt build` as a user types it, without the tests."""
    return subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", "build", "--quiet", "--exclude-resource-type", "test", "unit_test"],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def test_a_killed_build_is_made_good_by_the_next(new_warehouse, parsed, raw):
    clean = new_warehouse("clean", raw=raw)
    started = time.monotonic()
    clean.build()
    takes = time.monotonic() - started

    # In the folder of `parsed`: dbt need not parse again where the profile's values are the same.
    environment, manifest = parsed
    killed = Warehouse(Path(environment["DBT_PROFILES_DIR"]), manifest, environment, raw=raw)
    moments, cut_short = [], []
    for _ in range(KILLS):
        build = start_build(killed.environment)
        # Never before the first table: that would be no interruption.
        deadline = time.monotonic() + 60
        while not killed.database.exists() and build.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        moments.append(random.uniform(0, 0.9 * takes))
        time.sleep(moments[-1])
        build.send_signal(signal.SIGKILL)
        cut_short.append(build.wait() == -signal.SIGKILL)
    assert any(cut_short), f"no build was still running at {moments}"

    killed.build()
    lines, compared = differences(clean.database, killed.database, OF_THE_RUN | BEFORE_THE_RUN)
    assert not lines, f"after kills at {moments}"
    assert compared > 10_000
