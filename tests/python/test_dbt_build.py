"""What `make build` shows of dbt: progress in few lines, every warning and failure in full, the explanation kept."""

import json
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from tools import dbt_build, project


def event(name: str, text: str = "", level: str = "info", **data) -> str:
    return json.dumps({"info": {"name": name, "level": level, "msg": text}, "data": data})


def step(number: int, total: int, name: str = "LogModelResult", status: str = "success", level: str = "info") -> str:
    node = {"unique_id": f"model.x.m{number}", "node_name": f"m{number}", "resource_type": "model",
            "node_status": status}  # fmt: skip
    return event(name, f"{number} of {total} {status} m{number}", level, index=number, total=total, node_info=node)


@pytest.fixture
def shown(tmp_path, monkeypatch, capfd):
    """Runs a stand-in for dbt that prints these lines; the outcome and what was shown."""

    def run(*lines: str, code: int = 0, before: str = "") -> tuple[dbt_build.Outcome, list[str]]:
        (tmp_path / "lines").write_text("".join(line + "\n" for line in lines))
        (tmp_path / "dbt").write_text(
            f"#!{executable}\nimport sys, time\n{before}\nprint(open({str(tmp_path / 'lines')!r}).read(), end='')\n"
            f"sys.exit({code})\n"
        )
        (tmp_path / "dbt").chmod(0o755)
        outcome = dbt_build.run()
        return outcome, capfd.readouterr().out.splitlines()

    executable = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return run


def without_seconds(lines: list[str]) -> list[str]:
    return [line.rsplit(",", 1)[0] for line in lines]


def test_a_good_build_is_a_handful_of_lines(shown):
    begun = [step(number, 500, "LogStartLine", "started") for number in range(1, 501)]
    done = [step(number, 500) for number in range(1, 501)]
    other = [event("MainReportVersion", "Running with dbt"), event("Formatting"), event("StatsLine", "Done. PASS=500")]
    outcome, lines = shown(*other, *(line for pair in zip(begun, done) for line in pair))
    assert without_seconds(lines) == ["  250 of 500 steps", "  500 of 500 steps good"]
    assert outcome == dbt_build.Outcome(code=0, built=500)


def test_warnings_failures_and_notices_are_shown_and_explanations_kept(shown):
    outcome, lines = shown(
        event("JinjaLogInfo", "notice: no files for crm/accounts"),
        event("SomethingDeprecated", "this will go", "warn"),
        step(1, 3),
        step(2, 3, status="error", level="error"),
        step(3, 3, "SkippingDetails", status="skipped"),
        event("JinjaLogInfo", "assert_x: the weights sum to 0.9"),
        event("RunResultError", "Runtime Error in model m2\n  no such column\n  > in macro x (macros/x.sql)\n"
                                "  > called by model y (y.sql)\n  > called by macro z (z.sql)", "error"),
        event("SQLCompiledPath", "  compiled code at m2.sql"),
        code=1,
    )  # fmt: skip
    assert without_seconds([line for line in lines if " steps" in line])[-1] == (
        "  1 of 3 steps good, 1 failed, 1 left out because of that"
    )
    assert [line for line in lines if " steps" not in line] == [
        "notice: no files for crm/accounts",
        "this will go",
        "2 of 3 error m2",
        "Runtime Error in model m2",
        "  no such column",
        "  > called by model y (y.sql)",
        "  compiled code at m2.sql",
    ]
    assert outcome == dbt_build.Outcome(code=1, built=1, explanations=["assert_x: the weights sum to 0.9"])


def test_what_a_warning_found_is_said_of_a_good_build(shown):
    _, lines = shown(step(1, 2), step(2, 2, "LogTestResult", "warn", "warn"), event("JinjaLogInfo", "assert_y: odd"))
    assert without_seconds(lines[-2:-1]) == ["  1 of 2 steps good, 1 warned"]
    assert lines[-1] == "assert_y: odd"


def test_hooks_are_no_steps_and_nothing_built_is_known(shown):
    hook = event("LogHookEndLine", "1 of 3 OK", index=1, total=3, node_info={"resource_type": "operation"})
    outcome, lines = shown(hook, event("MainEncounteredError", "The raw tables break ...", "error"), code=2)
    assert lines == ["The raw tables break ..."]
    assert outcome == dbt_build.Outcome(code=2, built=0)


@pytest.mark.parametrize("line", ["Traceback (most recent call last):", "{", "[1]", '{"info": {}}', "null"])
def test_a_line_that_is_no_event_is_shown(shown, line):
    assert shown("", line, step(1, 1))[1][0] == line


def test_silence_is_broken(shown, monkeypatch):
    monkeypatch.setattr(dbt_build, "SILENCE", 1)
    start = step(1, 9, "LogStartLine", "started")
    _, lines = shown(before=f"print({start!r}, flush=True)\ntime.sleep(2.5)")
    assert lines[0].startswith("  0 of 9 steps, ") and lines[0].endswith("at m1")
    _, lines = shown(before="time.sleep(2.5)")
    assert lines[0].startswith("  dbt reads the project, ")


def test_an_interrupted_build_ends_dbt(tmp_path):
    """A process that is told to stop tells dbt, waits for it, and does not wait for what dbt still prints."""
    script = f"""
        import signal, sys
        from tools import dbt_build
        def stop(*_): raise KeyboardInterrupt
        signal.signal(signal.SIGTERM, stop)
        sys.executable = {str(tmp_path / 'python')!r}
        try:
            dbt_build.run()
        except KeyboardInterrupt:
            print("interrupted", flush=True)
    """
    (tmp_path / "dbt").write_text(
        f"#!{sys.executable}\nimport signal, sys, time\n"
        "def stop(*_):\n    print('x' * 1_000_000); print('closed', file=sys.stderr); sys.exit(1)\n"
        "signal.signal(signal.SIGTERM, stop)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    (tmp_path / "dbt").chmod(0o755)
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], cwd=project.ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert out.endswith("interrupted\n") and "closed" in err and time.monotonic() - began < 20
