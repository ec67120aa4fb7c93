"""The checker of the input contract: what it lets through, and what it says when it does not."""

import os
import re

from conftest import CONTRACT, ROOT

STAGING = ["path:models/staging", "+rejected_rows"]


def stopped_with(project):
    """The message of a run that is stopped before its first model, without dbt's own trace."""
    result = project.dbt("seed", "--select", "exchange_rates")
    assert not result.success
    assert result.exception is not None, "the run was not stopped before its first model"
    return str(result.exception).split("\n  \n  > in macro")[0]


def write_all(project, except_for=()):
    for table in CONTRACT:
        if table not in except_for:
            project.write(table, [{}])


def columns_of(table, **changed):
    """Select list of a good row of a table, with some columns changed or, if None, left out."""
    values = {
        column: changed.get(column, f"cast(null as {kind})")
        for column, (kind, _) in CONTRACT[table].items()
    }
    return "select " + ", ".join(f"{sql} as {name}" for name, sql in values.items() if sql)


def test_a_row_of_defaults_is_accepted_in_every_table(project):
    write_all(project)
    project.write("shop/orders", [{"order_id": "x"}])
    project.build(*STAGING, tests=False)
    assert project.query("select source_table, reason, row_json from rejected_rows") == []


def test_missing_tables_are_empty_and_noticed(project, capsys):
    project.write("web/events", [{}])
    project.build(*STAGING, tests=False)
    said = capsys.readouterr().out
    absent = ", ".join(sorted(set(CONTRACT) - {"web/events"}))
    notice = f"notice: no files under {project.raw} for {absent}: counted as empty tables"
    assert said.count("notice: ") == said.count(notice) == 1
    assert said.count(str(project.raw)) == 1
    assert project.query("select count(*) from main_staging.stg_crm__accounts") == [(0,)]
    assert project.query("select count(*) from main_staging.stg_web__events") == [(1,)]


def test_no_raw_folder_stops(project):
    message = stopped_with(project)
    assert f"the folder {project.raw} does not exist or holds no file" in message
    assert "TESSERA_RAW" in message


def test_an_empty_file_is_an_empty_table(project):
    project.write("web/events", [{}])
    project.write("crm/contacts", [])
    project.build(*STAGING, tests=False)
    assert project.query("select count(*) from main_staging.stg_crm__contacts") == [(0,)]


def test_missing_column_names_its_file(project):
    write_all(project)
    sql = columns_of("shop/orders", order_amount=None)
    path = project.write_sql("shop/orders", sql, "part-1.parquet")
    expected = f"shop/orders: column order_amount: expected double, found no such column ({path})"
    assert expected in stopped_with(project).splitlines()[-1]


def test_every_problem_is_named_at_once(project):
    write_all(project)
    sql = columns_of("shop/orders", order_amount="'1.50'", ordered_at="'2026-03-01'")
    first = project.write_sql("shop/orders", sql, "part-1.parquet")
    project.write_sql("shop/orders", sql, "part-2.parquet")
    project.write_sql("web/events", columns_of("web/events", quantity="1.5::double"))
    lines = [line.strip() for line in stopped_with(project).splitlines()]
    assert lines[-3:] == [
        f"shop/orders: column ordered_at: expected timestamp, found VARCHAR ({first} and 1 more)",
        f"shop/orders: column order_amount: expected double, found VARCHAR ({first} and 1 more)",
        "web/events: column quantity: expected bigint, found DOUBLE "
        f"({project.raw}/web/events/part-0.parquet)",
    ]


def test_only_twenty_problems_are_listed(project):
    for table in CONTRACT:
        project.write_sql(table, "select 1 as something_else")
    message = stopped_with(project)
    count = sum(len(columns) for columns in CONTRACT.values())
    assert message.splitlines()[-1].strip() == f"... and {count - 20} more"


