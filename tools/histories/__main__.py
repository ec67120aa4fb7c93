"""python -m tools.histories: any sequence of incremental runs gives what one full rebuild gives, row by row.

A history is a small world of raw files that arrive bit by bit (late, twice, out of order, refused), and a list of
runs: the next day, a gap, the same day again, a day without new files, a past day, several runs a day, a run by the
data's own watermark, a full refresh, a part of the models; some are killed. What is compared, and with what:
benchmarks/README.md.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tools.histories.harness import Failed, History, Lab
from tools.project import ROOT


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.histories", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--histories", type=int, default=5, help="how many (5)")
    parser.add_argument("--runs", type=int, default=11, help="of each history (11)")
    parser.add_argument("--kills", type=int, default=3, help="runs of each history that are killed on the way (3)")
    parser.add_argument("--seed", type=int, default=1, help="of the first history; the next has the next number (1)")
    parser.add_argument("--beyond", action="store_true", help="with events later than the window allows, then repaired")
    parser.add_argument("--no-tests", action="store_true", help="without the data tests after the last run")
    parser.add_argument("--project", type=Path, default=ROOT, help="another checkout of the project")
    parser.add_argument("--folder", type=Path, help="where to work; kept. Else a folder that is removed if all is good")
    parser.add_argument("--steps", action="store_true", help="a line for every step as well")
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    options = arguments(given)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="tessera-histories-"))
    began = time.monotonic()
    lab = Lab(folder.resolve(), options.project.resolve())
    print(f"{len(lab.public())} public marts and {len(lab.memory())} memory tables are compared; parsed in "
          f"{time.monotonic() - began:.0f} s", flush=True)
    failed, kills = [], []
    for seed in range(options.seed, options.seed + options.histories):
        history = History(lab, seed, options.runs, options.kills, options.beyond, not options.no_tests)
        began, problem = time.monotonic(), ""
        try:
            for step in history.play():
                if options.steps:
                    print(f"  {time.monotonic() - began:4.0f} s  {step}", flush=True)
        except Failed as error:
            problem = str(error)
            failed.append(seed)
        kills += history.cut_short
        print(
            f"history {seed}: {'DIFFERS' if problem else 'equal'}; {len(history.done)} steps"
            f" ({', '.join(step.kind for step in history.done)}){', retention' * bool(history.variables)},"
            f" {len(history.cut_short)} killed at work,"
            f" {history.loaded:,} raw rows, {history.comparisons} comparisons of {history.rows:,} rows;"
            f" {time.monotonic() - began:.0f} s",
            flush=True,
        )
        if problem:
            steps = "\n".join(f"  {step}" for step in history.done)
            again = f"--seed {seed} --histories 1 --runs {options.runs} --kills {options.kills}"
            again += " --beyond" * options.beyond
            print(f"{problem}\nIts steps:\n{steps}\nAgain: python -m tools.histories {again} --steps\n", flush=True)
        else:
            shutil.rmtree(history.folder)
    empty = sorted(name for name, count in lab.compared.items() if not count)
    print(f"{options.histories - len(failed)} of {options.histories} histories equal their rebuilds; {len(kills)} runs"
          f" killed at work, after so many seeds and models: {sorted(kills)}"
          + (f"; always empty: {', '.join(empty)}" if empty else ""))
    if failed:
        print(f"What is left of the others stands in {folder}")
    elif not options.folder:
        shutil.rmtree(folder)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
