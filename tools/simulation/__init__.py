"""`make simulate`: do the intervals hold the truth as often as they say? Thousands of experiments whose truth is known go
through the project's own SQL, from the arms to the results, and docs/simulation.md says what came out.

Only the units are made here: `sql/` draws them from the demo's outcomes and plants effects, `measurement.py` runs the
models on them, `studies.py` says which experiments there are, `tables.py` counts, and `page.py` writes.
"""

from tools import project

FOLDER = project.ROOT / ".build" / "simulation"
