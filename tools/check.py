"""`make test`: everything that must hold before a change is shared, the quickest answer first; the Python tests run
beside lint and build, in two processes, and show what they printed when those are done.

It works in .build/check, on a demo of its own: neither the project's tree nor your database is touched.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tools import project

FOLDER = project.ROOT / ".build" / "check"
CUSTOMERS = "1500"
STATEMENTS = ["models", "analyses", "tests"]
EXPRESSION_MACROS = ["engine", "project", "statistics"]
MACRO = re.compile(
    r"\{%-? macro (?P<name>\w+)\((?P<parameters>[^)]*)\) -?%\}.*?\{%-? endmacro -?%\}", re.DOTALL
)


def use_own_folders() -> None:
    """Point every step, those that call dbt themselves too, at folders of this run."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "profile").mkdir(parents=True)
    shutil.copy(project.ROOT / "profiles.yml.example", FOLDER / "profile" / "profiles.yml")
    os.environ |= {
        "TESSERA_RAW": str(FOLDER / "raw"),
        "TESSERA_DATABASE": str(FOLDER / "tessera.duckdb"),
        "TESSERA_PUBLISHED": str(FOLDER / "published/tessera.duckdb"),
        "TESSERA_DEMO_CUSTOMERS": CUSTOMERS,
        "DBT_PROFILES_DIR": str(FOLDER / "profile"),
        "DBT_TARGET_PATH": str(FOLDER / "target"),
        "DBT_LOG_PATH": str(FOLDER / "logs"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def strict_parse() -> int:
    return project.python("-m", "pytest", "-q", STRICT_PARSE)


def as_a_call(macro: re.Match) -> str:
    """A macro that makes `name(argument, ...)` of itself. Those without a parameter may make lists; they stay."""
    name, parameters, whole = macro["name"], macro["parameters"], macro[0]
    names = [parameter.split("=")[0].strip() for parameter in parameters.split(",") if parameter.strip()]
    if not names:
        return whole
    arguments = "{{ [" + ", ".join(names) + "] | join(', ') }}"
    return f"{{%- macro {name}({parameters}) -%}} {name}({arguments}) {{%- endmacro -%}}"


def lint() -> int:
    """Lint a copy in which the macros that stand for expressions are calls of their name: the linter then sees the SQL
    that was written, not the pages that a t quantile is, and takes a third of the time."""
    copy = project.copy_to(FOLDER / "lint", (*project.PARTS, ".sqlfluff", ".sqlfluffignore"))
    for folder in EXPRESSION_MACROS:
        for path in (copy / "macros" / folder).glob("*.sql"):
            path.write_text(MACRO.sub(as_a_call, path.read_text(encoding="utf-8")), encoding="utf-8")
    options = ["--processes", str(os.cpu_count() or 1), "--disable-progress-bar", "--nocolor"]
    return project.python("-m", "sqlfluff", "lint", *STATEMENTS, *options, folder=copy)


def demo_build() -> int:
    return project.python("-m", "tools.build")


def python_tests() -> int:
    return project.python(*PYTEST)


STRICT_PARSE = "tests/python/test_strict_parse.py"
# Two processes, since one keeps one core busy; a file's tests stay together and share what it builds. A process takes
# the next file when it is done with one.
PYTEST = ("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--ignore", STRICT_PARSE)
STEPS = {
    "parse": ("Strict parse", strict_parse),
    "lint": ("Lint", lint),
    "build": (f"A demo of {CUSTOMERS} customers, with every dbt test", demo_build),
    "pytest": ("Python tests", python_tests),
}


def take(title: str, step: Callable[[], int]) -> int:
    print(f"\n== {title}", flush=True)
    started = time.monotonic()
    code = step()
    print(f"== {title}: {'failed' if code else 'good'}, {time.monotonic() - started:.0f} s", flush=True)
    return code


@contextmanager
def python_tests_beside() -> Iterator[Callable[[], int]]:
    """Begin the Python tests while other steps run. Gives what waits for their end and shows what they printed; leaving
    earlier stops them."""
    path = FOLDER / "pytest.log"
    with path.open("w", encoding="utf-8") as output:
        tests = subprocess.Popen(
            [sys.executable, *PYTEST], cwd=project.ROOT, env=project.environment(), stdout=output, stderr=output
        )

    def finish() -> int:
        code = tests.wait()
        print(path.read_text(encoding="utf-8"), end="", flush=True)
        return code

    try:
        yield finish
    finally:
        if tests.poll() is None:
            tests.terminate()
            tests.wait()


def take_all() -> int:
    if code := take(*STEPS["parse"]):
        return code
    with python_tests_beside() as finish:
        for name in ("lint", "build"):
            if code := take(*STEPS[name]):
                return code
        return take(STEPS["pytest"][0], finish)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"No step {', '.join(unknown)}; there are {', '.join(STEPS)}.")
        return 2
    use_own_folders()
    if not names:
        return take_all()
    for name in names:
        if code := take(*STEPS[name]):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
