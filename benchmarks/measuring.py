"""What a process took, for benchmarks that measure each side in a process of its own. It needs Python alone."""

import resource
import sys
import time


class Clock:
    """Wall and CPU seconds of this process: on a machine where others work too the second say more."""

    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def seconds(self):
        return {"wall": time.perf_counter() - self.wall, "cpu": time.process_time() - self.cpu}


def peak():
    """The largest resident set of this process in bytes. Linux counts in kilobytes, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
