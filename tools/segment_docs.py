"""`make segment-docs`: write docs/segments.md from what the YAML of the segment families says.

It asks the files alone, neither dbt nor a database, and says nothing that would have to be measured. `--check` writes
nothing and fails where the page is not what would be written.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools import project

PAGE = "docs/segments.md"
COMMAND = "make segment-docs"
FAMILIES = "models/segments"
REQUIRED = ("owner", "purpose", "signals", "retention_days", "priority", "kind")
# What the column "also" tells in words where a family's meta has it; any other entry stands there as it is.
ALSO = {
    "min_size": "at least {:,} members",
    "max_size": "at most {:,} members",
    "excludes": "audiences leave out {}",
    "keep_top": "keeps the top {:,} by score",
}
# A column that a family does not use is said to be so by its description.
UNUSED = "always null"

INTRODUCTION = f"""\
# Segment families

<!-- Written by `{COMMAND}` from the YAML beside each family. Edit that, not this page. -->

A family is one model, `models/segments/<theme>/seg_<family>.sql`, that says who is in; its variants and windows make
segments of it, `family[/variant][@Nd]`. How many people are in them `segment_sizes` says after a build, and what an
edit does to them `make segment-diff BASE=<revision>`.

- To add or edit a family: [README, Add a segment](../README.md#add-a-segment).
- To try something on one: [README, Add an experiment](../README.md#add-an-experiment).
- To send one somewhere: a row in `seeds/segment_destinations.csv` ([its columns](../seeds/_activation_seeds.yml)).
- What the entries of a family's `config.meta` mean: [CONVENTIONS, YAML](../CONVENTIONS.md#yaml).
- What retention means for a membership: [privacy](privacy.md).

Windows end at `as_of` and are half-open, `[as_of - N days, as_of)`. N is each number of the variable `lookback_days`
([vars.yml](../vars.yml)) where the column window says nothing else. Where a person is in several segments, the family
with the smallest priority wins.
"""


class CannotWrite(Exception):
    """A reason, in one line, why a family cannot be described."""


@dataclass
class Family:
    """What a family's YAML says."""

    name: str
    theme: str
    path: str
    description: str
    meta: dict
    columns: dict[str, str]

    def uses(self, column: str) -> bool:
        return not self.columns.get(column, UNUSED).lower().startswith(UNUSED)

    @property
    def pattern(self) -> str:
        """The ids of its segments."""
        variant, window = self.uses("variant"), self.uses("lookback_days")
        return self.name + ("/<variant>" if variant else "") + ("@<N>d" if window else "")

    @property
    def who(self) -> str:
        """The description, which opens with the grain of every family."""
        text = self.description.removeprefix("One row per ")
        return text[:1].upper() + text[1:]


def read_family(sql: Path, root: Path) -> Family:
    path = sql.with_suffix(".yml")
    name = path.relative_to(root).as_posix()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CannotWrite(f"{sql.relative_to(root).as_posix()}: no YAML beside it; put {sql.stem}.yml there") from error
    except yaml.YAMLError as error:
        raise CannotWrite(f"{name}: {project.as_line(error)}") from error
    models = content.get("models") if isinstance(content, dict) else None
    model = next((one for one in models or [] if isinstance(one, dict) and one.get("name") == sql.stem), None)
    if model is None:
        raise CannotWrite(f"{name}: `models` has no entry with the name {sql.stem}")
    meta = (model.get("config") or {}).get("meta") or {}
    lacking = [f"config.meta.{key}" for key in REQUIRED if meta.get(key) in (None, "", [])]
    if lacking or not model.get("description"):
        raise CannotWrite(f"{name}: it lacks {', '.join(lacking or ['a description'])}")
    return Family(
        name=sql.stem.removeprefix("seg_"),
        theme=sql.parent.name,
        path=name,
        description=project.as_line(model["description"]),
        meta=meta,
        columns={column["name"]: project.as_line(column.get("description") or "") for column in model.get("columns") or []},
    )


def read_families(root: Path | None = None) -> list[Family]:
    """Those of the project, or of another folder, by theme and within one by name."""
    root = root or project.ROOT
    return [read_family(sql, root) for sql in sorted((root / FAMILIES).glob("*/seg_*.sql"))]


def cell(text: object) -> str:
    """A text as the cell of a table."""
    return project.as_line(text).replace("|", "\\|").replace("<", "&lt;")


def listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def also(meta: dict) -> str:
    said = []
    for key in sorted(meta.keys() - set(REQUIRED)):
        value = meta[key]
        # A word for a number is dbt's to refuse.
        words = ALSO.get(key) if isinstance(value, int) or key == "excludes" else None
        if value not in (None, []):
            said.append((words or key + " {}").format(value if isinstance(value, int) else listed(value)))
    return "; ".join(said)


HEADER = (
    *("segments", "who is in", "what for", "signals", "window", "variant"),
    *("kind", "priority", "retention", "owner", "also"),
)


def row(family: Family) -> tuple[str, ...]:
    meta = family.meta
    return (
        # Code is shown as it stands: nothing in it is HTML.
        f"[`{family.pattern}`](../{family.path})",
        cell(family.who),
        cell(meta["purpose"]),
        cell(listed(meta["signals"])),
        cell(family.columns["lookback_days"]) if family.uses("lookback_days") else "",
        cell(family.columns["variant"]) if family.uses("variant") else "",
        cell(meta["kind"]),
        cell(meta["priority"]),
        cell(f"{meta['retention_days']} days"),
        cell(meta["owner"]),
        cell(also(meta)),
    )


def title(theme: str) -> str:
    return theme.replace("_", " ").capitalize()


def page(families: list[Family]) -> str:
    themes: dict[str, list[Family]] = {}
    for family in families:
        themes.setdefault(family.theme, []).append(family)
    contents = ", ".join(f"[{title(theme)}](#{title(theme).lower().replace(' ', '-')})" for theme in themes)
    parts = [f"{INTRODUCTION}\nThemes: {contents}.\n"] if themes else [INTRODUCTION]
    for theme, members in themes.items():
        lines = [HEADER, ("---",) * len(HEADER), *map(row, members)]
        table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        parts.append(f"## {title(theme)}\n\n{table}\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.segment_docs [--check]", file=sys.stderr)
        return 2
    path = project.ROOT / PAGE
    try:
        families = read_families()
        text = page(families)
    except CannotWrite as reason:
        print(reason, file=sys.stderr)
        return 1
    if not arguments:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(text, encoding="utf-8")
        count = "1 family" if len(families) == 1 else f"{len(families)} families"
        print(f"{PAGE}: {count}, {'as before' if before == text else 'written anew'}")
        return 0
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        print(f"{PAGE} is not what the families' YAML says: run `{COMMAND}` and commit it.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
