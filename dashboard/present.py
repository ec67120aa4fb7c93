"""How figures are written, in the app and in the report: numbers, intervals, words and tables.

A lift is written with its interval or not at all; what is null is a dash, and its reason stands beside it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape

NONE = "–"

# Okabe and Ito's colours, told apart with every common colour blindness; a verdict and a status have a sign as well.
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"
GREY, BLACK = "#767676", "#1B1F24"

# Of lines beside each other, and of the parts of a bar. Whoever adds a colour asks the test of colour blindness.
SERIES = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE)
PARTS = (*SERIES, GREY, BLACK)

VERDICTS = {
    "positive": ("▲", BLUE),
    "negative": ("▼", VERMILLION),
    "inconclusive": ("●", GREY),
    "too_early": ("◆", ORANGE),
    "invalid": ("✕", BLACK),
}
STATUSES = {"pass": ("✓", GREEN), "warn": ("!", ORANGE), "fail": ("✕", VERMILLION)}
SIZE_STATUSES = {"ok": BLUE, "too_small": ORANGE, "too_large": PURPLE, "no_members": GREY}


# --- Figures ---------------------------------------------------------------------------------------------------------


def count(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def number(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def signed(value: float | None) -> str:
    """A difference, with its sign and as many digits as tell."""
    if value is None:
        return NONE
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+,.2f}" if abs(value) >= 10 else f"{value:+.4f}"


def money(value: float | None, currency: str | None = None) -> str:
    if value is None:
        return NONE
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
    return f"{text} {currency}" if currency else text


def share(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value * 100:.1f} %" if abs(value) >= 0.01 or not value else f"{value * 100:.2f} %"


def part(value: int | None, whole: int | None) -> str:
    return share(value / whole) if value is not None and whole else NONE


def change(value: float | None) -> str:
    """A relative lift. Changes over 1,000 % are written as a factor's worth, without decimals."""
    if value is None:
        return NONE
    return f"{value * 100:+,.0f} %" if abs(value) >= 10 else f"{value * 100:+.1f} %"


def with_interval(value: float | None, low: float | None, high: float | None, text: Callable[[float | None], str]) -> str:
    """A figure and its interval; a dash where either is not known, so that no estimate stands alone."""
    if value is None or low is None or high is None:
        return NONE
    return f"{text(value)} [{text(low)}, {text(high)}]"


def lift(value: float | None, low: float | None, high: float | None, text: Callable[[float | None], str]) -> "str | Html":
    """The same for a cell of a table: the interval below the figure, which leaves room for other columns."""
    found = with_interval(value, low, high, text)
    return found if found == NONE else Html(escape(found).replace(" [", "<br>["))


def probability(value: float | None) -> str:
    return NONE if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def day(value: date | datetime | None) -> str:
    return NONE if value is None else f"{value:%Y-%m-%d}"


def moment(value: datetime | None) -> str:
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def days_since(value: datetime) -> int:
    """Whole days since a moment of the marts, which is in UTC, whatever the clock on the wall says."""
    return (datetime.now(UTC).replace(tzinfo=None) - value).days


def words(value: str | None) -> str:
    """A name of the data as words: too_early, cost_per_conversion."""
    return NONE if value is None else value.replace("_", " ")


def with_arms(rows: list[dict], field: str = "experiment_key", known: list[dict] | None = None) -> list[dict]:
    """The rows with `_of`, which names a row of a table or chart: what stands in `field`, and the arm where the experiment
    has several. `known` tells its arms where the rows are cut and may not hold all of them."""
    arms: dict[str, set[str]] = {}
    for row in known or rows:
        arms.setdefault(row["experiment_key"], set()).add(row["arm_key"])
    return [row | {"_of": f"{row[field]}: {row['arm_key']}" if len(arms[row["experiment_key"]]) > 1 else row[field]} for row in rows]


def counted(value: int, noun: str) -> str:
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def shown_of(found: list[dict], noun: str, which: str) -> str:
    """How many there are, and which are shown where that is not all: `match_count` of the rows is how many there are."""
    matches = found[0]["match_count"]
    return f"{counted(matches, noun)}{f'; the {len(found)} {which} are shown' if len(found) < matches else ''}."


def slice_test(row: dict) -> str:
    """What the slices of a dimension say together, before any of them is looked at."""
    without = f" {counted(row['slices'] - row['with_figure'], 'slice')} without a figure." if row["slices"] > row["with_figure"] else ""
    if row["interaction_p_value_adjusted"] is None:
        return f"**By {row['_of']}:** there are no two slices with a figure, so nothing is compared.{without}"
    p = probability(row["interaction_p_value_adjusted"])
    return (
        f"**By {row['_of']}:** were the effect the same in all {count(row['compared_slice_count'])} slices, they would differ as much as they do "
        f"or more with a probability of {p} (adjusted for the other comparisons). Unless it is small, read the lift of all units.{without}"
    )


