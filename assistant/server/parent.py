"""Ties a process's life to its parent's."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Asks the kernel for this signal when the parent dies, also by SIGKILL; Linux only, else nothing."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        # it died before the kernel was asked
        os.kill(os.getpid(), number)
