"""examples/sources: each system's documented tables, in small, through its selects into the input contract.

The rows of each fixture.sql were worked out by hand; what is refused of them the project itself says, in one build of
staging over all systems together.
"""

import datetime
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import CONTRACT, SQL_TYPES

from examples.sources import export

SYSTEMS = export.systems()


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def make_warehouse(system: str, path: Path) -> Path:
    """A database with the documented tables of a system and the rows of its fixture."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute((export.folder_of(system) / "schema.sql").read_text())
        connection.execute((export.SOURCES / system / "fixture.sql").read_text())
    return path


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("warehouses")
    return {system: make_warehouse(system, folder / f"{system}.duckdb") for system in SYSTEMS}


@pytest.fixture(scope="module")
def raw(warehouses: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All systems in one raw folder. The folder's name holds a quote: paths are data, not SQL."""
    folder = tmp_path_factory.mktemp("it's raw")
    for system, database in warehouses.items():
        _, missing = export.export(system, folder, database)
        assert missing == []
    return folder


def read(raw: Path, table: str, columns: str = "*", system: str = "*") -> list[tuple]:
    files = str(raw / table / f"{system}.parquet")
    return duckdb.execute(f"select {columns} from read_parquet(?) order by all", [files]).fetchall()


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_select_has_the_contracts_columns_in_their_types(raw, system):
    tables = export.selects(system)
    assert tables, system
    for table in tables:
        found = duckdb.execute("describe select * from read_parquet(?)", [str(raw / table / f"{system}.parquet")]).fetchall()
        expected = [(column, SQL_TYPES.get(kind, kind).upper()) for column, (kind, _) in CONTRACT[table].items()]
        assert [row[:2] for row in found] == expected, table


