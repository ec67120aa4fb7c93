"""Every page, opened on real output: what it says is what the marts say, asked by other statements."""

import os
import re
import shutil
import time
from pathlib import Path

import duckdb
import pytest
from conftest import CONTENT, query, settle
from PIL import Image
from playwright.sync_api import Page

from tools.project import ROOT

PAGES = {
    "": "Overview", "segments": "Segments", "segment": "Segment detail", "experiments": "Experiments",
    "performance": "Performance and economics", "activation": "Activation", "data-health": "Data health",
}
# Seconds until a page shows its first figures; more on a machine that has other work.
PAINT = float(os.environ.get("TESSERA_PAINT_SECONDS") or 2)


def text(page: Page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text()


def flat(words: str) -> str:
    return " ".join(words.split())


def metric(page: Page, label: str) -> str:
    found = page.locator('[data-testid="stMetric"]').filter(has=page.get_by_text(label, exact=True)).first
    return found.locator('[data-testid="stMetricValue"]').inner_text()


def assert_sound(page: Page) -> None:
    """No traceback, and nothing that is broader than the screen."""
    assert page.locator('[data-testid="stException"]').count() == 0 and "Traceback" not in text(page)
    for part in ("html", '[data-testid="stMain"]'):
        wide, seen = page.evaluate("part => (found => [found.scrollWidth, found.clientWidth])(document.querySelector(part))", part)
        assert wide <= seen, f"{part} scrolls sideways"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_at_either_width(open_page, published, path, width):
    page = open_page(published, path, width)
    assert page.locator("h1").inner_text() == PAGES[path]
    (as_of,) = query(published, "select strftime(max(as_of), '%Y-%m-%d %H:%M UTC') from publication")[0]
    assert f"As of {as_of}" in text(page)
    assert_sound(page)
    drawn = page.evaluate("""[...document.querySelectorAll('[data-testid="stVegaLiteChart"] :is(canvas, svg)')].map(one => one.getBoundingClientRect().width)""")
    assert all(100 < one <= width for one in drawn), "every chart is drawn, and none is broader than the screen"


def test_overview(open_page, published):
    page = open_page(published)
    (customers, reach, buyers), = query(published, """
        select count(*), sum(case when is_targetable and (has_ad_consent or has_email_consent) then 1 else 0 end), sum(case when order_count > 0 then 1 else 0 end)
        from customers
    """)
    assert metric(page, "Customers") == f"{customers:,}"
    assert metric(page, "Reach").startswith(f"{reach:,} (") and metric(page, "Buyers") == f"{buyers:,}"
    verdicts = query(published, "select experiment_key, replace(verdict, '_', ' '), reason from experiment_readouts where is_primary")
    rows = [flat(row) for row in page.locator(".tessera-table tbody tr").all_inner_texts()]
    assert len(rows) == len(verdicts)
    for key, verdict, reason in verdicts:
        assert any(key in row and verdict in row and flat(reason) in row for row in rows), key


def test_the_catalogue_is_searched(open_page, published):
    page = open_page(published, "segments")
    largest, size = query(published, "select segment_id, member_count from segment_sizes where as_of_date = (select max(as_of)::date from publication) order by 2 desc, 1 limit 1")[0]
    first = flat(page.locator(".tessera-table tbody tr").first.inner_text())
    assert first.startswith(largest) and f"{size:,}" in first
    word, matches = query(published, """
        select family, count(*) from segments as s where not exists (
            select 1 from segments as o where o.family <> s.family and contains(lower(concat_ws(' ', o.segment_id, o.description, o.purpose, o.signals, o.owner)), s.family)
        ) group by family having count(*) > 1 order by 2, 1 limit 1
    """)[0]
    page.get_by_role("textbox", name="Search").fill(word)
    page.get_by_role("textbox", name="Search").press("Enter")
    page.get_by_text(f"{matches} segments", exact=False).first.wait_for()
    settle(page)
    names = page.locator(".tessera-table tbody tr td:first-child a").all_inner_texts()
    assert len(names) == min(matches, 50) and all(name.startswith(word) for name in names)
    page.get_by_role("textbox", name="Search").fill("no such segment")
    page.get_by_role("textbox", name="Search").press("Enter")
    page.get_by_text("No segment fits").wait_for()
    assert_sound(page)


def test_a_segment_leads_to_its_page(open_page, published):
    page = open_page(published, "segments")
    link = page.locator(".tessera-table tbody a").first
    name = link.inner_text()
    link.click()
    page.locator("h1", has_text="Segment detail").wait_for()
    page.wait_for_selector(CONTENT)
    settle(page)
    ((members, family, purpose),) = query(published, f"""
        select member_count, family, purpose from segments join segment_sizes using (segment_id)
        where segment_id = '{name}' and as_of_date = (select max(as_of)::date from publication)
    """)
    assert metric(page, "Members") == f"{members:,}" and purpose in text(page)
    page.get_by_text("Definition in SQL").click()
    sql = next((ROOT / "models/segments").rglob(f"seg_{family}.sql")).read_text()
    assert sql.strip().splitlines()[-1] in page.locator("code").first.inner_text()
    assert re.search(rf"{members:,} members? beside", text(page)), "members with features are those of the segment"


def test_a_segment_that_is_gone_is_said_to_be(open_page, published):
    page = open_page(published, "segment?segment=gone%407d")
    assert "There is no segment gone@7d today" in text(page)
    assert_sound(page)


def test_experiments_say_the_verdict_first(open_page, published):
    page = open_page(published, "experiments")
    said = [flat(card) for card in page.locator(".verdict").all_inner_texts()]
    verdicts = query(published, "select replace(verdict, '_', ' '), experiment_key, arm_key, metric_key, reason from experiment_readouts where is_primary order by 2, 3")
    assert [card[2:] for card in said] == [flat(f"{verdict} {key} ({arm}), {name} {reason}") for verdict, key, arm, name, reason in verdicts]
    positions = page.evaluate("[document.querySelector('.verdict'), document.querySelector('[data-testid=\"stVegaLiteChart\"]')].map(one => one.getBoundingClientRect().top)")
    assert positions[0] < positions[1], "the words stand before the chart"
    (key,) = query(published, "select experiment_key from experiments order by status = 'planned', experiment_key limit 1")[0]
    assert page.locator("h3", has_text=key).count(), "the first that has started is shown"
    checks = query(published, f"select check_name from experiment_health where experiment_key = '{key}'")
    for (check,) in checks:
        assert check.replace("_", " ") in text(page)
    if query(published, "select 1 from experiment_power"):
        assert "finds a lift from" in text(page)
    assert "Segments: alone and pooled" in text(page) and "By every method" in text(page)


@pytest.mark.parametrize("path", ["", "experiments", "performance", "segment?segment={lifted}"])
def test_no_lift_stands_without_its_interval(open_page, published, path):
    """A cell of a column that holds a lift has it with its interval, or a dash."""
    if "{lifted}" in path:
        found = query(published, "select segment_id from segment_lifts join segments using (segment_id) where raw_lift is not null order by 1 limit 1")
        if not found:
            pytest.skip("no segment has a lift")
        path = path.format(lifted=found[0][0].replace("@", "%40"))
    page = open_page(published, path)
    for closed in page.locator('[data-testid="stExpander"] summary').all():
        closed.click()
    settle(page)
    cells = page.locator('.tessera-table td[data-label$="[interval]"]').all_inner_texts()
    assert cells
    for cell in cells:
        assert cell == "–" or re.fullmatch(r"[+-]?[\d,.]+( %)? \[[+-]?[\d,.]+( %)?, [+-]?[\d,.]+( %)?\]", flat(cell)), cell


def test_performance(open_page, published):
    page = open_page(published, "performance")
    ((spend, clicks),) = query(published, "select sum(spend_amount), sum(clicks) from segment_performance")
    assert metric(page, "Clicks") == f"{clicks:,}"
    assert float(metric(page, "Spend").split(" ")[0].replace(",", "")) == pytest.approx(spend, abs=0.6)
    # Marts of publications that have them.
    there = {name for (name,) in query(published, "select table_name from duckdb_tables()")}
    for mart in ("experiment_economics", "attribution_vs_incrementality", "exclusion_savings"):
        assert (f"no mart {mart}" in flat(text(page))) == (mart not in there)
    if "experiment_economics" in there:
        shown = dict(page.evaluate("""[...document.querySelectorAll('td[data-label="iROAS [interval]"]')].map(
            cell => [cell.parentElement.firstChild.innerText.trim(), cell.innerText.trim()])"""))
        for key, arm, *iroas in query(published, "select experiment_key, arm_key, iroas, iroas_ci_low, iroas_ci_high from experiment_economics"):
            figures = [float(one.replace(",", "")) for one in re.findall(r"-?[\d.,]*\d", shown[f"{key} ({arm})"])]
            assert figures == ([] if iroas[0] is None else pytest.approx(iroas, rel=0.01))


def test_activation(open_page, published):
    page = open_page(published, "activation")
    ((people,),) = query(published, "select count(distinct customer_id) from audience_members")
    if people:
        assert metric(page, "People") == f"{people:,}"
    else:
        assert "No audience has anybody in it" in text(page)
    for reason, customers in query(published, "select reason, count(distinct customer_id) from suppressions group by scope_type, scope_key, reason"):
        assert reason.replace("_", " ") in text(page) and f"{customers:,}" in text(page)


def test_data_health(open_page, published):
    page = open_page(published, "data-health")
    assert "Every data test passed before this was published" in text(page)
    page.get_by_text("By table and reason").click()
    page.locator('td[data-label="raw table"]').first.wait_for()
    refused = {
        tuple(cells) for cells in page.evaluate("""[...document.querySelectorAll('td[data-label="raw table"]')].map(
            cell => [...cell.parentElement.children].map(one => one.innerText.trim()))""")
    }
    assert refused == {
        (table, reason.replace("_", " "), f"{rows:,}")
        for table, reason, rows in query(published, "select source_table, reason, count(*) from rejected_rows group by all")
    }


def test_the_app_asks_nobody_else(browser, serve, published):
    """No figures about its use, no fonts, no map tiles: what it shows stays here."""
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    for path in PAGES:
        page.goto(f"{serve(published)}/{path}", wait_until="commit")
        page.wait_for_selector(CONTENT)
        settle(page)
    host = serve(published).removeprefix("http://")
    assert len(asked) > 20 and [url for url in asked if not re.match(rf"(http|ws)://{host}/|data:|blob:", url)] == []
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_figure_says_what_it_counts(open_page, published, path):
    page = open_page(published, path)
    bare = page.evaluate("""[
        ...[...document.querySelectorAll('[data-testid="stMetric"]')].filter(one => !one.querySelector('[data-testid="stTooltipIcon"]')),
        ...[...document.querySelectorAll('.tessera-table :is(th, td)')].filter(one => !one.title),
    ].map(one => one.innerText)""")
    assert bare == []
    icon = page.locator('[data-testid="stMetric"] [data-testid="stTooltipIcon"]')
    if icon.count():
        icon.first.hover()
        assert len(page.locator('[data-testid="stTooltipContent"]').inner_text()) > 15


# --- What is not whole -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def partial(published, tmp_path_factory) -> Path:
    """Without experiments, audiences and overlaps, and with customers of another shape."""
    path = Path(shutil.copy(published, tmp_path_factory.mktemp("partial") / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for mart in ("experiment_readouts", "audience_members", "segment_overlaps", "segment_performance", "rejected_rows"):
            connection.execute(f"drop table {mart}")
        connection.execute("alter table customers rename column is_known to was_known")
    return path


@pytest.fixture(scope="module")
def empty(published, tmp_path_factory) -> Path:
    """Every mart without a row."""
    path = Path(shutil.copy(published, tmp_path_factory.mktemp("empty") / "tessera.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for (mart,) in connection.execute("select table_name from duckdb_tables() where table_name <> 'publication'").fetchall():
            connection.execute(f"delete from {mart}")
    return path


@pytest.mark.parametrize(("path", "mart", "stays"), [
    ("", "customers", "Freshness"), ("segments", "segment_overlaps", "Size over time"), ("segment", "experiment_readouts", "Beside everybody"),
    ("experiments", "experiment_readouts", "Before launch"), ("performance", "segment_performance", "Attributed against incremental"),
    ("activation", "audience_members", "May not be addressed"), ("data-health", "rejected_rows", "Retention"),
])
def test_a_missing_mart_is_named_and_the_rest_is_shown(open_page, partial, path, mart, stays):
    page = open_page(partial, path)
    alerts = " ".join(page.locator('[data-testid="stAlert"]').all_inner_texts())
    assert mart in alerts and "make build" in alerts
    assert stays in text(page)
    assert_sound(page)


@pytest.mark.parametrize("path", PAGES)
def test_marts_without_a_row_are_a_sentence(open_page, empty, path):
    page = open_page(empty, path)
    assert page.locator('[data-testid="stAlert"]').count()
    assert_sound(page)


@pytest.mark.parametrize("path", ["", "experiments"])
def test_a_file_that_is_missing_or_broken_is_a_sentence(open_page, tmp_path_factory, path):
    folder = tmp_path_factory.mktemp("failed")
    page = open_page(folder / "nowhere.duckdb", path)
    assert f"Nothing is published at {folder / 'nowhere.duckdb'}: run make build" in text(page)
    assert_sound(page)
    (folder / "broken.duckdb").write_bytes(b"no database" * 1000)
    page = open_page(folder / "broken.duckdb", path)
    assert "cannot be read" in text(page)
    assert_sound(page)


def test_the_next_publication_is_shown(open_page, published, tmp_path_factory):
    folder = tmp_path_factory.mktemp("renewed")
    path = Path(shutil.copy(published, folder / "tessera.duckdb"))
    page = open_page(path)
    before = metric(page, "Customers")
    with duckdb.connect(str(shutil.copy(published, folder / "next.duckdb"))) as connection:
        connection.execute("delete from customers where customer_id > (select median(customer_id) from (select min(customer_id) as customer_id from customers))")
        ((left,),) = connection.execute("select count(*) from customers").fetchall()
    (folder / "next.duckdb").replace(path)
    page.reload()
    page.wait_for_selector(CONTENT)
    settle(page)
    assert metric(page, "Customers") == f"{left:,}" != before


# --- How quick, and how it looks -------------------------------------------------------------------------------------


def first_paint(page: Page, address: str) -> float:
    """Seconds until the page shows its first figures."""
    began = time.monotonic()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(CONTENT)
    return time.monotonic() - began


@pytest.mark.parametrize("path", PAGES)
def test_first_paint(browser, serve, published, path):
    """The best of four: what the machine does besides is not the page's. Each with a browser's cache of its own."""
    times = []
    for _ in range(4):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        times.append(first_paint(context.new_page(), f"{serve(published)}/{path}"))
        context.close()
    print(f"{PAGES[path]}: first figures after {min(times):.2f} s (of {', '.join(f'{one:.2f}' for one in times)})")
    assert min(times) < PAINT


# The heading above which each picture ends.
PICTURES = {
    "overview": "Freshness", "segments": "Overlap", "segment": "How far they come", "experiments": "Readouts",
    "performance": "iROAS and cost per incremental conversion", "activation": "Deltas", "data-health": "Identity",
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture(open_page, published, tmp_path, name):
    """Into docs/images where TESSERA_SCREENSHOTS says so; never more than 200 kB."""
    path = {"overview": "", "segment": "segment?segment={running}"}.get(name, name)
    running, = query(published, "select segment_id from segments join experiments using (segment_id) order by 1 limit 1")[0]
    page = open_page(published, path.format(running=running.replace("@", "%40")))
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.wait_for_timeout(500)
    settle(page)
    end = page.locator("h3", has_text=PICTURES[name]).first.bounding_box()["y"]
    file = Path(os.environ.get("TESSERA_SCREENSHOTS") or tmp_path) / f"dashboard-{name}.png"
    page.screenshot(path=str(file), clip={"x": 0, "y": 0, "width": 1280, "height": end - 12})
    picture = Image.open(file).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)
    assert file.stat().st_size < 200_000 and len(picture.getcolors() or range(300)) > 20, "a picture that shows something"
