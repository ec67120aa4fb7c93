"""`make test`: everything that must hold before a change is shared, from the quickest answer to the slowest.

It works in .build/check, on a demo of its own: neither the project's tree nor your database is touched.
"""

import os
import shutil
import sys
import time

from tools import project

FOLDER = project.ROOT / ".build" / "check"
CUSTOMERS = "1500"
STATEMENTS = [name for name in ("models", "analyses", "tests") if (project.ROOT / name).exists()]


def use_own_folders() -> None:
    """Point every step, those that call dbt themselves too, at folders of this run."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "profile").mkdir(parents=True)
    shutil.copy(project.ROOT / "profiles.yml.example", FOLDER / "profile" / "profiles.yml")
    os.environ |= {
        "TESSERA_RAW": str(FOLDER / "raw"),
        "TESSERA_DATABASE": str(FOLDER / "tessera.duckdb"),
        "TESSERA_DEMO_CUSTOMERS": CUSTOMERS,
        "DBT_PROFILES_DIR": str(FOLDER / "profile"),
        "DBT_TARGET_PATH": str(FOLDER / "target"),
        "DBT_LOG_PATH": str(FOLDER / "logs"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def strict_parse() -> int:
    return project.python("-m", "pytest", "-q", "tests/python/test_strict_parse.py")


def lint() -> int:
    processes = str(os.cpu_count() or 1)
    return project.python(
        "-m", "sqlfluff", "lint", *STATEMENTS, "--processes", processes, "--disable-progress-bar", "--nocolor"
    )


def demo_build() -> int:
    return project.python("-m", "tools.build")


def python_tests() -> int:
    return project.python("-m", "pytest", "-q", "--ignore", "tests/python/test_strict_parse.py")


STEPS = {
    "parse": ("Strict parse", strict_parse),
    "lint": ("Lint", lint),
    "build": (f"A demo of {CUSTOMERS} customers, with every dbt test", demo_build),
    "pytest": ("Python tests", python_tests),
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"No step {', '.join(unknown)}; there are {', '.join(STEPS)}.")
        return 2
    use_own_folders()
    for name in names or STEPS:
        title, step = STEPS[name]
        print(f"\n== {title}", flush=True)
        started = time.monotonic()
        code = step()
        print(f"== {title}: {'failed' if code else 'good'}, {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
