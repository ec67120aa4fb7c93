"""Where the example keeps its files, all under data/nsw, and what its build is told."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).resolve().parent
REQUIREMENTS = EXAMPLE / "requirements.txt"
MAPPING = EXAMPLE / "mapping"
SEEDS = EXAMPLE / "seeds"
DATA = ROOT / "data" / "nsw"
WHEEL = DATA / "wheel"
RECORDS = DATA / "records"
RAW = DATA / "raw"
PROJECT = DATA / "project"
DATABASE = DATA / "tessera.duckdb"
TARGET = ROOT / "target" / "nsw"
LOGS = ROOT / "logs" / "nsw"

# Four days after the last window: nothing is waited for any more. Timestamps before 2000 are refused unless this is said.
VARIABLES = {"as_of": "1979-01-05", "earliest_timestamp": "1970-01-01"}
