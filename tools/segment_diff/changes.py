"""What became of every segment, and what else a reader of that has to know."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools.project import as_line
from tools.segment_diff.revisions import FAMILIES, MEMBERSHIPS, CannotCompare, Side

# Entries of a family's meta that say what is done with its members.
MEANT = ("kind", "priority", "retention_days", "min_size", "max_size", "excludes", "keep_top")


@dataclass
class Change:
    """What became of one segment, a family without a member included."""

    segment_id: str
    family: str
    before: int
    after: int
    entered: int
    exited: int
    rescored: int
    experiments: list[str]
    running: list[str]
    destinations: list[str]

    @property
    def jaccard(self) -> float | None:
        shared = self.before - self.exited
        either = self.before + self.entered
        return shared / either if either else None


def rows_of_seed(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lay_out_tables(connection: duckdb.DuckDBPyConnection, base: Side, head: Side, as_of: str) -> None:
    """The members of both sides, and the seeds that say what a segment is used for."""
    for name, side in (("base", base), ("head", head)):
        connection.execute(f"attach '{str(side.database).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        connection.execute(
            f"create table {name}_members as select segment_id, family, variant, lookback_days, customer_id,"
            f" max(qualified_at) as qualified_at, max(score) as score"
            f" from {name}.{side.table(MEMBERSHIPS)} group by all"
        )
    connection.execute("create table experiments (experiment_key text, segment_id text, status text)")
    for row in rows_of_seed(head.folder, "experiments"):
        if row["segment_id"]:
            connection.execute(
                "insert into experiments select $key, $segment, case"
                " when $starts::timestamp > $as_of::timestamp then 'planned'"
                " when $ends::timestamp <= $as_of::timestamp then 'ended' else 'running' end",
                {"key": row["experiment_key"], "segment": row["segment_id"], "starts": row["starts_at"],
                 "ends": row["ends_at"], "as_of": as_of},
            )
    connection.execute("create table destinations (segment_id text, destination_key text)")
    for row in rows_of_seed(head.folder, "segment_destinations"):
        connection.execute("insert into destinations values (?, ?)", [row["segment_id"], row["destination_key"]])
    # A family that was added or taken away is told even where nobody is in it.
    connection.execute("create table families (family text, is_audience boolean, is_on_one_side boolean)")
    before, after = base.families(), head.families()
    for family, node in (before | after).items():
        connection.execute(
            "insert into families values (?, ?, ?)",
            [family, node.config.meta.get("kind") == "audience", (family in before) != (family in after)],
        )


# By family, variant and the number of days: @7d before @14d. An experiment names a segment or a family, a destination a
# pattern, and destinations take audiences only, as int_experiment_segments and int_audience_candidates have it.
CHANGES = """
    with members as (
        select
            coalesce(before.segment_id, after.segment_id) as segment_id,
            coalesce(before.family, after.family) as family,
            coalesce(before.variant, after.variant) as variant,
            coalesce(before.lookback_days, after.lookback_days) as lookback_days,
            before.customer_id is not null as was_in,
            after.customer_id is not null as is_in,
            was_in and is_in and (
                before.qualified_at <> after.qualified_at
                or abs(before.score - after.score) > 1e-9 * greatest(abs(before.score), abs(after.score))
            ) as is_rescored
        from base_members as before
        full join head_members as after
            on before.segment_id = after.segment_id and before.customer_id = after.customer_id
    ),

    segments as (
        select
            segment_id,
            family,
            variant,
            lookback_days,
            count(*) filter (where was_in) as before,
            count(*) filter (where is_in) as after,
            count(*) filter (where is_in and not was_in) as entered,
            count(*) filter (where was_in and not is_in) as exited,
            count(*) filter (where is_rescored) as rescored
        from members
        group by all
        union all
        select family, family, null, null, 0, 0, 0, 0, 0
        from families
        where is_on_one_side and family not in (select family from members)
    )

    select
        segments.segment_id, segments.family, before, after, entered, exited, rescored,
        (
            select coalesce(list(experiment_key || ' (' || status || ')' order by experiment_key), [])
            from experiments
            where status <> 'ended' and experiments.segment_id in (segments.segment_id, segments.family)
        ) as experiments,
        (
            select coalesce(list(experiment_key order by experiment_key), [])
            from experiments
            where status = 'running' and experiments.segment_id in (segments.segment_id, segments.family)
        ) as running,
        (
            select coalesce(list(distinct destination_key order by destination_key), [])
            from destinations
            where families.is_audience and segments.segment_id like destinations.segment_id
        ) as destinations
    from segments
    left join families on segments.family = families.family
    order by segments.family, segments.variant nulls first, segments.lookback_days nulls first
