"""The static report, on real output: the dashboard's readouts in one file that asks for nothing."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from conftest import query

from tools.project import ROOT


def write(published: Path, to: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"TESSERA_PUBLISHED": str(published), "TESSERA_REPORT": str(to)}
    return subprocess.run([sys.executable, "-m", "dashboard.report"], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def report(published, tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("report") / "report.html"
    done = write(published, to)
    assert done.returncode == 0 and done.stdout.startswith(f"Wrote {to} ("), done.stdout + done.stderr
    return to


def test_the_browser_asks_for_nothing_else(browser, report):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    html = report.read_text()
    assert not re.search(r"<script|<link|<iframe|src=|@import|url\((?!#)", html)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_the_report_says_what_the_marts_say(published, report):
    html = unescape(report.read_text().replace("<wbr>", "").replace("\N{NO-BREAK SPACE}", " "))
    for key, verdict, reason in query(published, "select experiment_key, replace(verdict, '_', ' '), reason from experiment_readouts where is_primary"):
        assert f"<b>{key}</b>" in html and verdict in html and reason in html
    ((customers,),) = query(published, "select count(*) from customers")
    assert f"<b>{customers:,}</b>" in html
    if query(published, "select 1 from experiment_readouts where relative_ci_low is not null"):
        assert html.count("<svg") == 2


def test_no_lift_of_the_report_stands_without_its_interval(report):
    cells = re.findall(r'data-label="[^"]*\[interval\]"[^>]*><span>(.*?)</span>', report.read_text())
    assert cells
    for cell in cells:
        assert cell == "–" or re.fullmatch(r"[^\[]+<br>\[[^\],]+(,\d{3})*(\.\d+)?(\s%)?, .+\]", cell), cell


def test_the_same_publication_gives_the_same_report(published, report, tmp_path):
    write(published, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == report.read_text()


def test_without_a_publication_it_says_so(tmp_path):
    done = write(tmp_path / "nowhere.duckdb", tmp_path / "report.html")
    assert (done.returncode, done.stdout) == (1, f"Nothing is published at {tmp_path / 'nowhere.duckdb'}: run `make build`.\n")
    assert not (tmp_path / "report.html").exists()
