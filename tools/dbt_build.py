"""`dbt build` in few lines: how far it is, what the project notes, and every warning and failure in full.

dbt tells what it does as JSON, one event a line; the names of the events are part of its interface. A line that is no
event is shown as it is. dbt's own log file holds everything else.
"""

import json
import queue
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools import project

AS_EVENTS = (
    *("--log-format", "json", "--log-format-file", "debug", "--log-level", "info", "--no-quiet", "--no-use-colors"),
)
# Which macro called which: of use to whoever wrote them, and in the log.
CALLS = re.compile(r"^ *> (in|called by) (macro|operation) .*\n?", re.MULTILINE)
# Told in the meantime where nothing else was, in seconds.
SILENCE = 30


@dataclass
class Outcome:
    """How a build ended: dbt's exit code, how many models and seeds it made, and the project's own words for what
    failed."""

    code: int = 0
    built: int = 0
    explanations: list[str] = field(default_factory=list)


class Watch:
    """Reads dbt's events and says what a person wants to know of them."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.began = self.spoke = time.monotonic()
        self.total = self.done = self.skipped = self.failed = self.warned = 0
        self.at_work: dict[str, str] = {}

    def say(self, line: str) -> None:
        self.spoke = time.monotonic()
        print(line, flush=True)

    def progress(self) -> None:
        self.say(f"  {self.done} of {self.total} steps, {time.monotonic() - self.began:.0f} s")

    def wait(self) -> None:
        """Says what is at work where nothing was said for a while; before the first step dbt reads the project."""
        if time.monotonic() - self.spoke < SILENCE:
            return
        at = ", ".join(sorted(self.at_work.values())[:2])
        where = f"{self.done} of {self.total} steps" if self.total else "dbt reads the project"
        self.say(f"  {where}, {time.monotonic() - self.began:.0f} s" + (f", at {at}" if at else ""))

    def read(self, line: str) -> None:
        try:
            event = json.loads(line)
            name, level, text = (event["info"][key] for key in ("name", "level", "msg"))
            data = event["data"]
        except (ValueError, KeyError, TypeError):
            if line.strip():
                self.say(line.rstrip("\n"))
            return
        node = data.get("node_info") or {}
        if "index" in data and node.get("resource_type") != "operation":
            self.count(name, level, data, node)
        if name == "JinjaLogInfo" and not text.startswith("notice: "):
            # Said last, where it is found: dbt's own account of the failure comes after it.
            self.outcome.explanations.append(text)
        elif level in ("warn", "error") or name in ("JinjaLogInfo", "SQLCompiledPath"):
            self.say(CALLS.sub("", text).rstrip())
        self.wait()

    def count(self, name: str, level: str, data: dict, node: dict) -> None:
        key = node.get("unique_id", "")
        self.total = data.get("total") or data.get("num_models") or self.total
        if name == "LogStartLine":
            self.at_work[key] = node.get("node_name", key)
            return
        self.at_work.pop(key, None)
        before, self.done = self.done, self.done + 1
        self.skipped += node.get("node_status") == "skipped"
        self.failed += level == "error"
        self.warned += level == "warn"
        self.outcome.built += level != "error" and node.get("node_status") == "success"
        # Said half way; the last line is finish()'s.
        if before * 2 < self.total <= self.done * 2 < self.total * 2:
            self.progress()

    def finish(self) -> None:
        if not self.total:
            return
        counts = [
            f"{self.done - self.skipped - self.failed - self.warned} of {self.total} steps good",
            f"{self.warned} warned" if self.warned else "",
            f"{self.failed} failed" if self.failed else "",
            f"{self.skipped} left out because of that" if self.skipped else "",
        ]
        self.say(f"  {', '.join(count for count in counts if count)}, {time.monotonic() - self.began:.0f} s")


def lines_of(process: subprocess.Popen) -> queue.Queue:
    """What a process prints, line by line, then None. Read in a thread of its own, so that silence is noticed and a
    process that is told to stop never waits for a reader."""
    lines: queue.Queue = queue.Queue()

    def read() -> None:
        for line in process.stdout:
            lines.put(line.decode("utf-8", errors="replace"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def run(*arguments: str, program: Path | None = None, stderr: IO | None = None) -> Outcome:
    """`dbt build` with these arguments; `program` is the dbt of another environment than this one. What is no event of
    dbt goes to `stderr`, or is shown."""
    outcome = Outcome()
    watch = Watch(outcome)
    # The script beside this interpreter, whichever environment is activated.
    command = (str(program or Path(sys.executable).with_name("dbt")), "build", *arguments, *AS_EVENTS)
    with project.step(*command, stdout=subprocess.PIPE, stderr=stderr) as process:
        lines = lines_of(process)
        while True:
            try:
                line = lines.get(timeout=1)
            except queue.Empty:
                watch.wait()
                continue
            if line is None:
                break
            watch.read(line)
        outcome.code = process.wait()
    watch.finish()
    # What a warning found; after a failure the caller says it last.
    for text in outcome.explanations if not outcome.code else ():
        watch.say(text)
    return outcome
