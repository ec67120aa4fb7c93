"""`make semantic`: ask MetricFlow for every metric and saved query, and ask the marts the same in plain SQL.

The two must agree to the last digit that a sum of doubles has. The SQL below is written from what a figure means, not
from what MetricFlow compiles; `tests/python/test_semantic.py` holds both against figures worked out by hand.
"""

import csv
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from tools import project

# One figure a metric, over everything.
METRICS = {
    "customers": "select count(*) from customers",
    "known_customers": "select count(*) from customers where is_known",
    "first_sightings": "select count(first_seen_at) from customers",
    "new_customers": "select count(first_seen_at) from customers",
    "customers_with_ad_consent": "select count(*) from customers where has_ad_consent",
    "customers_with_email_consent": "select count(*) from customers where has_email_consent",
    "orders": "select sum(order_count) from customers",
    "revenue": "select sum(revenue_amount) from customers",
    "average_order_value": "select sum(revenue_amount) / nullif(sum(order_count), 0) from customers",
    "ad_consent_share": "select avg(if(has_ad_consent, 1, 0)) from customers",
    "segment_members": "select count(distinct customer_id) from segment_memberships",
    "segment_count": "select count(*) from segment_sizes where as_of_date = (select max(as_of_date) from segment_sizes)",
    "usable_segment_count": """
        select count(*) from segment_sizes
        where size_status = 'ok' and as_of_date = (select max(as_of_date) from segment_sizes)
    """,
    "ad_impressions": "select sum(impressions) from segment_performance",
    "ad_clicks": "select sum(clicks) from segment_performance",
    "ad_spend": "select sum(spend_amount) from segment_performance",
    "click_through_rate": "select sum(clicks) / nullif(sum(impressions), 0) from segment_performance",
    "cost_per_click": "select sum(spend_amount) / nullif(sum(clicks), 0) from segment_performance",
    "touched_customer_days": "select sum(touched_customers) from segment_performance",
    "engaged_customer_days": "select sum(engaged_customers) from segment_performance",
    "compared_customer_days": "select sum(touched_customers) from segment_performance where is_complete",
    "converted_customer_days": "select sum(converted_customers) from segment_performance where is_complete",
    "ad_conversions": "select sum(conversions) from segment_performance where is_complete and spend_amount is not null",
    "ad_revenue": "select sum(revenue_amount) from segment_performance where is_complete and spend_amount is not null",
    "compared_ad_spend": "select sum(spend_amount) from segment_performance where is_complete and conversions is not null",
    "conversion_rate": """
        select sum(converted_customers) / nullif(sum(touched_customers), 0) from segment_performance where is_complete
    """,
    "engagement_rate": "select sum(engaged_customers) / nullif(sum(touched_customers), 0) from segment_performance",
    "cost_per_conversion": """
        select sum(spend_amount) / nullif(sum(conversions), 0) from segment_performance
        where is_complete and spend_amount is not null and conversions is not null
    """,
    "return_on_ad_spend": """
        select sum(revenue_amount) / nullif(sum(spend_amount), 0) from segment_performance
        where is_complete and spend_amount is not null and conversions is not null
    """,
    "assigned_units": "select count(*) from experiment_assignments",
    "audience_people": "select count(distinct customer_id) from audience_members",
}

