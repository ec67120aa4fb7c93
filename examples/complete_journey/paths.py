"""Where the example keeps its files, all under data/complete_journey, and the day that it describes."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).resolve().parent
REQUIREMENTS = EXAMPLE / "requirements.txt"
MAPPING = EXAMPLE / "mapping"
DATA = ROOT / "data" / "complete_journey"
WHEEL = DATA / "wheel"
RECORDS = DATA / "records"
RAW = DATA / "raw"
DATABASE = DATA / "tessera.duckdb"
TARGET = ROOT / "target" / "complete_journey"
LOGS = ROOT / "logs" / "complete_journey"

# The middle of the year of records: half of it is history, half is left to be measured.
AS_OF = "2017-07-01"
