"""The charts of the app and of the report. Every mark says on hover what it counts; every lift has its interval.

Colour never says anything alone: a verdict has a shape, a series a legend or a label.
"""

from collections.abc import Iterable
from datetime import date, datetime

import altair as alt

# Altair asks pandas only where it finds it loaded. Streamlit loads it later, for each visitor in a thread: whoever came at
# the same moment as the first met it half loaded.
import pandas  # noqa: F401

from dashboard import present

LABELS = 190
SHAPES = {
    "positive": "triangle-up",
    "negative": "triangle-down",
    "inconclusive": "circle",
    "too_early": "diamond",
    "invalid": "cross",
}
INK, PALE = present.BLACK, "#E4E8EC"


def values(rows: Iterable[dict]) -> alt.Data:
    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, date | datetime) else value

    return alt.Data(values=[{name: plain(value) for name, value in row.items()} for row in rows])


def finished(chart: alt.Chart, height: int, described: str) -> alt.Chart:
    """What all charts share. Axes and legend stand within the height, as Streamlit has it. The description is read out by
    screen readers."""
    return (
        # Room at the right for the last name below a chart, which else is cut on a phone.
        chart.properties(height=height, description=described, padding={"left": 5, "top": 5, "right": 12, "bottom": 5}, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .configure(font="Source Sans, Source Sans Pro, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelLimit=LABELS, labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor=PALE, domainColor="#9AA3AD",
            tickColor="#9AA3AD", labelColor=INK, titleColor=INK, labelOverlap=True,
        )
        .configure_axisY(grid=False, labelOverlap=False)
        .configure_legend(orient="top", labelFontSize=12, titleFontSize=12, labelLimit=260, columns=2, title=None)
        .configure_title(fontSize=14, anchor="start")
    )


def names(field: str, sort: object = None) -> alt.Y:
    """The names down the side. A long one is broken behind its destination and its family, since a name cut short could be
    that of another segment."""
    behind_family = "length(datum.label) > 24 ? split(replace(datum.label, '/', '/\\n'), '\\n') : datum.label"
    axis = alt.Axis(labelExpr=f"indexof(datum.label, ': ') > 0 ? split(datum.label, ': ') : {behind_family}")
    return alt.Y(f"{field}:N", title=None, sort=sort, axis=axis)


def tip(field: str, title: str, format: str | None = None) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:N", title=title) if format is None else alt.Tooltip(f"{field}:Q", title=title, format=format)


def rows_high(names: Iterable[object], step: int = 26, beside: int = 55) -> int:
    """The height of a chart with a line a name; `beside` is for axis and legend."""
    return beside + step * max(1, len(set(names)))


def bars(
    rows: list[dict], name: str, value: str, counts: str, colours: dict[str, str] | None = None, is_word: bool = True
) -> alt.Chart:
    """A horizontal bar a row, in the order given, with its figure at its end. What is no word is written as it is."""
    order = list(dict.fromkeys(row[name] for row in rows))
    written = present.words if is_word else str
    shown = [row | {"_name": written(row[name]), "_text": present.count(row[value])} for row in rows]
    most = max((row[value] for row in rows), default=0) or 1
    base = alt.Chart(values(shown)).encode(
        y=names("_name", [written(one) for one in order]),
        # Room for the figure at the end of the longest bar.
        x=alt.X(f"{value}:Q", title=counts, axis=alt.Axis(tickCount=4, format="~s"), scale=alt.Scale(domain=[0, most * 1.18])),
        tooltip=[tip("_name", "of"), tip(value, counts, ",.0f")],
    )
    colour = (
        alt.Color(f"{name}:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)
        if colours
        else alt.value(present.BLUE)
    )
    marks = base.mark_bar(height={"band": 0.7}).encode(color=colour)
    text = base.mark_text(align="left", dx=4, color=INK, fontSize=12).encode(text="_text:N")
    return finished(marks + text, rows_high(order, 26 if is_word else 34), f"Bars: {counts}")


def stacked(rows: list[dict], name: str, part: str, value: str, counts: str) -> alt.Chart:
    """A bar a name, made of parts. Names and parts in the order of their totals."""
    totals: dict[str, int] = {}
    parts: dict[str, int] = {}
    for row in rows:
        totals[row[name]] = totals.get(row[name], 0) + row[value]
        parts[row[part]] = parts.get(row[part], 0) + row[value]
    shown = [row | {"_part": present.words(row[part])} for row in rows]
    domain = [present.words(one) for one in sorted(parts, key=lambda one: -parts[one])]
    chart = alt.Chart(values(shown)).mark_bar(height={"band": 0.7}).encode(
        y=alt.Y(f"{name}:N", title=None, sort=sorted(totals, key=lambda one: -totals[one])),
        x=alt.X(f"sum({value}):Q", title=counts, axis=alt.Axis(tickCount=4, format="~s")),
        color=alt.Color("_part:N", scale=alt.Scale(domain=domain, range=list(present.PARTS))),
        order=alt.Order(f"{value}:Q", sort="descending"),
        tooltip=[tip(name, "of"), tip("_part", "reason"), tip(value, counts, ",.0f")],
    )
    return finished(chart, rows_high(totals, 34, 150), f"Bars: {counts}")


def days(rows: list[dict], time: str) -> alt.X:
    """Days along the bottom, none of them twice: no more marks than there are days."""
    seen = [row[time] for row in rows]
    between = (max(seen) - min(seen)).days if seen else 0
    return alt.X(f"{time}:T", title=None, axis=alt.Axis(format="%d %b", tickCount=max(1, min(5, between))))


def lines(rows: list[dict], time: str, value: str, series: str | None, counts: str, format: str = ",.0f") -> alt.Chart:
    """Figures over days. A day without one is left out, not drawn as 0. Where there are more lines than colours, the colours
    come again in dashes."""
    told_apart: dict[str, object] = {"color": alt.value(present.BLUE)}
    if series:
        domain, colours = sorted({row[series] for row in rows}), present.SERIES
        legend = alt.Legend(columns=1, symbolType="stroke", symbolStrokeWidth=3)
        told_apart = {
            "color": alt.Color(f"{series}:N", scale=alt.Scale(domain=domain, range=[colours[at % len(colours)] for at in range(len(domain))]), legend=legend),
            "strokeDash": alt.StrokeDash(
                f"{series}:N", scale=alt.Scale(domain=domain, range=[[1, 0] if at < len(colours) else [5, 3] for at in range(len(domain))]), legend=legend
            ),
        }
    chart = alt.Chart(values(rows)).mark_line(point=alt.OverlayMarkDef(size=40) if len(rows) < 60 else "transparent", strokeWidth=2).encode(
        x=days(rows, time),
        y=alt.Y(f"{value}:Q", title=counts, axis=alt.Axis(grid=True, format="~s", tickCount=5), scale=alt.Scale(zero=True)),
        **told_apart,
        tooltip=[*([tip(series, "of")] if series else []), alt.Tooltip(f"{time}:T", title="day", format="%Y-%m-%d"), tip(value, counts, format)],
    )
    return finished(chart, 330 if series else 260, f"Lines over days: {counts}")


def moves(rows: list[dict]) -> alt.Chart:
    """Who came to the right, who left to the left."""
    shown = [
        row | {"_moved": sign * row[name], "_count": row[name], "_what": what}
        for row in rows
        for sign, name, what in ((1, "entered_count", "entered"), (-1, "exited_count", "exited"))
    ]
    since = {row["previous_as_of_date"] for row in rows}
    title = f"since {present.day(min(since))}" if since else "members"
    chart = alt.Chart(values(shown)).mark_bar(height={"band": 0.7}).encode(
        y=names("segment_id"),
        x=alt.X("_moved:Q", title=f"exited | entered, {title}", axis=alt.Axis(tickCount=5, format="~s")),
        color=alt.Color("_what:N", scale=alt.Scale(domain=["entered", "exited"], range=[present.BLUE, present.ORANGE])),
        tooltip=[tip("segment_id", "segment"), tip("_what", "who"), tip("_count", f"members, {title}", ",.0f"), tip("jaccard", "alike (Jaccard)", ".2f")],
    )
    return finished(chart, rows_high((row["segment_id"] for row in rows), 34, 85), "Bars: members who entered and who left")


def overlaps(rows: list[dict], order: list[str]) -> alt.Chart:
    """How alike each pair of segments is. The pairs that share nobody stay empty."""
    base = alt.Chart(values(rows)).encode(
        x=alt.X("segment_id:N", title=None, sort=order, axis=alt.Axis(labelAngle=-60, labelOverlap=False)),
        y=names("other_segment_id", order),
        tooltip=[
            tip("segment_id", "segment"), tip("other_segment_id", "and"), tip("shared_count", "members in both", ",.0f"),
            tip("jaccard", "of the members of either, in both", ".1%"),
        ],
    )
    chart = base.mark_rect(stroke="white").encode(
        color=alt.Color("jaccard:Q", scale=alt.Scale(scheme="blues", domain=[0, 1]), legend=alt.Legend(format=".0%", title="in both, of the members of either")),
    )
    return finished(chart, rows_high(order, 32, 265), "Heat map: share of members in both, for each pair of segments").configure_legend(
        orient="top", title=None, labelFontSize=12, titleFontSize=12, gradientLength=160, titleLimit=260
    )


def forest(rows: list[dict], value: str, low: str, high: str, name: str, title: str, format: str, marks: str | None = "verdict") -> alt.Chart:
    """A point and its interval a row, against the line of no effect. Rows without an interval are not drawn."""
    drawn = [row for row in rows if row[value] is not None and row[low] is not None and row[high] is not None]
    base = alt.Chart(values(drawn)).encode(y=names(name))
    encodings: dict[str, object] = {"color": alt.value(present.BLUE)}
    known = list(present.VERDICTS)
    if marks == "verdict":
        encodings = {
            "color": alt.Color("verdict:N", scale=alt.Scale(domain=known, range=[present.VERDICTS[one][1] for one in known]), legend=None),
            "shape": alt.Shape("verdict:N", scale=alt.Scale(domain=known, range=[SHAPES[one] for one in known]), legend=None),
        }
    elif marks:
        encodings = {
            "color": alt.Color(f"{marks}:N", scale=alt.Scale(range=[present.BLUE, present.ORANGE, present.GREEN])),
            "shape": alt.Shape(f"{marks}:N"),
            "yOffset": alt.YOffset(f"{marks}:N"),
        }
    tooltip = [
        tip(name, "of"), *([tip(marks, words_of(marks))] if marks else []), tip(value, title, format), tip(low, "from", format), tip(high, "to", format),
    ]
    axis = alt.Axis(format=axis_format(format), tickCount=6)
    interval = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X(f"{low}:Q", title=title, axis=axis), x2=f"{high}:Q", tooltip=tooltip,
        **{key: encoding for key, encoding in encodings.items() if key != "shape"},
    )
    point = base.mark_point(size=110, filled=True, opacity=1).encode(x=f"{value}:Q", tooltip=tooltip, **encodings)
    zero = alt.Chart(values([{"none": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="none:Q")
    layers = [zero, interval, point]
    if any(row.get("planned") is not None for row in drawn):
        layers.append(
            base.mark_tick(color=INK, thickness=2, height=16).encode(
                x="planned:Q", tooltip=[tip(name, "of"), tip("planned", "lift that was planned for", format)]
            )
        )
    step = 42 if marks and marks != "verdict" else 34
    return finished(alt.layer(*layers), rows_high((row[name] for row in drawn), step, 85 if marks and marks != "verdict" else 55), f"Forest plot: {title}, each with its interval")


def verdicts(decisive: list[dict]) -> alt.Chart:
    """The relative lift of each experiment on the metric that decides."""
    rows = [row | {"planned": row["planned_relative_lift"]} for row in present.with_arms(decisive)]
    title = "relative lift (tick: planned)"
    return forest(rows, "drawn_lift", "drawn_ci_low", "drawn_ci_high", "_of", title, "+.1%")


def about_verdicts(decisive: list[dict]) -> list[str]:
    """What has to be said beside that chart."""
    named = present.with_arms(decisive)
    by_itt = [row["_of"] for row in named if row["is_drawn_by_itt"]]
    left_out = [row["_of"] for row in named if row["drawn_ci_low"] is None]
    sentences = []
    if by_itt:
        sentences.append(
            f"{', '.join(by_itt)}: drawn by itt, since the method that decides has no interval for a relative lift. The verdict is "
            "by the method that decides."
        )
    if left_out:
        sentences.append(f"{', '.join(left_out)}: not drawn, since there is no interval for a relative lift.")
    return sentences


def cumulative(rows: list[dict], title: str) -> alt.Chart:
    """The lift up to each day in the band that may be looked at every day, against the line of no effect. A band and a line have
    no day of their own to point at, so each day has a stroke, unseen until it is pointed at. One day alone has no band: there the
    stroke is the interval, and seen."""
    tooltip = [
        alt.Tooltip("as_of_date:T", title="up to the start of", format="%Y-%m-%d"), tip("days_since_start", "days since the start", ",.0f"),
        tip("absolute_lift", title, "+.4f"), tip("ci_low", "band from", "+.4f"), tip("ci_high", "band to", "+.4f"),
        tip("fixed_ci_low", "ordinary interval from, to be looked at once", "+.4f"), tip("fixed_ci_high", "to", "+.4f"),
        tip("control_units", "units of control", ",.0f"), tip("treatment_units", "units of the arm", ",.0f"),
    ]
    base = alt.Chart(values(rows)).encode(x=days(rows, "as_of_date"), tooltip=tooltip)
    lift = alt.Y("absolute_lift:Q", title=title, axis=alt.Axis(grid=True, format="+,~g", tickCount=5))
    band = base.mark_area(color=present.SKY, opacity=0.35).encode(y=alt.Y("ci_low:Q", title=title), y2="ci_high:Q")
    line = base.mark_line(color=present.BLUE, strokeWidth=2).encode(y=lift)
    strokes = base.mark_rule(strokeWidth=9, opacity=0 if len(rows) > 1 else 0.35, color=present.SKY).encode(y="ci_low:Q", y2="ci_high:Q")
    points = base.mark_point(filled=True, color=present.BLUE, size=30, opacity=1).encode(y=lift)
    zero = alt.Chart(values([{"none": 0}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(y="none:Q")
    return finished(band + zero + line + points + strokes, 300, f"Line in its band over days: {title}, with its confidence sequence")


def cohorts(rows: list[dict]) -> alt.Chart:
    """Who has ordered by which week since the entry, a line of cells a week of entry."""
    highest = max((row["conversion_rate"] or 0 for row in rows), default=0)
    shown = [
        row | {
            "_entry": f"{present.day(row['entry_week'])}: {present.counted(row['entered_customers'], 'customer')}", "_share": present.share(row["conversion_rate"]),
            "_text": per_cent(row["conversion_rate"]) + ("" if row["is_complete"] else "*"),
            "_is_dark": (row["conversion_rate"] or 0) > 0.7 * highest, "_over": "yes" if row["is_complete"] else "no, it still grows",
        }
        for row in rows
    ]
    base = alt.Chart(values(shown)).encode(
        x=alt.X("week_number:O", title="% who have ordered, by weeks since their own entry", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("_entry:N", title=None, sort=None, axis=alt.Axis(labelExpr="split(datum.label, ': ')")),
        tooltip=[
            tip("_entry", "came in, in the week of"), tip("week_number", "weeks since the entry"), tip("converted_customers", "of them have ordered by its end", ",.0f"),
            tip("_share", "that is"), tip("ordering_customers", "ordered within it", ",.0f"), tip("_over", "the week is over for all"),
        ],
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("conversion_rate:Q", scale=alt.Scale(scheme="blues", domain=[0, highest or 1]), legend=None)
    )
    text = base.mark_text(fontSize=12).encode(text="_text:N", color=alt.condition("datum._is_dark", alt.value("white"), alt.value(INK)))
    return finished(cells + text, rows_high((row["_entry"] for row in shown), 34, 60), "Heat map: share of the entrants of each week who have ordered, by weeks since their entry")


def per_cent(share: float | None) -> str:
    """So short that it fits a cell on a phone; the figure is on hover."""
    return present.NONE if share is None else f"{share * 100:.1f}" if share < 0.0995 else f"{share * 100:.0f}"


def words_of(field: str) -> str:
    return present.words(field.strip("_"))


def axis_format(format: str) -> str:
    return "+.0%" if "%" in format else "+,~g" if format.startswith("+") else "~s"


def against_everybody(rows: list[dict]) -> alt.Chart:
    """How many times what everybody does the members do; 1 is no difference, and half is as far from it as twice."""
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("feature:N", title=None, sort=alt.EncodingSortField("ratio", order="descending")),
        tooltip=[
            tip("feature", "of"), tip("member_mean", "mean of the members", ",.3~f"), tip("all_mean", "mean of everybody", ",.3~f"),
            tip("ratio", "times everybody's", ".2~f"),
        ],
    )
    stem = base.mark_rule(color="#9AA3AD", strokeWidth=2).encode(
        x=alt.X("ratio:Q", title="times the mean of everybody (logarithmic)", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g", values=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100])), x2="one:Q"
    )
    point = base.mark_point(size=90, filled=True, color=present.BLUE, opacity=1).encode(x="ratio:Q")
    one = alt.Chart(values([{"one": 1}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="one:Q")
    return finished(one + stem + point, rows_high(row["feature"] for row in rows), "Dots: the members' mean over everybody's, by feature")


def attribution(rows: list[dict]) -> alt.Chart:
    """What the models give the ads, beside what the experiment says that they caused, with its interval."""
    base = alt.Chart(values(rows)).encode(
        y=alt.Y("what:N", title=None, sort=None),
        tooltip=[tip("what", "by"), tip("conversions", "conversions", ",.1f"), tip("low", "from", ",.1f"), tip("high", "to", ",.1f")],
    )
    bar = base.mark_bar(height={"band": 0.6}).encode(
        x=alt.X("conversions:Q", title="conversions", axis=alt.Axis(format="~s", tickCount=5)),
        color=alt.Color("kind:N", scale=alt.Scale(domain=["attributed", "incremental"], range=[present.SKY, present.BLUE])),
    )
    interval = base.mark_rule(color=INK, strokeWidth=2.5).encode(x="low:Q", x2="high:Q")
    return finished(bar + interval, rows_high((row["what"] for row in rows), 30, 85), "Bars: attributed conversions beside incremental ones with their interval")