# One table a saved query, its columns named as MetricFlow names them.
SAVED_QUERIES = {
    "customers_by_lifecycle_stage": """
        select
            lifecycle_stage as customer__lifecycle_stage,
            count(*) as customers,
            sum(revenue_amount) as revenue,
            sum(revenue_amount) / nullif(sum(order_count), 0) as average_order_value
        from customers
        group by lifecycle_stage
    """,
    "consent_by_country": """
        select
            country_code as customer__country_code,
            count(*) as known_customers,
            count(*) filter (where has_ad_consent) as customers_with_ad_consent,
            count(*) filter (where has_ad_consent) / count(*) as ad_consent_share
        from customers
        where is_known
        group by country_code
    """,
    # A month without a new customer is a row too.
    "new_customers_by_month": """
        with first_dates as (
            select min(cast(first_seen_at as date)) as first_date from customers
            union all
            select min(delivery_date) from segment_performance
            union all
            select min(cast(assigned_at as date)) from experiment_assignments
            union all
            select max(as_of_date) from segment_sizes
        ),

        months as (
            select unnest(generate_series(
                date_trunc('month', min(first_date)),
                date_trunc('month', (select max(as_of_date) from segment_sizes)),
                interval 1 month
            )) as month
            from first_dates
        )

        select
            months.month as metric_time__month,
            count(customers.customer_id) as new_customers
        from months
        left join customers on date_trunc('month', customers.first_seen_at) = months.month
        group by months.month
    """,
    "segment_members_by_loyalty_tier": """
        select
            memberships.segment_id as segment,
            customers.loyalty_tier as customer__loyalty_tier,
            count(*) as segment_members
        from segment_memberships as memberships
        inner join segments on memberships.segment_id = segments.segment_id
        inner join customers on memberships.customer_id = customers.customer_id
        where segments.kind = 'audience'
        group by memberships.segment_id, customers.loyalty_tier
    """,
    "segment_sizes_by_family": """
        select
            segments.family as segment__family,
            count(*) as segment_count,
            count(*) filter (where sizes.size_status = 'ok') as usable_segment_count
        from segment_sizes as sizes
        inner join segments on sizes.segment_id = segments.segment_id
        where sizes.as_of_date = (select max(as_of_date) from segment_sizes)
        group by segments.family
    """,
    "ad_performance_by_segment_and_week": """
        select
            segment_id as segment,
            date_trunc('week', delivery_date) as metric_time__week,
            sum(impressions) as ad_impressions,
            sum(clicks) as ad_clicks,
            sum(spend_amount) as ad_spend,
            sum(clicks) / nullif(sum(impressions), 0) as click_through_rate,
            sum(spend_amount) / nullif(sum(clicks), 0) as cost_per_click
        from segment_performance
        group by segment_id, date_trunc('week', delivery_date)
    """,
    "ad_returns_by_segment": """
        select
            segment_id as segment,
            sum(engaged_customers) / nullif(sum(touched_customers), 0) as engagement_rate,
            sum(converted_customers) filter (where is_complete)
            / nullif(sum(touched_customers) filter (where is_complete), 0) as conversion_rate,
            sum(spend_amount) filter (where is_complete and conversions is not null)
            / nullif(sum(conversions) filter (where is_complete and spend_amount is not null), 0) as cost_per_conversion,
            sum(revenue_amount) filter (where is_complete and spend_amount is not null)
            / nullif(sum(spend_amount) filter (where is_complete and conversions is not null), 0) as return_on_ad_spend
        from segment_performance
        group by segment_id
    """,
    "units_by_experiment_and_arm": """
        select
            ledger.experiment_key as experiment,
            ledger.arm_key as assignment__arm_key,
            experiments.status as experiment__status,
            count(*) as assigned_units
        from experiment_assignments as ledger
        left join experiments on ledger.experiment_key = experiments.experiment_key
        group by ledger.experiment_key, ledger.arm_key, experiments.status
    """,
    "audience_people_by_destination": """
        select
            destination_key as audience_membership__destination_key,
            count(distinct customer_id) as audience_people
        from audience_members
        group by destination_key
    """,
}

Value = float | str | None
Row = dict[str, Value]

# Sums of doubles in another order differ in the last digits.
CLOSE = 1e-9


class CannotAsk(Exception):
    """A reason, in one line, why no figure can be compared."""


# --- Comparing -------------------------------------------------------------------------------------------------------


def plain(value: object) -> Value:
    """A value as both sides can write it: a CSV file knows neither null nor numbers nor timestamps."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).removesuffix("T00:00:00").removesuffix(" 00:00:00")


def plain_rows(names: Iterable[str], rows: Iterable[Iterable[object]]) -> list[Row]:
    names = list(names)
    return [dict(zip(names, map(plain, row), strict=True)) for row in rows]


def same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return one == other


def groups_of(rows: list[Row]) -> set[str]:
    """The columns of a figure that say what it is of: all but the metrics."""
    return {name for row in rows for name in row if name not in METRICS}


def difference(answer: list[Row], figure: list[Row]) -> str | None:
    """What MetricFlow's answer has other than the figure, in words."""
    by = groups_of([*figure, *answer])

    def keyed(rows: list[Row]) -> dict[tuple, Row]:
        return {tuple(sorted((name, row.get(name)) for name in by)): row for row in rows}

    ours, theirs = keyed(figure), keyed(answer)
    if len(ours) != len(figure) or len(theirs) != len(answer):
        return "a group has more than one row"
    for key in ours.keys() | theirs.keys():
        where = ", ".join(f"{name} {value}" for name, value in key) or "the total"
        if key not in theirs:
            return f"MetricFlow has no row for {where}"
        if key not in ours:
            return f"MetricFlow has a row for {where}, SQL has none"
        if ours[key].keys() != theirs[key].keys():
            return f"MetricFlow gives {', '.join(theirs[key])}, SQL gives {', '.join(ours[key])}"
        for name, value in ours[key].items():
            # MetricFlow counts by adding ones, and the sum over no row at all is null.
            if not by and value == 0 and theirs[key][name] is None:
                continue
            if not same(theirs[key][name], value):
                return f"{name} for {where}: MetricFlow says {theirs[key][name]}, SQL says {value}"
    return None