def test_wrong_types(project):
    write_all(project)
    wrong = [
        ("shop/orders", "order_id", "1", "INTEGER"),
        ("shop/orders", "order_id", "'x'::blob", "BLOB"),
        ("shop/orders", "order_id", "['x']", "VARCHAR[]"),
        ("shop/orders", "user_id", "null::integer", "INTEGER"),
        ("shop/orders", "ordered_at", "now()", "TIMESTAMP WITH TIME ZONE"),
        ("shop/orders", "ordered_at", "date '2026-03-01'", "DATE"),
        ("shop/orders", "ordered_at", "1772366400", "INTEGER"),
        ("shop/orders", "order_amount", "true", "BOOLEAN"),
        ("shop/order_lines", "line_number", "1::ubigint", "UBIGINT"),
        ("shop/order_lines", "line_number", "1::double", "DOUBLE"),
        ("shop/order_lines", "line_number", "1::decimal(10, 0)", "DECIMAL(10,0)"),
        ("shop/order_lines", "line_number", "'1'", "VARCHAR"),
        ("ads/daily_delivery", "delivery_date", "timestamp '2026-03-01'", "TIMESTAMP"),
        ("crm/contacts", "is_internal", "1::tinyint", "TINYINT"),
    ]
    expected = set()
    for number, (table, column, sql, found) in enumerate(wrong):
        path = project.write_sql(table, columns_of(table, **{column: sql}), f"p{number}.parquet")
        kind = CONTRACT[table][column][0]
        remedy = f": export its UTC time without a zone, cast({column} at time zone 'UTC' as timestamp)"
        remedy = remedy if found == "TIMESTAMP WITH TIME ZONE" else ""
        expected.add(f"{table}: column {column}: expected {kind}, found {found} ({path}){remedy}")
    lines = stopped_with(project).splitlines()
    assert {line.strip() for line in lines[2:]} == expected


def test_narrower_types_and_files_that_differ_are_read_as_the_contract_says(project):
    variants = [
        ("'a'", "timestamp_s '2026-03-01 12:00:00'", "1::tinyint"),
        ("'b'", "timestamp_ms '2026-03-01 12:00:00'", "2.5::float"),
        ("'c'", "timestamp_ns '2026-03-01 12:00:00'", "123456.78::decimal(9, 2)"),
        ("'d'", "timestamp '2026-03-01 12:00:00'", "16777217"),
        ("'e'", "timestamp '2026-03-01 12:00:00'", "0.1::double"),
        ("null", "null", "null"),
    ]
    for number, (order_id, ordered_at, order_amount) in enumerate(variants):
        sql = columns_of(
            "shop/orders",
            order_id=order_id,
            user_id="'u1'::enum('u1')",
            ordered_at=ordered_at,
            order_status="'completed'",
            order_amount=order_amount,
            currency_code="'USD'",
        )
        project.write_sql("shop/orders", sql + ", 7 as one_more", f"part-{number}.parquet")
    line = dict(line_number="1::uinteger", quantity="2::smallint", line_amount="1.5::float")
    project.write_sql("shop/order_lines", columns_of("shop/order_lines", order_id="'a'", **line))
    project.build(*STAGING, tests=False)
    assert project.query("""
        select order_id, ordered_at::varchar, order_amount
        from main_staging.stg_shop__orders
        order by order_id
    """) == [
        ("a", "2026-03-01 12:00:00", 1.0),
        ("b", "2026-03-01 12:00:00", 2.5),
        ("c", "2026-03-01 12:00:00", 123456.78),
        ("d", "2026-03-01 12:00:00", 16777217.0),
        ("e", "2026-03-01 12:00:00", 0.1),
    ]
    assert project.query("select source_table, reason from rejected_rows") == [
        ("shop/orders", "null_key")
    ]
    lines = project.query("select line_number, quantity from main_staging.stg_shop__order_lines")
    assert lines == [(1, 2)]


