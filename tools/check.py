"""`make test`: everything that must hold before a change is shared, from the quickest answer to the slowest.

It works in .build/check, on a demo of its own: neither the project's tree nor your database is touched.
"""

import os
import re
import shutil
import sys
import time

from tools import project

FOLDER = project.ROOT / ".build" / "check"
CUSTOMERS = "1500"
STATEMENTS = ["models", "analyses", "tests"]
LINTED = [name for name in (*STATEMENTS, "macros", "seeds") if (project.ROOT / name).exists()]
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
        "TESSERA_DEMO_CUSTOMERS": CUSTOMERS,
        "DBT_PROFILES_DIR": str(FOLDER / "profile"),
        "DBT_TARGET_PATH": str(FOLDER / "target"),
        "DBT_LOG_PATH": str(FOLDER / "logs"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def strict_parse() -> int:
    return project.python("-m", "pytest", "-q", "tests/python/test_strict_parse.py")


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
    copy = FOLDER / "lint"
    for name in LINTED:
        shutil.copytree(project.ROOT / name, copy / name, ignore=shutil.ignore_patterns("python", "__pycache__"))
    for name in ("dbt_project.yml", "vars.yml", ".sqlfluff", ".sqlfluffignore"):
        shutil.copy(project.ROOT / name, copy)
    for folder in EXPRESSION_MACROS:
        for path in (copy / "macros" / folder).glob("*.sql"):
            path.write_text(MACRO.sub(as_a_call, path.read_text(encoding="utf-8")), encoding="utf-8")
    options = ["--processes", str(os.cpu_count() or 1), "--disable-progress-bar", "--nocolor"]
    statements = [name for name in STATEMENTS if (copy / name).exists()]
    return project.python("-m", "sqlfluff", "lint", *statements, *options, folder=copy)


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
