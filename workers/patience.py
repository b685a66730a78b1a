"""Waiting out a short absence of the database, so that work already done need not be done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

T = TypeVar("T")

#: Together 8 s: a restart of Postgres takes one or two, and the lease has 30 s of room above the hard limit.
PAUSES_S = (0.2, 0.4, 0.8, 1.6, 2.0, 3.0)


def patiently(
    act: Callable[[], T],
    *,
    pauses_s: tuple[float, ...] = PAUSES_S,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Do something that may be done twice, again while the database does not answer.

    Raises:
        OperationalError: it still does not answer; the lease will end and the sweeper rings again.
    """
    for pause_s in pauses_s:
        try:
            return act()
        except OperationalError:
            sleep(pause_s)
    return act()
