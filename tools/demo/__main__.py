"""`python -m tools.demo`: write the demo's raw files. See docs/demo.md."""

import argparse
import os
import sys
from pathlib import Path

import duckdb

from tools.demo.generate import DAY_ZERO, DemoError, Request, generate, size_of


def why_not_written(error: Exception, raw: Path) -> str:
    """A disk or a folder that refused, as one line; DuckDB tells of it in a paragraph of its own."""
    text = " ".join(str(error).split())
    for reason in ("No space left on device", "Read-only file system", "Permission denied"):
        if reason in text:
            return f"cannot write to {raw}: {reason}"
    return f"cannot write to {raw}: {text}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description="Write the demo's raw files.")
    parser.add_argument("--raw", type=Path, default=Path(os.environ.get("TESSERA_RAW") or "data/raw"),
                        help="folder of the raw files (default: TESSERA_RAW, else data/raw)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--customers", type=int, default=20_000, help="how many people there are (default: 20000)")
    size.add_argument("--events", type=int, help="instead of --customers and --first-day: about so many events before "
                      "the launch, by a hundredth as many people in a history of 15 months")
    parser.add_argument("--first-day", metavar="DATE",
                        help=f"when the history begins (default: {DAY_ZERO}); the density of a day stays the same")
    parser.add_argument("--seed", type=int, default=7, help="another seed gives other people (default: 7)")
    parser.add_argument("--chapter", type=int, choices=(1, 2), default=1,
                        help="1: before the launch; 2: April, in which people respond to the ledger's arms")
    parser.add_argument("--database", type=Path,
                        default=Path(os.environ.get("TESSERA_DATABASE") or "data/tessera.duckdb"),
                        help="chapter 2: the built database whose ledger is read (default: TESSERA_DATABASE, else "
                        "data/tessera.duckdb)")
    parser.add_argument("--threads", type=int, default=None, help="threads of DuckDB (default: all)")
    parser.add_argument("--overwrite", action="store_true", help="replace a demo that is there, never anything else")
    options = parser.parse_args(arguments)
    try:
        customers, first_day = options.customers, options.first_day or DAY_ZERO
        if options.events is not None:
            if options.first_day:
                raise DemoError("--events chooses the first day: give --first-day with --customers")
            customers, first_day = size_of(options.events)
        generate(Request(
            raw=options.raw,
            customers=customers,
            first_day=first_day,
            seed=options.seed,
            chapter=options.chapter,
            database=options.database,
            threads=options.threads,
            overwrite=options.overwrite,
        ))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except (OSError, duckdb.Error) as error:
        print(f"demo: {why_not_written(error, options.raw)}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