# system -> table -> (columns, rows)
KNOWN = {
    "segment": {
        "web/events": ("event_id, event_name, occurred_at, anonymous_id, user_id, device_type", [
            # The identify call joins a1 and u1; traits of a9 are no sign-in.
            ("segment:i1", "signed_in", at("2026-03-01 10:01:30"), "a1", "u1", None),
            ("segment:m1", "page_viewed", at("2026-03-01 10:00"), "a1", None, "mobile"),
            ("segment:m1", "page_viewed", at("2026-03-01 10:00"), "a1", None, "mobile"),
            ("segment:m2", "page_viewed", at("2026-03-02 01:30"), None, "u2", None),
            ("segment:m3", "page_viewed", at("2026-03-01 10:00"), None, None, None),
            ("segment:t1", "product_viewed", at("2026-03-01 10:01"), "a1", None, "tablet"),
            # Its details were delivered twice, and it is one event.
            ("segment:t2", "product_added", at("2026-03-01 10:02"), "a1", "u1", "desktop"),
            ("segment:t3", "product_removed", at("2026-03-01 10:03"), "a1", "u1", "mobile"),
            ("segment:t4", "products_searched", at("2026-03-01 10:04"), "a1", "u1", None),
            ("segment:t5", "order_completed", at("2026-03-01 10:05"), "a1", "u1", None),
            ("segment:t6", "wishlist_shared", at("2026-03-01 10:06"), "a1", "u1", None),
        ]),
        "crm/contacts": ("contact_id, user_id, email, country_code, account_id, created_at", [
            ("segment:u1", "u1", "ann@shop.example", None, "segment:acme", at("2026-03-01 10:01:30")),
            ("segment:u2", "u2", None, None, None, at("2026-03-02 01:30:01")),
        ]),
        "crm/accounts": ("account_id, account_name, plan, created_at", [
            ("segment:acme", "Acme", "team", at("2024-05-01")),
        ]),
    },
    "rudderstack": {
        "web/events": ("event_id, event_name, user_id, product_id, quantity, value_amount, currency_code", [
            ("rudderstack:r1", "page_viewed", None, None, None, None, None),
            ("rudderstack:r2", "product_added", "ru1", "p2", None, 7.5, "USD"),
        ]),
        "crm/contacts": ("contact_id, user_id, email, created_at", [
            ("rudderstack:ru1", "ru1", "rita@shop.example", at("2026-03-01 09:01:01")),
        ]),
        "crm/accounts": ("account_id", []),
    },
    "snowplow": {
        "web/events": ("event_id, event_name, anonymous_id, search_query, product_id, campaign_id, quantity, value_amount", [
            ("snowplow:c1-0", "consent_preferences", "d1", None, None, None, None, None),
            ("snowplow:c2-0", "consent_preferences", "d1", None, None, None, None, None),
            ("snowplow:c3-0", "consent_preferences", "d1", None, None, None, None, None),
            ("snowplow:c4-0", "consent_preferences", "d1", None, None, None, None, None),
            ("snowplow:s1-0", "page_viewed", "d1", None, None, "meta_ads:222", None, None),
            ("snowplow:s1-0", "page_viewed", "d1", None, None, "meta_ads:222", None, None),
            ("snowplow:s3-0", "product_added", "d1", None, "p1", None, 2, 41.0),
            ("snowplow:s3-1", "product_added", "d1", None, "p2", None, None, 5.0),
            ("snowplow:s4-0", "order_completed", "d1", None, None, None, None, 46.0),
            ("snowplow:s5-0", "products_searched", "d1", "red shoes", None, None, None, None),
            ("snowplow:s6-0", "video_play", "app-7", None, None, None, None, None),
            ("snowplow:s8-0", "page_viewed", None, None, None, None, None, None),
            ("snowplow:s9-0", "page_viewed", None, None, None, None, None, None),
        ]),
        "crm/consents": ("identifier_value, recorded_at, purpose, status", [
            ("d1", at("2026-03-01 09:59"), "ad_personalisation", "withdrawn"),
            ("d1", at("2026-03-01 09:59"), "analytics", "granted"),
            ("d1", at("2026-03-01 12:00"), "ad_personalisation", "withdrawn"),
            ("d1", at("2026-03-01 12:00"), "analytics", "withdrawn"),
            ("d1", at("2026-03-01 14:00"), "ad_personalisation", "withdrawn"),
            ("d1", at("2026-03-01 14:00"), "analytics", "withdrawn"),
        ]),
    },
    "ga4": {
        "web/events": ("occurred_at, event_name, user_id, product_id, campaign_id, quantity, value_amount, currency_code", [
            (at("2026-03-01 10:00:00"), "page_viewed", None, None, "meta_ads:222", None, None, None),
            (at("2026-03-01 10:00:00"), "page_viewed", None, None, "meta_ads:222", None, None, None),
            (at("2026-03-01 10:00:02"), "products_searched", None, None, "google_ads:111", None, None, None),
            (at("2026-03-01 10:00:03"), "product_viewed", "u1", "p1", None, None, 20.0, "EUR"),
            (at("2026-03-01 10:00:04"), "product_added", "u1", "p1", None, 2, 44.0, "USD"),
            (at("2026-03-01 10:00:04"), "product_added", "u1", "p2", None, 1, 5.5, "USD"),
            (at("2026-03-01 10:00:05"), "order_completed", "u1", None, None, None, 45.0, "EUR"),
            (at("2026-03-01 10:00:06"), "wishlist_shared", "u1", None, None, None, None, None),
            (at("2026-03-01 10:00:07"), "product_removed", "u1", None, None, None, None, "EUR"),
        ]),
        "crm/consents": ("consent_id, purpose, status, recorded_at", [
            ("ga4:900.1:ad_personalisation:1772359203000000", "ad_personalisation", "withdrawn", at("2026-03-01 10:00:03")),
            ("ga4:900.1:analytics:1772359200000000", "analytics", "granted", at("2026-03-01 10:00")),
        ]),
    },
    "shopify": {
        "shop/orders": ("order_id, user_id, ordered_at, order_status, order_amount, currency_code", [
            ("shopify:5001", "shopify:71", at("2026-03-01 10:05"), "completed", 45.0, "EUR"),
            ("shopify:5002", "shopify:71", at("2026-03-02 09:00"), "completed", 23.8, "EUR"),
            ("shopify:5003", "shopify:72", at("2026-03-03 10:00"), "returned", 20.0, "EUR"),
            ("shopify:5004", "shopify:72", at("2026-03-04 10:00"), "cancelled", 20.0, "EUR"),
            ("shopify:5005", None, at("2026-03-05 10:00"), "completed", 100.0, "DKK"),
            ("shopify:5008", "shopify:72", at("2026-03-08 10:00"), "disputed", 20.0, "EUR"),
            ("shopify:5009", None, at("2026-03-09 10:00"), "completed", 20.0, "EUR"),
            ("shopify:5010", "shopify:72", at("2026-03-02 12:00"), "completed", 25.0, "EUR"),
        ]),
        "shop/order_lines": ("order_id, line_number, product_id, quantity, line_amount", [
            ("shopify:5001", 1, "2", 1, 10.0),
            ("shopify:5001", 2, "1", 2, 35.0),
            # One of two was refunded; the order that was refunded as a whole keeps its line.
            ("shopify:5002", 1, "1", 1, 20.0),
            ("shopify:5003", 1, "1", 1, 20.0),
            ("shopify:5004", 1, None, 1, 20.0),
        ]),
        "shop/products": ("product_id, product_name, category, list_price, currency_code", [
            ("1", "Shoe", "Shoes", 25.0, "EUR"),
            ("2", "Sock", None, 5.0, "EUR"),
            ("3", "Old shoe", "Shoes", None, "EUR"),
        ]),
        "crm/contacts": ("contact_id, email, postal_code, country_code", [
            ("shopify:71", "ann@shop.example", "10115", "DE"),
            ("shopify:72", "bob@shop.example", None, None),
            ("shopify:73", None, None, None),
            ("shopify:74", "cy@shop.example", None, None),
        ]),
        "crm/consents": ("identifier_value, status, recorded_at", [
            # Undated: the yes as early, the no as late as it can be.
            ("shopify:71", "granted", at("2025-01-01")),
            ("shopify:72", "withdrawn", at("2026-03-02")),
            ("shopify:73", "withdrawn", at("2026-03-03")),
        ]),
    },
    "hubspot": {
        "crm/contacts": ("contact_id, email, country_code, account_id, created_at", [
            ("hubspot:301", "Ann@Shop.example", "de", "hubspot:401", at("2025-01-01")),
            ("hubspot:302", "dora@shop.example", None, None, at("2025-02-01")),
            ("hubspot:304", "undated@shop.example", None, None, None),
        ]),
        "crm/accounts": ("account_id, account_name, converted_at", [("hubspot:401", "Acme", at("2024-06-01"))]),
        "crm/consents": ("identifier_type, identifier_value, status, recorded_at", [
            ("email", "ann@shop.example", "granted", at("2025-01-01")),
            ("email", "dora@shop.example", "withdrawn", at("2025-05-01")),
        ]),
        "ads/campaigns": ("campaign_id, platform, segment_id, experiment_key", [
            ("hubspot:501", "email", "cart_abandoners@7d", "cart_recovery"),
            ("hubspot:502", "email", None, None),
        ]),
        "ads/touches": ("touch_id, campaign_id, creative_key, identifier_value, touch_type", [
            ("hubspot:e1", "hubspot:501", "601", "ann@shop.example", "send"),
            ("hubspot:e2", "hubspot:501", "601", "ann@shop.example", "open"),
            ("hubspot:e3", "hubspot:501", "601", "ann@shop.example", "click"),
            ("hubspot:e6", "hubspot:502", None, None, "send"),
        ]),
    },
    "salesforce": {
        "crm/contacts": ("contact_id, email, account_id, lifecycle_stage", [
            ("salesforce:003A", "eve@corp.example", "salesforce:001A", "contact"),
            ("salesforce:00QA", "finn@corp.example", None, "lead: Open"),
        ]),
        "crm/accounts": ("account_id, converted_at", [("salesforce:001A", at("2025-03-01"))]),
        "crm/consents": ("identifier_type, identifier_value, status", [
            ("email", "eve@corp.example", "withdrawn"),
            # The record is deleted, and the opt-out of its address holds.
            ("email", "old@corp.example", "withdrawn"),
        ]),
        "ads/campaigns": ("campaign_id, platform, segment_id", [
            ("salesforce:701A", "email", "trials_ending@7d"),
            ("salesforce:701B", "other", None),
        ]),
        "ads/touches": ("touch_id, identifier_value, touch_type", [
            ("salesforce:00vA", "salesforce:003A", "send"),
            ("salesforce:00vB", "salesforce:00QA", "send"),
            ("salesforce:00vE", None, "send"),
        ]),
    },
    "google_ads": {
        "ads/campaigns": ("campaign_id, campaign_name, platform, segment_id", [
            ("google_ads:111", "Shoes [segment=category_browsers/shoes@14d]", "google", "category_browsers/shoes@14d"),
            ("google_ads:112", "Unknown account", "google", None),
        ]),
        "ads/daily_delivery": (
            "campaign_id, delivery_date, impressions, clicks, spend_amount, currency_code, platform_conversions",
            [
                ("google_ads:111", day("2026-03-01"), 1500, 15, 3.234567, "EUR", 1.75),
                ("google_ads:111", day("2026-03-02"), 0, 0, 0.0, "EUR", None),
                ("google_ads:112", day("2026-03-01"), 10, 1, 0.5, None, 0.0),
            ],
        ),
    },
    "meta_ads": {
        "ads/campaigns": ("campaign_id, platform, experiment_key", [("meta_ads:222", "meta", "cart_recovery")]),
        "ads/daily_delivery": ("delivery_date, impressions, clicks, spend_amount, currency_code, platform_conversions", [
            (day("2026-03-01"), 1500, 10, 7.31, "EUR", 2.0),
            (day("2026-03-02"), 1, 2, 0.01, "EUR", 0.0),
        ]),
    },
}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_fixture_becomes_the_rows_that_it_should(raw, system):
    assert {table for table in KNOWN[system]} == set(export.selects(system))
    for table, (columns, rows) in KNOWN[system].items():
        assert read(raw, table, columns, system) == rows, table


