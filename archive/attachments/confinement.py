"""What a process that reads hostile files gives up before it looks at one.

Limits of the kernel on memory, processor time, open files and file size (none: it writes to its pipe
only), and, where the kernel lets an ordinary process do so, the network.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

MEMORY = 2 << 30  # bytes of address space; recognising a page in 300 dpi takes 0.3 GiB
_OPEN_FILES = 64
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def confine(seconds: int) -> None:
    """Confines this process and its children for good. ``seconds`` of processor time each. It also ends
    when the thread that started it does."""
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # SIGXCPU first, which tells why
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody waits for what it reads then
        _leave_the_network(library)


def _leave_the_network(library: ctypes.CDLL) -> None:
    """Into a network namespace without any interface. No reader asks for the network; this is for the
    one whose defect a file exploits. Not every kernel allows it, and the promise rests on nothing here
    opening a connection: so a refusal is no error."""
    # Root would lose its right to read everybody's files in a user namespace, libraries among them;
    # others have no such right, and need that namespace to be allowed the other.
    library.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    _, highest = resource.getrlimit(what)
    most = soft if hard is None else hard
    if highest != resource.RLIM_INFINITY:
        soft, most = min(soft, highest), min(most, highest)
    resource.setrlimit(what, (soft, most))