def test_files_whose_types_cannot_be_read_together(project):
    write_all(project)
    files = [("1.25::decimal(9, 2)", "'x'"), ("1::float", "'{}'::json")]
    for number, (amount, email) in enumerate(files):
        sql = columns_of("shop/orders", order_amount=amount, email=email)
        project.write_sql("shop/orders", sql, f"part-{number}.parquet")
    lines = [line.strip() for line in stopped_with(project).splitlines()]
    place = f"({project.raw}/shop/orders/part-0.parquet and others)"
    assert lines[-2:] == [
        "shop/orders: column email: expected text, "
        f"found JSON in some files, VARCHAR in others {place}",
        "shop/orders: column order_amount: expected double, "
        f"found DECIMAL(9,2) in some files, FLOAT in others {place}",
    ]


def test_a_field_inside_a_column_is_not_the_column(project):
    write_all(project)
    sql = columns_of("shop/orders", email=None) + ", {'email': 'x', 'more': [1]} as customer"
    project.write_sql("shop/orders", sql)
    message = stopped_with(project)
    assert "shop/orders: column email: expected text, found no such column" in message
    project.write_sql("shop/orders", sql.replace("select", "select null::text as EMAIL,", 1))
    assert project.dbt("seed", "--select", "exchange_rates").success


def test_a_folder_name_may_hold_what_means_something_to_sql(project, monkeypatch):
    project.raw = project.raw.parent / """it's [raw] *? "x" ;-- day=2026-03-01"""
    monkeypatch.setenv("TESSERA_RAW", f"{project.raw}/")
    project.write("web/events", [{"event_id": "e1"}])
    project.build("+stg_web__events", tests=False)
    assert project.query("select event_id from main_staging.stg_web__events") == [("e1",)]


def test_a_relative_folder(project, monkeypatch):
    project.write("web/events", [{"event_id": "e1"}])
    monkeypatch.setenv("TESSERA_RAW", os.path.relpath(project.raw, ROOT))
    project.build("+stg_web__events", tests=False)
    assert project.query("select event_id from main_staging.stg_web__events") == [("e1",)]


def test_a_file_that_is_no_parquet_is_named(project):
    write_all(project)
    path = project.raw / "crm/contacts/part-9.parquet"
    path.write_bytes(b"contact_id\n1\n" * 100)
    message = stopped_with(project)
    assert str(path) in message


def test_text_that_is_not_utf8_names_its_file(project):
    path = project.write("crm/contacts", [{"contact_id": "x", "postal_code": "abcdefghijkl"}])
    broken = path.read_bytes().replace(b"abcdefghijkl", b"abc\xff\xfefghijkl")
    path.write_bytes(broken)
    result = project.dbt("build", "--select", "+base_crm__contacts")
    assert not result.success
    assert f'Invalid string encoding found in Parquet file "{path}"' in project.problems(result)


def test_the_document_says_what_the_contract_says():
    page = (ROOT / "docs/input-contract.md").read_text()
    for table, columns in CONTRACT.items():
        section = page.split(f"### {table}\n")[1].split("\n### ")[0]
        listed = re.findall(r"^\| (\w+)( [*?])? \| (\w+) \|", section, re.M)
        described = {name: (kind, mark == " ?") for name, mark, kind in listed if name != "column"}
        assert described == columns, table

        source, name = table.split("/")
        folder = ROOT / "models/staging" / source
        # What a row breaks on its own comes before what it breaks beside others.
        files = sorted(folder.glob(f"base_{source}__*{name}.sql"), key=lambda file: "checked" not in file.name)
        sql = "".join(file.read_text() for file in files)
        # Why a row is not held at all is no reason for which it is refused.
        reasons = [reason for reason in re.findall(r"then\s+'(\w+)'", sql) if reason not in ("erased", "past_retention")]
        line = re.search(r"^Refused, in this order: (.*?)\.$", section, re.M | re.S)[1]
        assert re.findall(r"`(\w+)`", line) == list(dict.fromkeys(reasons)), table
