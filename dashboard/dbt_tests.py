"""What dbt's last run said of its tests, from target/run_results.json; the published file does not hold it."""

import json
from dataclasses import dataclass
from pathlib import Path

from tools import project


@dataclass(frozen=True)
class Results:
    ran_at: str
    passed: int
    warned: int
    failed: int
    names_of_failed: tuple[str, ...]


def file() -> Path:
    return project.manifest().parent / "run_results.json"


def named() -> str:
    """The file as a person finds it from where the project stands."""
    return str(file().relative_to(project.ROOT) if file().is_relative_to(project.ROOT) else file())


def results() -> Results | None:
    """None where there is no such file, it cannot be read, or the run asked no test."""
    try:
        found = json.loads(file().read_text(encoding="utf-8"))
        asked = [one for one in found["results"] if one["unique_id"].split(".")[0] in ("test", "unit_test")]
        if not asked:
            return None
        failed = [one for one in asked if one["status"] in ("fail", "error", "runtime error")]
        return Results(
            ran_at=f"{found['metadata']['generated_at'][:16].replace('T', ' ')} UTC",
            passed=sum(one["status"] == "pass" for one in asked),
            warned=sum(one["status"] == "warn" for one in asked),
            failed=len(failed),
            names_of_failed=tuple(sorted(one["unique_id"].split(".")[2] for one in failed)),
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None
