"""`make summary`: what the built database says, on one screen. It reads the marts and changes nothing."""

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from tools import project

WIDTH = 100

# A mart that is missing is missing: a function of this file that has its name is no table.
CONFIG = {"python_enable_replacements": False}

NOTES = "*: the metric that decides. p adj.: p after Benjamini-Hochberg over the experiment's comparisons."
HONEST_READING = (
    "How to read this: the interval is what the data can say about the lift, not the single figure before it. An "
    "interval that holds 0 % proves nothing, neither an effect nor that there is none; small segments give wide "
    "intervals."
)


# --- Text ------------------------------------------------------------------------------------------------------------


def count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def counted(value: int, noun: str) -> str:
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:.4f}"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:+.1f} %"


def interval(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"[{percent(low)}, {percent(high)}]"


def probability(value: float | None) -> str:
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns as wide as their longest cell: the first, of names, flush left, and figures flush right. A row of one
    cell is a heading and stands as it is."""
    lines = [list(header), *([str(cell) for cell in row] for row in rows)]
    cells = [line for line in lines if len(line) > 1]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    # What is left over the screen's width is taken from the names.
    widths[0] = max(12, widths[0] - max(0, sum(widths) + 2 * len(widths) - WIDTH))
    for number, line in enumerate(lines):
        if len(line) > 1:
            name = line[0] if len(line[0]) <= widths[0] else line[0][: widths[0] - 1] + "…"
            figures = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))
            lines[number] = ["  " + "  ".join((name.ljust(widths[0]), *figures)).rstrip()]
    return [line[0] for line in lines]


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ")


# --- Sections: each returns its lines, or raises where its mart is not built ---


def clock(db: duckdb.DuckDBPyConnection) -> list[str]:
    row = db.execute("select as_of from main_intermediate.int_as_of").fetchone()
    return [f"Every figure is as of {row[0]:%Y-%m-%d %H:%M} UTC." if row and row[0] else "as_of: -"]


def customers(db: duckdb.DuckDBPyConnection) -> list[str]:
    known, anonymous = db.execute(
        "select count(*) filter (where is_known), count(*) filter (where not is_known) from main.customers"
    ).fetchone()
    return [f"Customers: {count(known + anonymous)} ({count(known)} known, {counted(anonymous, 'anonymous visitor')})"]


def rejected_rows(db: duckdb.DuckDBPyConnection) -> list[str]:
    reasons = db.execute(
        "select reason, count(*) as row_count from main.rejected_rows group by reason order by row_count desc, reason"
    ).fetchall()
    if not reasons:
        return ["Rejected rows: none"]
    named = [f"{reason} {count(rows)}" for reason, rows in reasons[:5]]
    others = sum(rows for _, rows in reasons[5:])
    if others:
        named.append(f"other reasons {count(others)}")
    return wrapped(f"Rejected rows: {count(sum(rows for _, rows in reasons))} ({', '.join(named)})")


def segments(db: duckdb.DuckDBPyConnection) -> list[str]:
    sizes = db.execute(
        """
        select segment_id, member_count, size_status
        from main.segment_sizes
        where as_of_date = (select cast(as_of as date) from main_intermediate.int_as_of)
        order by member_count desc, segment_id
        """
    ).fetchall()
    # A family without a member stands there too, under its own name.
    empty = [segment for segment, members, _ in sizes if not members]
    sizes = [row for row in sizes if row[1]]
    if not sizes:
        return ["Segments: none has a member"]
    statuses = [status for _, _, status in sizes]
    by_status = ", ".join(f"{statuses.count(status)} {status}" for status in ("too_small", "ok", "too_large"))
    return [
        f"Segments with members: {count(len(sizes))} ({by_status}); the largest:",
        *table(
            ("segment", "members", "size"),
            [(segment, count(members), status) for segment, members, status in sizes[:10]],
        ),
        *(wrapped(f"Families without a member: {', '.join(empty)}") if empty else []),
    ]


def planted_effects(db: duckdb.DuckDBPyConnection, raw: Path) -> dict[tuple[str, str, str], float]:
    """The demo's planted truth, which no model reads; nothing where the raw files are not the demo's."""
    truth = raw / "_truth" / "planted_effects.parquet"
    if project.demo_marker(raw) is None or not truth.exists():
        return {}
    rows = db.execute(
        "select experiment_key, arm_key, metric_key, planted_relative_lift from read_parquet(?)", [str(truth)]
    ).fetchall()
    return {tuple(keys): lift for *keys, lift in rows if lift is not None}


def sample_ratios(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    try:
        rows = db.execute(
            "select experiment_key, status from main.experiment_health where check_name = 'sample_ratio'"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {key: status or "-" for key, status in rows}


def held(low: float | None, high: float | None, planted: float | None) -> str:
    if low is None or high is None or planted is None:
        return "-"
    return "yes" if low <= planted <= high else "no"


@dataclass
class Progress:
    """How far an arm of an experiment is: units in the ledger; those of today, of which merged ones count once; those
    whose outcome window is complete; and when the experiment's first one is."""

    assigned: int = 0
    units: int = 0
    mature: int = 0
    first_matures: datetime | None = None


def progress(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Progress]:
    rows = db.execute(
        """
        with
        assigned as (
            select experiment_key, arm_key, count(*) as unit_count
            from main.experiment_assignments
            where assigned_at <= (select as_of from main_intermediate.int_as_of)
            group by experiment_key, arm_key
        ),
        units as (
            select
                experiment_key,
                arm_key,
                count(distinct unit_id) as unit_count,
                count(distinct unit_id) filter (where is_mature) as mature_count,
                min(assigned_at) as first_assigned_at
            from main.experiment_unit_outcomes
            group by experiment_key, arm_key
        )
        select
            assigned.experiment_key,
            assigned.arm_key,
            assigned.unit_count,
            coalesce(units.unit_count, 0),
            coalesce(units.mature_count, 0),
            min(units.first_assigned_at) over (partition by assigned.experiment_key)
            + to_days(experiments.outcome_window_days)
        from assigned
        inner join main.experiments on assigned.experiment_key = experiments.experiment_key
        left join units on assigned.experiment_key = units.experiment_key and assigned.arm_key = units.arm_key
        """
    ).fetchall()
    return {(key, arm): Progress(*found) for key, arm, *found in rows}


def arm_heading(key: str, arm: str, treatment: Progress, control: Progress, ratio: str) -> list[str]:
    """Who is compared, and where that differs from who was assigned, why."""
    assigned, units = treatment.assigned + control.assigned, treatment.units + control.units
    mature = treatment.mature + control.mature
    if not assigned:
        return [f"{key}: no unit is assigned yet ({arm})"]
    if mature:
        lines = [f"{key}: {count(treatment.mature)} treated ({arm}), {count(control.mature)} control; sample ratio {ratio}"]
        if mature < units:
            lines.append(f"  {count(units - mature)} more are assigned; their outcome windows are not complete")
    else:
        lines = [f"{key}: assigned {count(treatment.units)} ({arm}), {count(control.units)} control; sample ratio {ratio}"]
        matures = treatment.first_matures or control.first_matures
        lines.append(f"  no outcome window is complete; the first is on {matures:%Y-%m-%d}" if matures else "  no outcome yet")
    if units < assigned:
        lines.append(f"  {count(assigned)} were assigned; those that turned out to be one person count once")
    return lines


def holdouts(db: duckdb.DuckDBPyConnection) -> list[str]:
    held_out = db.execute(
        """
        select
            holdout_key || case when segment_id is null then '' else ' (' || segment_id || ')' end as name,
            count(*) filter (where unit_type = 'customer'),
            count(*) filter (where unit_type = 'account')
        from main.holdout_members
        group by holdout_key, segment_id
        order by name
        """
    ).fetchall()
    named = [f"{name} {counted(people, 'customer')} and {counted(accounts, 'account')}" for name, people, accounts in held_out]
    return wrapped(f"Held out: {'; '.join(named) or 'nobody'}")


def verdicts(db: duckdb.DuckDBPyConnection) -> list[str]:
    said = db.execute(
        """
        select experiment_key, arm_key, verdict, reason
        from main.experiment_readouts
        where is_primary
        order by experiment_key, arm_key
        """
    ).fetchall()
    if not said:
        return ["Verdicts: no experiment has started"]
    lines = ["Verdicts on the metric that decides:"]
    for key, arm, found, reason in said:
        # A figure and its sign stay on one line.
        text = f"{key} ({arm}): {found.replace('_', ' ')}. {reason}".replace(" %", "\0%")
        lines += [line.replace("\0", " ") for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")]
    return lines


def experiments(db: duckdb.DuckDBPyConnection, raw: Path) -> list[str]:
    results = db.execute(
        """
        select
            results.experiment_key, results.arm_key, results.metric_key,
            results.metric_key = experiments.primary_metric_key as is_primary,
            control_mean, treatment_mean, relative_lift, relative_ci_low, relative_ci_high, p_value_adjusted
        from main.experiment_results as results
        inner join main.experiments on results.experiment_key = experiments.experiment_key
        where results.method = 'itt' and results.slice = 'all'
        order by results.experiment_key, results.arm_key, is_primary desc, results.metric_key
        """
    ).fetchall()
    if not results:
        defined, first = db.execute("select count(*), min(starts_at) from main.experiments").fetchone()
        if not defined:
            return ["Experiments: none is defined"]
        return [f"Experiments: {count(defined)} defined, none has started; the first does on {first:%Y-%m-%d}"]
    planted = planted_effects(db, raw)
    ratios = sample_ratios(db)
    paused = {key for (key,) in db.execute("select experiment_key from main.experiments where status = 'paused'").fetchall()}
    arms = progress(db)
    controls = {
        key: arms.get((key, arm), Progress())
        for key, arm in db.execute("select experiment_key, arm_key from main.experiment_arms where is_control").fetchall()
    }
    header = ["metric", "control", "treatment", "lift", "interval", "p adj.", *(("planted", "held") if planted else ())]
    rows, heading, is_measured = [], None, False
    for key, arm, metric, is_primary, control, treatment, lift, low, high, p in results:
        if heading != (key, arm):
            heading = (key, arm)
            sizes = arms.get(heading, Progress()), controls.get(key, Progress())
            rows += [[line] for line in arm_heading(key, arm, *sizes, ratios.get(key, "-"))]
            rows += [["  enrolment is paused"]] if key in paused else []
            is_measured = any(size.mature for size in sizes)
        if not is_measured:
            continue
        name = f"{metric} *" if is_primary else metric
        row = [name, number(control), number(treatment), percent(lift), interval(low, high), probability(p)]
        if planted:
            truth = planted.get((key, arm, metric))
            row += [percent(truth), held(low, high, truth)]
        rows.append(row)
    lines = ["Experiments, by intention to treat:", *table(header, rows)]
    lines += wrapped(NOTES)
    lines += wrapped(HONEST_READING)
    if planted:
        lines += wrapped(
            "planted: the lift that the demo's generator gave its customers; held: whether the interval holds it. Of a "
            "hundred intervals about five should not."
        )
    return lines


def report(db: duckdb.DuckDBPyConnection, raw: Path) -> list[str]:
    sections = [
        ("Time", lambda: clock(db)),
        ("Customers", lambda: customers(db)),
        ("Rejected rows", lambda: rejected_rows(db)),
        ("Segments", lambda: segments(db)),
        ("Held out", lambda: holdouts(db)),
        ("Verdicts", lambda: verdicts(db)),
        ("Experiments", lambda: experiments(db, raw)),
    ]
    lines = []
    for name, section in sections:
        try:
            found = section()
        except (duckdb.CatalogException, duckdb.BinderException):
            found = [f"{name}: not built yet"]
        # A blank line sets the tables apart; the single lines stand together.
        lines += ["", *found] if len(found) > 1 and name != "Rejected rows" else found
    return lines


def main() -> int:
    path = project.database()
    if not path.exists():
        print(f"There is no database at {path} yet; `make build` makes it.")
        return 1
    try:
        with duckdb.connect(str(path), read_only=True, config=CONFIG) as db:
            print("\n".join(report(db, project.raw_folder())), flush=True)
    except BrokenPipeError:
        # `make summary | head`: whoever reads has read enough. What Python flushes at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except duckdb.Error as error:
        print(project.one_line(error, path))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