# --- Asking ----------------------------------------------------------------------------------------------------------


def metrics_in_sql(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return [{name: plain(connection.execute(sql).fetchone()[0]) for name, sql in METRICS.items()}]


def saved_query_in_sql(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    result = connection.execute(SAVED_QUERIES[name])
    return plain_rows([column[0] for column in result.description], result.fetchall())


def ask_metricflow(*arguments: str) -> list[Row]:
    """What `mf query` answers. It writes no file where there is no row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.csv"
        asked = subprocess.run(
            [str(Path(sys.executable).with_name("mf")), "query", *arguments, "--quiet", "--csv", str(path)],
            cwd=project.ROOT,
            env=environment(),
            capture_output=True,
            text=True,
        )
        if asked.returncode:
            said = project.as_line(asked.stdout + asked.stderr)
            reason = said[said.find("ERROR") :][:300] if "ERROR" in said else said[:300]
            raise CannotAsk(f"mf query {' '.join(arguments)} failed: {reason}; logs/metricflow.log says more.")
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as answer:
            rows = list(csv.reader(answer))
        return plain_rows(rows[0], rows[1:])


def environment() -> dict[str, str]:
    """mf reads the semantic manifest from target/ and from nowhere else, and unpickles a file of the temporary folder,
    which should be one that no one else writes to."""
    temporary = Path(sys.prefix) / "tmp"
    temporary.mkdir(exist_ok=True)
    return project.environment() | {"DBT_TARGET_PATH": str(project.ROOT / "target"), "TMPDIR": str(temporary)}


def write_semantic_manifest() -> None:
    parsed = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse"],
        cwd=project.ROOT,
        env=environment(),
    )
    if parsed.returncode:
        raise CannotAsk("The project does not parse; the lines above say why.")


def figures(path: Path) -> tuple[list[Row], dict[str, list[Row]]]:
    """All figures in SQL, read before MetricFlow opens the database: one process holds it at a time."""
    if not path.exists():
        raise CannotAsk(f"There is no database at {path} yet; `make build` makes it.")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return metrics_in_sql(connection), {name: saved_query_in_sql(connection, name) for name in SAVED_QUERIES}
    except duckdb.CatalogException as error:
        line = str(error).splitlines()[0]
        raise CannotAsk(f"The database {path} is not built to its end ({line}); `make build` builds it.") from error
    except duckdb.Error as error:
        raise CannotAsk(project.one_line(error, path)) from error


def main() -> int:
    failures = 0

    def report(name: str, answer: list[Row], figure: list[Row]) -> None:
        nonlocal failures
        problem = difference(answer, figure)
        failures += problem is not None
        print(f"{'differs' if problem else 'agrees':8} {name}: {problem or rows_of(figure)}", flush=True)

    try:
        totals, tables = figures(project.database())
        write_semantic_manifest()
        answer = ask_metricflow("--metrics", ",".join(METRICS))
        for name in METRICS:
            report(name, [{name: row.get(name)} for row in answer], [{name: totals[0][name]}])
        for name, figure in tables.items():
            report(name, ask_metricflow("--saved-query", name), figure)
    except CannotAsk as reason:
        print(reason)
        return 1
    print(f"{len(METRICS)} metrics and {len(SAVED_QUERIES)} saved queries asked of MetricFlow, {failures} differ.")
    return 1 if failures else 0


def rows_of(figure: list[Row]) -> str:
    if len(figure) == 1 and not groups_of(figure):
        value = next(iter(figure[0].values()))
        return "null" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{len(figure)} rows" if len(figure) != 1 else "1 row"


if __name__ == "__main__":
    sys.exit(main())