def test_segments_campaign_is_the_contexts_else_that_of_the_address(raw):
    rows = read(raw, "web/events", "distinct event_id, campaign_id", "segment")
    assert [row for row in rows if row[1]] == [("segment:m1", "google_ads:111"), ("segment:t1", "hubspot:501")]


def test_values_of_segments_events_stand_with_their_currency(raw):
    rows = read(raw, "web/events", "event_id, quantity, value_amount, currency_code, search_query, properties", "segment")
    assert [row for row in rows if any(row[1:])] == [
        ("segment:t1", None, 20.0, "USD", None, None),
        ("segment:t2", 2, 40.0, "USD", None, None),
        # A price without a currency is not told.
        ("segment:t3", 1, None, None, None, None),
        ("segment:t4", None, None, None, "red shoes", None),
        ("segment:t5", None, 33.5, "EUR", None, '{"order_id":"5001"}'),
    ]


# What the project refuses of all fixtures together, and nothing else: (table, key, reason).
REFUSED = [
    ("ads/daily_delivery", "google_ads:112|2026-03-01", "missing_currency"),
    ("ads/daily_delivery", "meta_ads:222|2026-03-02", "clicks_exceed_impressions"),
    ("ads/touches", "hubspot:e6", "missing_identifier_value"),
    ("ads/touches", "salesforce:00vE", "missing_identifier_value"),
    ("crm/contacts", "hubspot:304", "missing_created_at"),
    ("shop/orders", "shopify:5005", "unknown_currency"),
    ("shop/orders", "shopify:5008", "unknown_status"),
    ("shop/orders", "shopify:5009", "no_identifier"),
    ("web/events", "ga4:*", "duplicate_delivery"),
    ("web/events", "segment:m1", "duplicate_delivery"),
    ("web/events", "segment:m3", "no_identifier"),
    ("web/events", "snowplow:s1-0", "duplicate_delivery"),
    ("web/events", "snowplow:s9-0", "no_identifier"),
]


