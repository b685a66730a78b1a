"""A process that ends when the process that started it ends, however that came about (kill -9 included)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_libc = ctypes.CDLL(
    None, use_errno=True
)  # loaded before any fork: the loader's lock may be held in the child


def die_with_parent(parent_pid: int, with_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process `with_signal` when its parent is gone. Linux only; elsewhere no effect.

    Called in the child, before it does anything else (`preexec_fn`, after the change of user, which resets it). The
    kernel watches the parent's thread that forked, so that must be one that lives as long as the parent.

    Args:
        parent_pid: who the parent is meant to be; if it is gone already, this process ends at once.
        with_signal: what to be sent.
    """
    if sys.platform != "linux":
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)
