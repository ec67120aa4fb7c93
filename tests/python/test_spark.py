"""What `make build-spark` asks before it begins. That it builds is `make test-spark`'s, which needs Java."""

import subprocess
import sys

import pytest

from tools import project, spark

SAID = {
    17: 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)',
    8: 'java version "1.8.0_402"\nJava(TM) SE Runtime Environment',
    21: 'openjdk version "21" 2023-09-19',
    None: "no such thing",
}


@pytest.mark.parametrize(("version", "said"), SAID.items())
def test_the_version_of_java_is_read(version, said):
    assert spark.java_version(said) == version


@pytest.fixture
def java(tmp_path, monkeypatch):
    """Puts a program that calls itself Java into JAVA_HOME."""

    def make(said, code=0):
        program = tmp_path / "bin" / "java"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {code}\n")
        program.chmod(0o755)

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    return make


def asked():
    return subprocess.run(
        [sys.executable, "-m", "tools.spark", "java"], cwd=project.ROOT, capture_output=True, text=True
    )


def test_a_new_java_is_good_without_a_word(java):
    java(SAID[21])
    assert (asked().returncode, asked().stdout) == (0, "")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda java: None, "there is no "),
        (lambda java: java(SAID[8]), "is Java 8"),
        (lambda java: java(SAID[None]), "does not say which it is"),
        (lambda java: java(SAID[17], code=1), "does not say which it is"),
    ],
)
def test_without_a_java_that_will_do_one_line_says_so(java, make, said):
    make(java)
    result = asked()
    assert result.returncode == 1 and not result.stderr
    (line,) = result.stdout.splitlines()
    assert line.startswith("Apache Spark needs Java 17 or newer; ") and said in line and "JAVA_HOME" in line


def test_both_environments_run_the_same_dbt():
    def locked(name):
        lines = (project.ROOT / name).read_text().splitlines()
        return [line.split(" ")[0] for line in lines if line.startswith(("dbt-core==", "dbt-adapters=="))]

    assert locked("requirements-spark.txt") == locked("requirements.txt") != []


def test_the_lock_names_no_index_and_no_parser_of_another_kind():
    text = (project.ROOT / "requirements-spark.txt").read_text()
    assert "--index-url" not in text and "dbt-core-experimental-parser" not in text
    assert text.count("--hash=sha256:") > text.count("==")
