"""`make report`: one HTML file with what the dashboard says of experiments, segments and data, for mail and pull requests.

It asks for nothing over the network and runs no script: its charts are SVG, its hover texts are titles. The same
publication gives the same file.
"""

import os
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import altair as alt
import vl_convert

from dashboard import charts, data, present, queries, tables
from tools import project

WIDTH = 820
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tessera, as of {as_of}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1B1F24; margin: 0 auto; max-width: 1180px; padding: 1.5rem 1rem 4rem; }}
h1 {{ font-size: 1.8rem; margin: 0; }} h2 {{ font-size: 1.3rem; margin: 2.2rem 0 0.6rem; }} h3 {{ font-size: 1.05rem; margin: 1.4rem 0 0.3rem; }}
.note {{ color: #5B6570; font-size: 0.9rem; }} .chart {{ overflow-x: auto; }} svg {{ min-width: 600px; max-width: 100%; height: auto; }}
.figures {{ display: flex; flex-wrap: wrap; gap: 0.5rem 2.5rem; }} .figures div {{ cursor: help; }}
.figures b {{ display: block; font-size: 1.4rem; font-weight: 500; }} .figures span {{ color: #5B6570; font-size: 0.85rem; }}
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""


class Report:
    def __init__(self, published: Path):
        self.published = published

    def rows(self, query: data.Query, **parameters: object) -> list[dict]:
        return data.rows(self.published, query, **parameters)

    def html(self) -> str:
        (at,) = self.rows(queries.PUBLICATION)
        if at["as_of"] is None:
            raise data.CannotShow("The publication holds no mart: run `make build`.")
        head = (
            "<h1>Tessera</h1>"
            f'<p class="note">As of {present.moment(at["as_of"])}; published {present.moment(at["published_at"])}. '
            "What a figure counts shows where you point at it. An interval that holds 0 shows neither an effect nor that there is none.</p>"
        )
        parts = (
            ("Verdicts", self.verdicts), ("Readouts", self.readouts), ("Before launch: what can be shown", self.power),
            ("Economics", self.economics), ("Customers", self.customers), ("Segments", self.segments), ("Refused rows", self.rejects),
        )
        body = head + "".join(f"<h2>{escape(title)}</h2>{self.part(write)}" for title, write in parts)
        return PAGE.format(as_of=present.day(at["as_of"]), style=present.STYLE, body=body)

    @staticmethod
    def part(write: Callable[[], str]) -> str:
        """A part whose mart is missing says so; the others stand."""
        try:
            return write()
        except data.CannotShow as reason:
            return note(str(reason))

    def verdicts(self) -> str:
        decisive = [row for row in self.rows(queries.READOUTS) if row["is_primary"]]
        if not decisive:
            return note("No experiment has started.")
        cards = "".join(present.verdict_card(row) for row in decisive)
        chart = svg(charts.verdicts(decisive)) if any(row["drawn_ci_low"] is not None for row in decisive) else ""
        return cards + chart + "".join(note(sentence) for sentence in charts.about_verdicts(decisive))

    def readouts(self) -> str:
        found = self.rows(queries.READOUTS)
        if not found:
            return note("Nothing is measured yet.")
        written = []
        for key in dict.fromkeys(row["experiment_key"] for row in found):
            of = [row for row in found if row["experiment_key"] == key]
            written.append(f"<h3>{escape(key)}</h3>{note(of[0]['hypothesis'])}{present.table(tables.READOUTS, of)}")
            health = self.rows(queries.HEALTH, experiment=key)
            alarming = [check for check in health if check["status"] != "pass"]
            written.append(note(f"{present.counted(len(health), 'health check')}, {len(health) - len(alarming)} passed."))
            written.append(present.table(tables.CHECKS, alarming) if alarming else "")
        return "".join(written)

    def power(self) -> str:
        found = self.rows(queries.POWER)
        if not found:
            return note("No experiment is planned, running or paused.")
        return "".join(
            f"<h3>{escape(key)}</h3>{present.table(tables.POWER, [row for row in found if row['experiment_key'] == key])}"
            for key in dict.fromkeys(row["experiment_key"] for row in found)
        )

    def economics(self) -> str:
        found = self.rows(queries.ECONOMICS)
        return present.table(tables.ECONOMICS, found) if found else note("No experiment is measured.")

    def customers(self) -> str:
        (found,) = self.rows(queries.CUSTOMERS)
        if not found["customers"]:
            return note("There are no customers yet.")
        return figures(
            ("customers", present.count(found["customers"]), "Resolved people and anonymous visitors, staff and bots among them."),
            ("known", present.count(found["known"]), "Of whom more than a device or browser id is known."),
            ("buyers", present.count(found["buyers"]), "With a completed order before as_of."),
            ("may be addressed", f"{present.count(found['reach'])} ({present.part(found['reach'], found['targetable'])})",
             "Who consented to ads or to e-mail, of those who are neither staff nor bots."),
        )

    def segments(self) -> str:
        sizes = self.rows(queries.SIZE_STATUS)
        if not sizes:
            return note("No segment has a size for this day.")
        return svg(charts.bars(sizes, "size_status", "segments", "segments today", present.SIZE_STATUSES))

    def rejects(self) -> str:
        found = self.rows(queries.REJECTS)
        if not found:
            return note("No row was refused.")
        refused = sum(row["refused"] for row in found)
        return f"<details><summary>{present.counted(refused, 'row')}, by table and reason</summary>{present.table(tables.REJECTS, found)}</details>"


def note(sentence: str) -> str:
    return f'<p class="note">{escape(sentence)}</p>'


def figures(*shown: tuple[str, str, str]) -> str:
    cells = (f'<div title="{escape(counts)}"><span>{escape(label)}</span><b>{escape(figure)}</b></div>' for label, figure, counts in shown)
    return f'<div class="figures">{"".join(cells)}</div>'


def svg(chart: alt.Chart) -> str:
    spec = chart.properties(width=WIDTH).to_dict()
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2]))
    return f'<div class="chart">{drawn}</div>'


def main() -> int:
    to = project.ROOT / (os.environ.get("TESSERA_REPORT") or "data/report.html")
    try:
        written = Report(project.published()).html()
    except data.CannotShow as reason:
        print(reason)
        return 1
    try:
        project.put(to, written.encode("utf-8"))
    except OSError as error:
        print(f"The report cannot be written to {to}: {error.strerror or error}.")
        return 1
    print(f"Wrote {to} ({to.stat().st_size / 1024:,.0f} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
