"""`python -m tools.demo`: write the demo's raw files. See docs/demo.md."""

import argparse
import os
import sys
from pathlib import Path

import duckdb

from tools.demo.generate import DemoError, Request, generate


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
    parser.add_argument("--customers", type=int, default=20_000, help="how many people there are (default: 20000)")
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
        generate(Request(
            raw=options.raw,
            customers=options.customers,
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
