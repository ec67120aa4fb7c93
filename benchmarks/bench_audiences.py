"""What audiences of a million customers take: python benchmarks/bench_audiences.py [--customers N] [--folder FOLDER]

A small demo is built, then everything that audiences are made from is replaced by a million customers, each in two of forty
segments, which all go to three destinations. The models run: who is in and who is left out and why, then what has to be
uploaded, first of nothing, then of a tenth that changed after all was confirmed. It counts that members = exported + left
out, in every audience. See README.md in this folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
AUDIENCES = ("int_audience_routes", "int_audience_candidates", "audience_members", "audience_exclusions")
CHANGES = ("int_audience_sent_batches", "int_audience_platform_states", "audience_changes", "int_audience_batch_rows")
SEGMENTS = 40

# A number in [0, 1) for a customer and a purpose.
CHANCE = "(md5_number_lower('{}' || customer_id) % 1000000) / 1e6"

WORLD = {
    "main_configuration.segment_destinations": """
        select '%' as segment_id, destination_key, 1.0 as bid_modifier from main_configuration.destinations
    """,
    "main.segments": """
        select 'made/' || n || case when n < 2 then '-toys' else '' end as segment_id, 'made' as family,
            n || case when n < 2 then '-toys' else '' end as variant, 'audience' as kind
        from range({segments}) as segments (n)
    """,
    "main.segment_memberships": """
        select segments.segment_id, segments.family, 'c_' || md5(n::varchar) as customer_id
        from range({customers}) as customers (n)
        cross join (values (0), (1)) as places (place)
        inner join (select segment_id, family, row_number() over (order by segment_id) - 1 as place from main.segments) as segments
            on segments.place = (md5_number_lower(n::varchar) + 7 * places.place) % {segments}
    """,
    "main_intermediate.int_customer_consents": """
        select customer_id, purpose, {grants} < 0.7 as is_granted
        from (select distinct customer_id from main.segment_memberships)
        cross join (values ('email_marketing'), ('ad_personalisation')) as purposes (purpose)
    """,
    "main.suppressions": """
        select customer_id, 'destination' as scope_type, destination_key as scope_key, 'frequency_capped' as reason
        from (select distinct customer_id from main.segment_memberships)
        cross join main_configuration.destinations
        where {caps} < 0.05
        union all
        select distinct customer_id, 'family', 'made', 'recent_purchaser' from main.segment_memberships where {buys} < 0.04
    """,
    "main_intermediate.int_held_out_customers": """
        select distinct customer_id, cast(null as varchar) as segment_id from main.segment_memberships where {holds} < 0.05
    """,
    "main_intermediate.int_control_members": """
        select segment_id, customer_id from main.segment_memberships where {draws} < 0.1 and segment_id like '%3%'
    """,
    "main_intermediate.int_customer_addresses": """
        select customer_id, sha256(customer_id) as email_sha256,
            case when {calls} < 0.5 then sha256('call' || customer_id) end as phone_sha256,
            sha256('g' || customer_id) as google_email_sha256, phone_sha256 as meta_phone_sha256
        from (select distinct customer_id from main.segment_memberships)
        where {writes} < 0.9
    """,
    "main.creative_decisions": "select customer_id from main.segment_memberships limit 0",
    "main_staging.base_activation__uploads": "select cast(null as varchar) as upload_id limit 0",
}


def dbt(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments, "--quiet"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])


def seconds_of(folder, environment, models, as_of):
    """Seconds of a run of some models, from dbt's own account."""
    dbt(environment, "run", "--select", *models, "--vars", f"{{as_of: '{as_of}'}}")
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    return {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results if "model." in result["unique_id"]}


def fill(connection, customers):
    chances = {name: CHANCE.format(name) for name in ("grants", "caps", "buys", "holds", "draws", "calls", "writes")}
    for table, query in WORLD.items():
        connection.execute(f"delete from {table}")
        connection.execute(f"insert into {table} by name {query.format(customers=customers, segments=SEGMENTS, **chances)}")


