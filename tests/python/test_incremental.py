"""What a build makes again, and what it leaves as it is (docs/incremental.md); that any sequence of builds gives what one
gives is asked by test_histories.py."""

import csv
import datetime

from warehouse import seed

from tools import dbt_in_process
from tools.project import ROOT

FIRST, LAST = datetime.datetime(2026, 3, 1, 12), datetime.datetime(2026, 3, 20, 12)
DAY = datetime.timedelta(days=1)
BUILT = ("+rejected_rows", "+int_identifier_activity_daily")
ACTIVITY = "main_intermediate.int_identifier_activity_daily"


def event(event_id, occurred_at, received_at):
    return {"event_id": event_id, "event_name": "product_viewed", "occurred_at": occurred_at, "received_at": received_at}


def write(project):
    project.write("web/events", [event("first", FIRST, FIRST), event("last", LAST, LAST)])


def events_by_day(project):
    return dict(project.query(f"select activity_date::varchar, sum(event_count)::int from {ACTIVITY} group by 1"))


def test_rows_that_come_too_late_are_told_of_and_taken_in_by_one_command(project, capfd):
    write(project)
    project.build(*BUILT)
    assert "taken in" not in capfd.readouterr().out
    project.write("web/events", [event("late", FIRST + DAY, FIRST + DAY)], name="late.parquet")

    project.build(*BUILT)
    said = capfd.readouterr().out
    assert "2026-03-02: 1 rows, of which the last builds knew 0" in said
    assert "reload_late_rows: true" in said
    assert events_by_day(project) == {"2026-03-01": 1, "2026-03-20": 1}

    project.build(*BUILT, reload_late_rows=True)
    assert "of which the last builds knew" not in capfd.readouterr().out
    assert events_by_day(project) == {"2026-03-01": 1, "2026-03-02": 1, "2026-03-20": 1}


def test_an_event_that_was_held_back_counts_when_it_is_received(project):
    write(project)
    project.build(*BUILT, tests=False)
    project.write("web/events", [event("held back", FIRST, LAST + DAY)], name="new.parquet")
    project.build(*BUILT)
    assert events_by_day(project) == {"2026-03-01": 2, "2026-03-20": 1}


def versions(warehouse, table):
    return dict(warehouse.query(f"select day, version from {table}__days"))


def test_a_build_without_news_moves_nothing(new_warehouse):
    warehouse = new_warehouse("quiet")
    write(warehouse)
    tables = ("main_staging.base_web__events", ACTIVITY)
    warehouse.build(*BUILT)
    before = [versions(warehouse, table) for table in tables]
    warehouse.build(*BUILT)
    assert [versions(warehouse, table) for table in tables] == before
    # Rows that are received now change their own day, and no other that is looked at again.
    warehouse.write("web/events", [event("new", LAST - DAY, LAST)], name="new.parquet")
    warehouse.build(*BUILT)
    for table, known in zip(tables, before):
        found = versions(warehouse, table)
        assert {day for day in found if found[day] != known.get(day)} == {(LAST - DAY).date()}


def test_what_was_made_with_another_seed_is_made_again(new_warehouse, tmp_path):
    warehouse = new_warehouse("seeds")
    write(warehouse)
    warehouse.build(*BUILT)
    with (ROOT / "seeds" / "event_types.csv").open(encoding="utf-8") as file:
        rows = [{**row, "engagement_weight": 7} for row in csv.DictReader(file)]
    for name, text in seed(event_types=rows).items():
        dbt_in_process.give_seed(warehouse.manifest, tmp_path, name, text)
    warehouse.build(*BUILT)
    assert set(warehouse.column(f"select engagement_score from {ACTIVITY}")) == {7}
