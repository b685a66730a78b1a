"""Does the same work on many things in several processes; the order of the results is that of the things."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import TypeVar

from ekyc.parent_death import die_with_parent

_T = TypeVar("_T")
_R = TypeVar("_R")


def side_by_side(
    things: Sequence[_T], work: Callable[[_T], _R], died: Callable[[_T], _R], *, jobs: int
) -> Iterator[_R]:
    """Yield a result per thing, in their order, as soon as it is there.

    A process that dies takes its pool along: the next things, of which it may have died, are then done one by one.

    Args:
        things: what to work on.
        work: a function of a module, or a partial of one, so that processes find it. What it raises is raised here.
        died: the result of a thing that killed its process.
        jobs: processes; with 1 everything happens in this one.
    """
    jobs = min(jobs, len(things))
    if jobs <= 1:
        yield from map(work, things)
        return
    left = list(things)
    while left:
        done = 0
        with _pool(jobs) as pool:
            for future in [pool.submit(work, thing) for thing in left]:
                found = _result_of(future)
                if not found:
                    break
                done += 1
                yield found[0]
        left = left[done:]
        for thing in left[:jobs]:
            yield _alone(thing, work, died)
        left = left[jobs:]


def _alone(thing: _T, work: Callable[[_T], _R], died: Callable[[_T], _R]) -> _R:
    with _pool(1) as pool:
        found = _result_of(pool.submit(work, thing))
    return found[0] if found else died(thing)


def _result_of(future: Future[_R]) -> tuple[()] | tuple[_R]:
    """The result, or nothing if the process died."""
    try:
        return (future.result(),)
    except BrokenProcessPool:
        return ()


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes, never forks of one that holds models. They end at once when the caller gives up or is gone."""
    before = set(active_children())
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_obey, initargs=(os.getpid(),)
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown()


def _obey(parent_pid: int) -> None:
    """Ctrl-C reaches the whole group of processes; only the parent answers it."""
    die_with_parent(parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