def test_staging_refuses_what_is_meant_to_be_refused_and_nothing_else(project, raw):
    shutil.copytree(raw, project.raw)
    project.build("path:models/staging", "+rejected_rows", tests=False)
    refused = project.query("""
        select source_table, case when row_key like 'ga4:%' then 'ga4:*' else row_key end, reason
        from rejected_rows order by all
    """)
    assert refused == REFUSED
    # One person by four systems' words: the e-mail that each hashes alike is what joins them.
    people = project.query("""
        select contact_id from main_staging.stg_crm__contacts
        where email_hash = sha256('ann@shop.example') order by contact_id
    """)
    assert people == [("hubspot:301",), ("segment:u1",), ("shopify:71",)]


def test_a_second_export_gives_the_same_rows_under_the_same_ids(raw, warehouses, tmp_path):
    for system, database in warehouses.items():
        export.export(system, tmp_path, database)
        for table in export.selects(system):
            assert read(tmp_path, table, system=system) == read(raw, table, system=system), (system, table)


def test_a_second_shop_of_the_same_system_does_not_meet_the_first(warehouses, raw, tmp_path):
    export.export("shopify", tmp_path, warehouses["shopify"])
    export.export("shopify", tmp_path, warehouses["shopify"], origin="shopify_de")
    orders = read(tmp_path, "shop/orders", "order_id")
    assert len(set(orders)) == len(orders) == 2 * len(read(raw, "shop/orders", "order_id"))
    assert ("shopify_de:5001",) in orders
    with pytest.raises(export.CannotExport, match="--name is small letters, digits and underscores, not Shop DE"):
        export.export("shopify", tmp_path, warehouses["shopify"], origin="Shop DE")


