"""The mapping of the retail records, on a sample of a few rows that has their columns and their quirks."""

import datetime
import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from examples import fetch, map_tables
from examples.complete_journey import reconcile
from examples.complete_journey.paths import MAPPING
from tools.project import sql_text

SAMPLE = {
    # Basket 500: two products, one of them unknown to products. Basket 501: one line of quantity 0. Basket 502 stands
    # first in time and last in the file. Household 3 got a campaign before it first bought something.
    "transactions": """
        select * from (values
            (1, 9, 500, 7001, 2, 3.10, 0.5, 0.0, 0.0, 1, timestamp '2017-01-02 23:59:59'),
            (1, 9, 500, 6999, 1, 0.20, 0.0, 0.0, 0.0, 1, timestamp '2017-01-02 23:59:59'),
            (1, 9, 501, 7001, 0, 0.00, 0.0, 1.0, 0.0, 1, timestamp '2017-01-04 02:00:00'),
            (3, 9, 503, 7002, 1, 4.00, 0.0, 0.0, 0.0, 9, timestamp '2017-03-01 12:00:00'),
            (2, 8, 502, 7002, 12000, 30.05, 0.0, 0.0, 0.0, 1, timestamp '2017-01-01 11:53:26')
        ) as rows(
            household_id, store_id, basket_id, product_id, quantity, sales_value, retail_disc, coupon_disc,
            coupon_match_disc, week, transaction_timestamp
        )
    """,
    "products": """
        select * from (values
            (7001, 2, 'GROCERY', 'National', 'YOGURT', 'YOGURT NOT MULTI-PACKS', '6 OZ'),
            (7002, 2, 'FUEL', 'National', 'COUPON/MISC ITEMS', 'GASOLINE-REG UNLEADED', null),
            (7003, 2, 'MISCELLANEOUS', 'National', null, null, null)
        ) as rows(product_id, manufacturer_id, department, brand, product_category, product_type, package_size)
    """,
    # Only household 1 has demographics, and not all of them.
    "demographics": """
        select * from (values
            (1, '65+', '35-49K', null, 'Married', '2', '2 Adults No Kids', '0')
        ) as rows(household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count)
    """,
    "campaigns": "select * from (values (26, 1), (26, 3)) as rows(campaign_id, household_id)",
    "campaign_descriptions": """
        select * from (values
            (26, 'Type B', timestamp '2016-12-28 00:00:00', timestamp '2017-02-19 00:00:00')
        ) as rows(campaign_id, campaign_type, start_date, end_date)
    """,
    "coupon_redemptions": """
        select * from (values
            (1, 10000085320, 26, timestamp '2017-01-02 00:00:00'),
            (1, 10000085320, 26, timestamp '2017-01-03 00:00:00'),
            (1, 10000085321, 26, timestamp '2017-01-09 00:00:00')
        ) as rows(household_id, coupon_upc, campaign_id, redemption_date)
    """,
}


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    with duckdb.connect() as connection:
        for name, query in SAMPLE.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
    return folder


