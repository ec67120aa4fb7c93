"""What the pages of the app share: figures from the published file, sections that fail alone, hover texts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import altair as alt
import streamlit as st

from dashboard import data, present, queries
from tools import project


@st.cache_data(max_entries=400, show_spinner=False)
def _answer(at: tuple[str, int, int], sql: str, marts: tuple[str, ...], parameters: dict) -> list[dict]:
    """Kept for as long as the same publication stands there: `at` changes with the file."""
    return data.rows(project.published(), data.Query(sql, marts), **parameters)


def rows(query: data.Query, **parameters: object) -> list[dict]:
    return _answer(data.version(project.published()), query.sql, query.marts, parameters)


def row(query: data.Query, **parameters: object) -> dict:
    return rows(query, **parameters)[0]


@st.cache_resource(max_entries=2, show_spinner=False)
def _comments(at: tuple[str, int, int]) -> dict[tuple[str, str], str]:
    return {(line["mart"], line["column_name"]): line["comment"] for line in data.rows(project.published(), queries.COMMENTS)}


def what(mart: str, column: str) -> str:
    """What a column of a mart says of itself, for the hover text."""
    return _comments(data.version(project.published())).get((mart, column), f"{mart}.{column}")


@contextmanager
def section(title: str | None = None, help: str | None = None) -> Iterator[None]:
    """A part of a page. Where its mart is missing, another shape or unreadable, a sentence stands in its place and the rest
    of the page is shown."""
    if title:
        st.subheader(title, help=help)
    try:
        yield
    except data.CannotShow as reason:
        st.info(str(reason))


def heading(title: str) -> None:
    """The page's name, and of which moment all its figures are. Without a publication there is nothing else to show."""
    st.title(title)
    try:
        at = row(queries.PUBLICATION)
    except data.CannotShow as reason:
        st.warning(str(reason))
        st.stop()
    if at["as_of"] is None:
        st.warning("The publication holds no mart: run `make build`.")
        st.stop()
    st.caption(f"As of {present.moment(at['as_of'])}; published {present.moment(at['published_at'])}. What a figure counts stands behind its ?, and shows over the name of a column or a mark of a chart.")


def figures(*shown: tuple[str, str, str], abreast: int = 4) -> None:
    """Single figures, `abreast` of them beside each other: (label, figure, what it counts)."""
    for first in range(0, len(shown), abreast):
        line = shown[first : first + abreast]
        for column, (label, figure, counts) in zip(st.columns(abreast), line):
            column.metric(label, figure, help=counts)


def chart(drawn: alt.Chart) -> None:
    st.altair_chart(drawn, width="stretch", theme=None)


def table(columns: Iterable[present.Column], shown: list[dict]) -> None:
    st.html(present.table(columns, shown))


def table_or(sentence: str, columns: Iterable[present.Column], shown: list[dict]) -> None:
    """A table, or the sentence where it has no row; one that has many scrolls in a frame of its own."""
    if shown:
        long_table(columns, shown)
    else:
        nothing(sentence)


def long_table(columns: Iterable[present.Column], shown: list[dict]) -> None:
    """A table that may have many rows: it scrolls in a frame of its own."""
    if len(shown) <= 10:
        table(columns, shown)
        return
    with st.container(height=400):
        table(columns, shown)


def nothing(sentence: str) -> None:
    st.info(sentence)


def segment_link(segment: str) -> present.Html:
    return present.Html(f'<a href="segment?segment={quote(segment, safe="")}" target="_self">{present.as_html(segment)}</a>')