def test_what_is_not_there_counts_as_empty_and_is_named(tmp_path):
    database = tmp_path / "small.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema prod; create schema other")
        connection.execute("create table prod.TRACKS as select 't1' as ID, 'u1' as user_id, 'signed_up' as event, now() as \"timestamp\"")
        connection.execute("create table other.pages as select 'p1' as id")
    rows, missing = export.export("segment", tmp_path / "raw", database, schema="prod")
    assert rows == {"crm/accounts": 0, "crm/contacts": 0, "web/events": 1}
    assert "pages" in missing and "tracks.received_at" in missing
    assert "tracks" not in missing and "tracks.id" not in missing
    assert read(tmp_path / "raw", "web/events", "event_id, event_name, received_at") == [("segment:t1", "signed_up", None)]


def test_a_table_in_two_schemas_is_not_counted_twice(tmp_path):
    database = tmp_path / "two.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema prod; create schema copy_of_prod")
        for schema in ("prod", "copy_of_prod"):
            connection.execute(f"create table {schema}.tracks as select 't1' as id, 'u1' as user_id, 'signed_up' as event")
    with pytest.raises(export.CannotExport, match='tracks stands in several places: warehouse."copy_of_prod"."tracks", ware'):
        export.export("segment", tmp_path / "raw", database)
    rows, _ = export.export("segment", tmp_path / "raw", database, schema="PROD")
    assert rows["web/events"] == 1


def test_daily_tables_of_ga4_are_read_as_one_without_the_intraday_table(warehouses, raw, tmp_path):
    database = tmp_path / "bigquery.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{warehouses['ga4']}' as ga4 (read_only)")
        for table, rows in {
            "events_20260301": "event_name <> 'purchase'",
            "events_20260302": "event_name = 'purchase'",
            "events_intraday_20260302": "true",
        }.items():
            connection.execute(f"create table {table} as select * from ga4.events where {rows}")
    export.export("ga4", tmp_path, database)
    assert read(tmp_path, "web/events", system="ga4") == read(raw, "web/events", system="ga4")


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("system", ["shopify", "google_ads", "meta_ads", "hubspot"])
def test_files_do_as_well_as_a_database(warehouses, raw, tmp_path, ending, system):
    files = tmp_path / "files"
    files.mkdir()
    with duckdb.connect(str(warehouses[system]), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            place = files / f"{table}.{ending}"
            if table in ("campaign_stats", "order_line"):
                place = files / table / f"part-0.{ending}"
                place.parent.mkdir()
            connection.execute(f'copy "{table}" to \'{place}\'')
    export.export(system, tmp_path / "raw", files=files)
    for table in export.selects(system):
        assert read(tmp_path / "raw", table, system=system) == read(raw, table, system=system), table


def test_an_export_that_fails_leaves_the_former_files(warehouses, raw, tmp_path, monkeypatch, capsys):
    arguments = ["google_ads", "--database", str(warehouses["google_ads"]), "--raw", str(tmp_path)]
    assert export.main(arguments) == 0
    assert f"{tmp_path / 'ads/daily_delivery'}: 3 rows" in capsys.readouterr().out
    # The first table could be written anew, without a row; the second fails.
    queries = {
        "ads/campaigns": export.selects("google_ads")["ads/campaigns"] + "limit 0",
        "ads/daily_delivery": "select no_such_column from campaign_stats",
    }
    monkeypatch.setattr(export, "selects", lambda system: queries)
    assert export.main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("export: google_ads: Binder Error") and said.count("\n") == 1
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["ads/campaigns/google_ads.parquet", "ads/daily_delivery/google_ads.parquet"]
    for table in queries:
        assert read(tmp_path, table) == read(raw, table, system="google_ads")


def test_a_place_without_the_systems_tables_is_told_in_one_line(warehouses, tmp_path, capsys):
    for place, said in {
        ("--database", str(warehouses["segment"])): "none of the tables ads_insights, campaigns was found.",
        ("--database", str(tmp_path / "none.duckdb")): f"{tmp_path / 'none.duckdb'} is no file.",
        ("--files", str(tmp_path / "none")): f"{tmp_path / 'none'} is no folder.",
    }.items():
        assert export.main(["meta_ads", *place, "--raw", str(tmp_path / "raw")]) == 2
        assert capsys.readouterr().err == f"export: meta_ads: {said}\n"
    assert not (tmp_path / "raw").exists()
