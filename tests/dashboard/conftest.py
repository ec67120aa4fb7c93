"""The app as people get it: Streamlit on a copy of what is published, and the machine's own Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tools import project

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")
# What a page is there to show: figures, a verdict, a table, or the sentence in their place; and what it must never show.
CONTENT = ':is([data-testid="stMetric"], [data-testid="stAlert"], [data-testid="stException"], .verdict, .tessera-table):visible'
SETTLED = """() =>
    document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'
    && [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].every(chart => chart.querySelector('canvas, svg'))
    && !document.querySelector('[data-testid="stSkeleton"]')
"""


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Path:
    """A copy of what is published: real output, of the demo or of whoever runs this."""
    path = project.published()
    if not path.exists():
        pytest.fail(f"Nothing is published at {path}: the pages are tested on real output. Run `make build`.", pytrace=False)
    return Path(shutil.copy(path, tmp_path_factory.mktemp("published") / "tessera.duckdb"))


def query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Iterator[Callable[[Path], str]]:
    """Serves a published file; the address. One server a file, stopped at the end."""
    servers: dict[Path, tuple[subprocess.Popen, str]] = {}
    log = (tmp_path_factory.mktemp("log") / "streamlit.log").open("w")

    def start(path: Path) -> str:
        if path not in servers:
            port = free_port()
            environment = os.environ | {"TESSERA_PUBLISHED": str(path), "PYTHONPATH": str(project.ROOT)}
            command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
            process = subprocess.Popen(command, cwd=project.ROOT / "dashboard", env=environment, stdout=log, stderr=log)
            servers[path] = process, f"http://localhost:{port}"
            wait_for(servers[path][1], process)
        return servers[path][1]

    yield start
    for process, _ in servers.values():
        process.terminate()
        process.wait()


def wait_for(address: str, process: subprocess.Popen) -> None:
    for _ in range(240):
        assert process.poll() is None, "Streamlit stopped"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"Streamlit does not answer at {address}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("TESSERA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.fail("There is no Chromium: apt-get install chromium, or name one in TESSERA_CHROMIUM.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, serve) -> Iterator[Callable[..., Page]]:
    """Opens a page of the app over a published file and waits until it is whole."""
    pages: list[Page] = []

    def visit(published: Path, path: str = "", width: int = 1280) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.set_default_timeout(60_000)
        page.goto(f"{serve(published)}/{path}", wait_until="commit")
        page.wait_for_selector(CONTENT)
        settle(page)
        return page

    yield visit
    for page in pages:
        page.close()


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(300)
    page.wait_for_function(SETTLED)
