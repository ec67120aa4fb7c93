"""`make segment-diff BASE=<revision>`: what an edit does to the segments, before it is merged.

Two revisions, BASE and the working tree as a commit would take it, are built on the same raw files as of the same day,
as far as `segment_memberships`, and their members are compared. It works on copies, in databases of its own below
.build/segment_diff: your database is not opened, your raw files are only read, and the folder is removed at the end, or
by the next run where this one was killed. So it knows no memory either: whose erasure request is not among the raw
files any more is counted, on both sides.

Exit status: 0 compared, whatever changed; 1 could not compare, one line says why; 2 with --fail-on-running, where a
segment changed that a running experiment enrols from.
"""

from tools import project

FOLDER = project.ROOT / ".build" / "segment_diff"