@pytest.fixture(scope="module")
def raw(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # The folder's name holds a quote: paths are data, not SQL.
    folder = tmp_path_factory.mktemp("it's raw")
    map_tables.map_tables(records, MAPPING, folder)
    return folder


def rows(raw: Path, table: str, columns: str) -> list[tuple]:
    with duckdb.connect() as connection:
        files = str(raw / table / "*.parquet")
        return connection.execute(f"select {columns} from read_parquet($files) order by all", {"files": files}).fetchall()


def test_a_basket_is_an_order(raw: Path) -> None:
    assert rows(raw, "shop/orders", "order_id, user_id, ordered_at, order_status, order_amount, currency_code") == [
        ("500", "1", at("2017-01-02 23:59:59"), "completed", 3.30, "USD"),
        ("501", "1", at("2017-01-04 02:00:00"), "completed", 0.0, "USD"),
        ("502", "2", at("2017-01-01 11:53:26"), "completed", 30.05, "USD"),
        ("503", "3", at("2017-03-01 12:00:00"), "completed", 4.0, "USD"),
    ]


def test_lines_pass_as_they_are(raw: Path) -> None:
    assert rows(raw, "shop/order_lines", "order_id, line_number, product_id, quantity, line_amount") == [
        ("500", 1, "6999", 1, 0.20),
        ("500", 2, "7001", 2, 3.10),
        ("501", 1, "7001", 0, 0.0),
        ("502", 1, "7002", 12000, 30.05),
        ("503", 1, "7002", 1, 4.0),
    ]


def test_products_are_named_by_type_and_package(raw: Path) -> None:
    assert rows(raw, "shop/products", "product_id, product_name, category, subcategory, list_price") == [
        ("7001", "YOGURT NOT MULTI-PACKS 6 OZ", "GROCERY", "YOGURT", None),
        ("7002", "GASOLINE-REG UNLEADED", "FUEL", "COUPON/MISC ITEMS", None),
        ("7003", None, "MISCELLANEOUS", None, None),
    ]


def test_a_household_is_known_from_its_first_record(raw: Path) -> None:
    known = [
        ("1", "1", at("2016-12-28 00:00:00")),
        ("2", "2", at("2017-01-01 11:53:26")),
        ("3", "3", at("2016-12-28 00:00:00")),
    ]
    assert rows(raw, "crm/contacts", "contact_id, user_id, created_at") == known
    assert rows(raw, "crm/contacts", "contact_id, account_id, created_at") == known
    assert rows(raw, "crm/accounts", "account_id, account_id, created_at") == known


def test_demographics_are_attributes_of_those_who_have_them(raw: Path) -> None:
    observed = ("complete_journey", "second", "user_id", "1", at("2016-12-28 00:00:00"))
    columns = "attribute_name, attribute_value, provider, party, identifier_type, identifier_value, observed_at"
    assert rows(raw, "enrichment/attributes", columns) == [
        ("age", "65+", *observed),
        ("household_comp", "2 Adults No Kids", *observed),
        ("household_size", "2", *observed),
        ("income", "35-49K", *observed),
        ("kids_count", "0", *observed),
        ("marital_status", "Married", *observed),
    ]


def test_a_campaign_received_is_a_send_on_its_first_day(raw: Path) -> None:
    assert rows(raw, "ads/campaigns", "campaign_id, campaign_name") == [("26", "Campaign 26 (Type B)")]
    assert rows(raw, "ads/touches", "touch_id, campaign_id, identifier_type, identifier_value, touch_type, touched_at") == [
        ("26-1", "26", "user_id", "1", "send", at("2016-12-28 00:00:00")),
        ("26-3", "26", "user_id", "3", "send", at("2016-12-28 00:00:00")),
    ]


def test_a_coupon_redeemed_is_an_event_at_the_basket_of_its_day(raw: Path) -> None:
    # 02:00 UTC is still the evening before in the shop. On the 9th household 1 bought nothing.
    assert rows(raw, "web/events", "occurred_at, event_id, event_name, user_id, campaign_id, properties") == [
        (at(moment), f"1-{coupon}-26-{day}", "coupon_redeemed", "1", "26", f'{{"coupon_upc": "{coupon}"}}')
        for moment, coupon, day in (
            ("2017-01-02 23:59:59", "10000085320", "20170102"),
            ("2017-01-04 02:00:00", "10000085320", "20170103"),
            ("2017-01-09 00:00:00", "10000085321", "20170109"),
        )
    ]


def test_the_wheel_s_figures(records: Path) -> None:
    with map_tables.connect(records) as wheel:
        figures = dict(reconcile.query(wheel, "wheel_figures.sql", {"as_of": "2017-03-01"}))
        tables = dict(reconcile.query(wheel, "wheel_rows.sql"))
    assert {figure: float(value) for figure, value in figures.items()} == {
        "customers with an order": 2,
        "orders": 3,
        "shopping days (customer and day)": 3,
        "calendar days with an order": 3,
        "revenue (USD)": 33.35,
        "orders by category": 3,
        "orders by category, of category unknown": 1,
        "all days: order lines of unknown products": 1,
        "all days: order lines with quantity 0": 1,
        "all days: households without demographics": 2,
    }
    assert tables == {
        "shop/products": 3, "shop/orders": 4, "shop/order_lines": 5, "crm/contacts": 3, "crm/accounts": 3,
        "ads/campaigns": 1, "ads/touches": 2, "web/events": 3, "enrichment/attributes": 6,
    }  # fmt: skip


@pytest.fixture
def project(raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What a build of the sample would hold, as far as the reconciliation asks for it."""
    with duckdb.connect() as connection:
        connection.execute("create schema main_staging")
        for path in raw.glob("*/*/*.parquet"):
            source, table, _ = path.relative_to(raw).parts
            connection.execute(f"create table main_staging.stg_{source}__{table} as select * from read_parquet({sql_text(path)})")
        connection.execute("alter table main_staging.stg_shop__orders add column reporting_amount double")
        connection.execute("update main_staging.stg_shop__orders set reporting_amount = order_amount")
        connection.execute("create table main.rejected_rows (source_table text, reason text)")
        connection.execute("""
            create table main.customers as
            select 'c_' || user_id as customer_id, count(*) as order_count, sum(reporting_amount) as revenue_amount
            from main_staging.stg_shop__orders
            where ordered_at < timestamp '2017-03-01'
            group by user_id
            union all
            select 'c_3', 0, 0
        """)
        connection.execute("create schema main_intermediate")
        connection.execute("""
            create table main_intermediate.int_identifier_category_daily as
            select * from (values ('grocery', 1), ('unknown', 1), ('fuel', 1)) as rows(category, order_count)
        """)
        yield connection


def test_a_build_that_agrees_with_the_records_reconciles(
    project: duckdb.DuckDBPyConnection, records: Path, raw: Path
) -> None:
    with map_tables.connect(records) as wheel:
        assert reconcile.compare_figures(project, wheel, "2017-03-01") == 0
        assert reconcile.compare_rows(project, wheel, raw) == 0


@pytest.mark.parametrize(
    ("change", "figures", "tables"),
    [
        # A lost order; the same order rejected, with its reason; a cent too much.
        ("delete from main_staging.stg_shop__orders where order_id = '500'", 2, 1),
        (
            "delete from main_staging.stg_shop__orders where order_id = '503';"
            "insert into main.rejected_rows values ('shop/orders', 'negative_amount')",
            0, 0,
        ),
        ("update main.customers set revenue_amount = revenue_amount + 0.01 where customer_id = 'c_1'", 1, 0),
        # Something of quantity 0 counted as bought.
        (
            "update main_intermediate.int_identifier_category_daily set order_count = 2 where category = 'grocery'",
            1, 0,
        ),
        ("update main.customers set order_count = null, revenue_amount = null", 3, 0),
    ],
)  # fmt: skip
def test_a_build_that_differs_does_not(
    project: duckdb.DuckDBPyConnection, records: Path, raw: Path, change: str, figures: int, tables: int
) -> None:
    project.execute(change)
    with map_tables.connect(records) as wheel:
        assert reconcile.compare_figures(project, wheel, "2017-03-01") == figures
        assert reconcile.compare_rows(project, wheel, raw) == tables


def test_mapping_again_gives_the_same_files_and_leaves_nothing_else(records: Path, tmp_path: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    tables = map_tables.map_tables(records, MAPPING, tmp_path)
    first = contents()
    map_tables.map_tables(records, MAPPING, tmp_path)
    assert contents() == first
    assert sorted(first) == sorted(f"{table}/part-0.parquet" for table in tables)


def test_what_is_mapped_is_not_mapped_again(records: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    assert map_tables.map_once(records, MAPPING, raw, "a wheel")
    assert map_tables.map_once(records, MAPPING, raw, "a wheel") == []
    (raw / "shop" / "orders" / "part-0.parquet").unlink()
    assert map_tables.map_once(records, MAPPING, raw, "a wheel")
    assert map_tables.map_once(records, MAPPING, raw, "another wheel")


def pinned(tmp_path: Path, content: bytes) -> Path:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"records==1 --hash=sha256:{hashlib.sha256(content).hexdigest()}\n", encoding="utf-8")
    return requirements


def test_a_broken_download_is_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = [None, b"half a whe", b"a wheel"]
    fresh = []

    def download(folder: Path, requirements: Path, is_fresh: bool) -> str | None:
        fresh.append(is_fresh)
        content = arrivals.pop(0)
        if content is None:
            return "ERROR: the connection broke"
        (folder / "records.whl").write_bytes(content)
        return None

    monkeypatch.setattr(fetch, "download", lambda folder, requirements, fresh: download(folder, requirements, fresh))
    wheel = fetch.fetch_wheel(tmp_path / "wheel", pinned(tmp_path, b"a wheel"))
    assert wheel.read_bytes() == b"a wheel"
    assert fresh == [False, True, True]
    assert os.listdir(tmp_path / "wheel") == ["records.whl"]
    assert fetch.fetch_wheel(tmp_path / "wheel", pinned(tmp_path, b"a wheel")) == wheel
    assert fresh == [False, True, True], "what is there is not downloaded again"


def test_a_missing_network_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: Retrying\nERROR: no matching distribution\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(fetch.FetchError, match="needs the network") as error:
        fetch.fetch_wheel(tmp_path / "wheel", pinned(tmp_path, b"a wheel"))
    assert "\n" not in str(error.value)


def test_half_unpacked_files_are_unpacked_again(tmp_path: Path) -> None:
    wheel = tmp_path / "records.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("package/data/orders.parquet", b"twelve bytes")
        archive.writestr("package/__init__.py", b"")
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "orders.parquet").write_bytes(b"twelve")
    assert fetch.unpack(wheel, folder) == [folder / "orders.parquet"]
    assert (folder / "orders.parquet").read_bytes() == b"twelve bytes"
    assert os.listdir(folder) == ["orders.parquet"]
