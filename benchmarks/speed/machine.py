"""What the figures were measured on, without the machine's name, and how much memory processes hold."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.error import MeasureError

PROC = Path("/proc")


@dataclass(frozen=True)
class Machine:
    """The machine of a run.

    Attributes:
        cpu: its name.
        cores: number of cores that this process may use.
        memory_gb: RAM in GB of 10^9 bytes.
        python: version of the interpreter.
        load: processes that wanted to run before the run began, mean of a minute.
    """

    cpu: str
    cores: int
    memory_gb: float
    python: str
    load: float


def this_machine() -> Machine:
    """The machine as it is now."""
    return Machine(
        cpu=field_of(PROC.joinpath("cpuinfo").read_text(encoding="utf-8"), "model name")
        or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9,
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def memory(processes: Sequence[int]) -> tuple[float, float]:
    """RSS of the largest process and PSS of all together, in MB of 10^6 bytes.

    RSS counts a page shared by several processes for each of them, PSS shares
    it out (proc(5), smaps_rollup). Raises MeasureError when nothing can be read.
    """
    rss, pss = [], []
    for process in processes:
        try:
            rollup = PROC.joinpath(str(process), "smaps_rollup").read_text(encoding="utf-8")
        except OSError:
            continue
        rss.append(_megabytes(field_of(rollup, "Rss")))
        pss.append(_megabytes(field_of(rollup, "Pss")))
    if not rss:
        raise MeasureError(f"The memory of the processes {list(processes)} could not be read in /proc.")
    return max(rss), sum(pss)


def field_of(text: str, name: str) -> str:
    """The value behind the first `name:` of a /proc file; empty if there is none."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _megabytes(kibibytes: str) -> float:
    """From such as `1234 kB`, by which the kernel means 1,024 bytes."""
    return int(kibibytes.split()[0]) * 1024 / 1e6