# --- HTML ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Html:
    """Text that is HTML already; all other text is escaped."""

    text: str


def as_html(value: object) -> str:
    """Names of the data may break after a stroke, so that they fit a narrow column."""
    if isinstance(value, Html):
        return value.text
    return re.sub(r"(?<=\w)([_/])(?=\w)", r"\1<wbr>", together(escape(str(value))))


def together(text: str) -> str:
    """A figure and its sign of per cent stay on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def sign_of(name: str | None, signs: dict[str, tuple[str, str]]) -> Html:
    """A verdict or status as its sign in its colour, and in words."""
    mark, colour = signs.get(name, ("", BLACK))
    return Html(f'<span class="sign" style="color:{colour}">{mark}</span>&nbsp;{escape(words(name))}')


@dataclass(frozen=True)
class Column:
    """A column of a table: what it is called, what it counts (shown on hover), and what stands in it for a row."""

    label: str
    hover: str
    text: Callable[[dict], object]
    is_number: bool = False
    is_prose: bool = False

    @property
    def kind(self) -> str:
        return "number" if self.is_number else "prose" if self.is_prose else "name"


def figures(label: str, hover: str, text: Callable[[dict], object]) -> Column:
    return Column(label, hover, text, is_number=True)


def prose(label: str, hover: str, text: Callable[[dict], object]) -> Column:
    return Column(label, hover, text, is_prose=True)


def table(columns: Iterable[Column], rows: Iterable[dict]) -> str:
    """A table that scrolls in its own frame where it is too wide; on a phone each row is a card with its names beside it."""
    columns = list(columns)
    head = "".join(f'<th class="{c.kind}" title="{escape(c.hover)}">{escape(c.label).replace(" [", "<br>[")}</th>' for c in columns)
    body = "".join(
        "<tr>" + "".join(
            f'<td class="{c.kind}" data-label="{escape(c.label)}" title="{escape(c.label)}: {escape(c.hover)}"><span>{as_html(c.text(row))}</span></td>' for c in columns
        ) + "</tr>"
        for row in rows
    )
    return f'<div class="tessera-table" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def verdict_card(row: dict) -> str:
    """What is said of an experiment, first in words."""
    mark, colour = VERDICTS.get(row["verdict"], ("", BLACK))
    primary = "the metric that decides" if row["is_primary"] else "read beside the metric that decides"
    return (
        f'<div class="verdict" style="border-left-color:{colour}">'
        f'<div class="verdict-head" title="The verdict on {escape(row["metric_key"])}, {primary}: by rules that stood before '
        f'the data"><span style="color:{colour}">{mark}</span> {escape(words(row["verdict"]))}</div>'
        f'<div><b>{escape(row["experiment_key"])}</b> ({escape(row["arm_key"])}), {escape(row["metric_key"])}</div>'
        f'<div>{together(escape(row["reason"] or NONE))}</div></div>'
    )


STYLE = """
.tessera-table { overflow-x: auto; margin: 0.25rem 0 1rem; }
.tessera-table table { border-collapse: collapse; font-size: 0.875rem; width: 100%; }
.tessera-table th { text-align: left; font-weight: 600; border-bottom: 2px solid #C8CED5; padding: 0.35rem 0.6rem;
    vertical-align: bottom; cursor: help; text-decoration: underline dotted #9AA3AD; text-underline-offset: 0.25em; }
.tessera-table td { border-bottom: 1px solid #E4E8EC; padding: 0.35rem 0.6rem; vertical-align: top; }
.tessera-table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tessera-table th.number { white-space: normal; }
.tessera-table td.name { overflow-wrap: break-word; min-width: 5rem; }
.tessera-table td.prose { min-width: 13rem; }
.tessera-table tbody tr:hover { background: #F3F5F7; }
@media (max-width: 640px) {
    .tessera-table thead { display: none; }
    .tessera-table tr { display: block; border-bottom: 2px solid #C8CED5; padding: 0.3rem 0; }
    .tessera-table tbody td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: 0.15rem 0.3rem;
        text-align: right; min-width: 0; }
    .tessera-table td::before { content: attr(data-label); color: #5B6570; text-align: left; flex: none; max-width: 45%; }
    .tessera-table tbody td.prose { display: block; text-align: left; }
    .tessera-table td.prose::before { display: block; max-width: none; }
}
.verdict { border-left: 6px solid; background: #F3F5F7; padding: 0.5rem 0.9rem; margin: 0 0 0.6rem; font-size: 0.95rem; }
.verdict-head { font-size: 1.15rem; font-weight: 650; }
.sign { font-weight: 700; }
"""