def reconciled(connection):
    """(members, exported, {reason: left out}, audiences in which they do not add up)"""
    [(members,)] = connection.execute("select count(*) from main_intermediate.int_audience_candidates").fetchall()
    [(expected,)] = connection.execute(
        "select count(*) from main.segment_memberships cross join main_configuration.destinations"
    ).fetchall()
    assert members == expected, (members, expected)
    [(exported,)] = connection.execute("select count(*) from main.audience_members").fetchall()
    reasons = dict(connection.execute("select reason, count(*) from main.audience_exclusions group by all order by all").fetchall())
    differing = connection.execute("""
        select destination_key, segment_id, sum(sign) from (
            select destination_key, segment_id, count(*) as sign
            from main.segment_memberships cross join main_configuration.destinations group by all
            union all
            select destination_key, segment_id, -count(*) from main.audience_members group by all
            union all
            select destination_key, segment_id, -count(*) from main.audience_exclusions group by all
        ) group by all having sum(sign) <> 0
    """).fetchall()
    return members, exported, reasons, differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where the demo and the database are made, or are; by default a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or temporary).resolve()
        raw, database = folder / "raw", folder / "tessera.duckdb"
        environment = os.environ | {
            "TESSERA_RAW": str(raw), "TESSERA_DATABASE": str(database), "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"), "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        if not database.exists():
            subprocess.run(
                [sys.executable, "-m", "tools.demo", "--customers", "100", "--raw", str(raw)], cwd=ROOT, check=True, stdout=-3
            )
            dbt(environment, "build", "--exclude-resource-type", "test", "unit_test", "--select", "+int_audience_batch_rows",
                "--vars", "{as_of: '2026-04-01'}")
        dbt(environment, "run", "--select", "int_as_of", "--vars", "{as_of: '2026-05-02'}")
        with duckdb.connect(str(database)) as connection:
            connection.execute("delete from main_intermediate.int_audience_batch_rows")
            fill(connection, arguments.customers)
        print("| run | models | seconds |\n|---|---|---|")
        audiences = seconds_of(folder, environment, AUDIENCES, "2026-05-02")
        print(f"| who is in, who is left out and why | {', '.join(AUDIENCES)} | {sum(audiences.values()):.1f} |")
        first = seconds_of(folder, environment, CHANGES, "2026-05-02")
        print(f"| what to upload: everything | {', '.join(CHANGES)} | {sum(first.values()):.1f} |", flush=True)
        with duckdb.connect(str(database)) as connection:
            members, exported, reasons, differing = reconciled(connection)
            [(sent, batches)] = connection.execute(
                "select count(*), count(distinct batch_id) from main.audience_changes"
            ).fetchall()
            # Everything is confirmed, and a tenth gives another consent.
            connection.execute("""
                insert into main_staging.base_activation__uploads by name
                select distinct batch_id as upload_id, batch_id, destination_key, segment_id, 'confirmed' as status,
                    batch_row_count as row_count, timestamp '2026-05-02 03:00:00' as reported_at
                from main.audience_changes
            """)
            connection.execute(
                f"update main_intermediate.int_customer_consents set is_granted = not is_granted where {CHANCE.format('mind')} < 0.1"
            )
        dbt(environment, "run", "--select", *AUDIENCES, "--vars", "{as_of: '2026-05-02'}")
        second = seconds_of(folder, environment, CHANGES, "2026-05-02")
        with duckdb.connect(str(database), read_only=True) as connection:
            changed = dict(connection.execute("select operation, count(*) from main.audience_changes group by all").fetchall())
        print(f"| what to upload: a tenth changed | {', '.join(CHANGES)} | {sum(second.values()):.1f} |")
        print(f"\n{members:,} members in {SEGMENTS} segments at 3 destinations = {exported:,} exported + "
              f"{sum(reasons.values()):,} left out; {len(differing)} audiences do not add up")
        print("; ".join(f"{reason} {count:,}" for reason, count in reasons.items()))
        print(f"first {sent:,} changes in {batches} batches; then {changed}")
        sys.exit(bool(differing or members != exported + sum(reasons.values())))


if __name__ == "__main__":
    main()