"""

TWICE = """
    select family, count(*) from (
        select family from {table} group by segment_id, family, customer_id having count(*) > 1
    ) group by family order by family
"""


def compare(base: Side, head: Side, as_of: str) -> tuple[list[Change], list[str]]:
    """Every segment of either side, and what is wrong with a family."""
    notes = []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            lay_out_tables(connection, base, head, as_of)
        except (OSError, KeyError, duckdb.ConversionException) as error:
            raise CannotCompare(
                f"seeds/experiments.csv or seeds/segment_destinations.csv cannot be read: {as_line(error)}"
            ) from error
        changes = [Change(*row) for row in connection.execute(CHANGES).fetchall()]
        for name, side in (("base", base), ("head", head)):
            for family, count in connection.execute(TWICE.format(table=f"{name}.{side.table(MEMBERSHIPS)}")).fetchall():
                notes.append(
                    f"{side.title}: seg_{family} lets {count:,} members into a segment more than once; they count once "
                    "here, and `dbt build` fails on them"
                )
    return changes, notes


def differences(base: Side, head: Side, differing: list[str]) -> list[str]:
    """What else a reader of the table has to know: families that came, went or mean something else, variables, and
    files elsewhere."""
    lines = []
    before, after = base.families(), head.families()
    for title, found in (("new", after.keys() - before.keys()), ("gone", before.keys() - after.keys())):
        if found:
            lines.append(f"families {title}: {', '.join(sorted(found))}")
    for family in sorted(before.keys() & after.keys()):
        was, now = before[family].config.meta, after[family].config.meta
        keys = [key for key in MEANT if was.get(key) != now.get(key)]
        changed = [f"{key} {said(was.get(key))} to {said(now.get(key))}" for key in keys]
        if changed:
            lines.append(f"{family}: {', '.join(changed)}")
        if after[family].original_file_path in differing and before[family].description == after[family].description:
            lines.append(f"{family}: its SQL differs, its description does not")
    for name in sorted(base.variables.keys() | head.variables.keys()):
        was, now = base.variables.get(name), head.variables.get(name)
        if name not in ("segments", "as_of") and was != now:
            lines.append(f"variable {name}: {said(was)} to {said(now)}, each side is built with its own")
    elsewhere = [path for path in differing if not path.startswith(FAMILIES) and path != "vars.yml"]
    if elsewhere:
        more = f" and {len(elsewhere) - 5} more" if len(elsewhere) > 5 else ""
        lines.append(f"files that differ outside {FAMILIES}: {', '.join(elsewhere[:5])}{more}")
    return lines


def sizes(base: Side, head: Side, changes: list[Change]) -> list[str]:
    """Segments that have become too small or too large, as segment_sizes will say."""

    def limits(side: Side, change: Change) -> tuple[int, int]:
        family = side.families().get(change.family)
        meta = family.config.meta if family else {}
        # A BASE may be older than the variables.
        defaults = head.variables | side.variables
        return tuple(meta.get(key) or defaults[f"segment_{key}"] for key in ("min_size", "max_size"))

    small, large = [], []
    for change in changes:
        (least_before, most_before), (least, most) = limits(base, change), limits(head, change)
        if 0 < change.after < least and not 0 < change.before < least_before:
            small.append(f"{change.segment_id} ({change.after:,} of {least:,})")
        if change.after > most and not change.before > most_before:
            large.append(f"{change.segment_id} ({change.after:,} of {most:,})")
    return [
        f"{title}: {', '.join(found[:5])}{f' and {len(found) - 5:,} more' if len(found) > 5 else ''}"
        for title, found in (("below min_size now", small), ("above max_size now", large)) if found
    ]


def said(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "none" if value is None else str(value)
