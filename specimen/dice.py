"""One throw of the dice, as every drawing module needs it."""

from typing import TypeVar

import numpy as np

_T = TypeVar("_T")


def pick(rng: np.random.Generator, options: tuple[_T, ...]) -> _T:
    """Draw one of several options, all equally likely."""
    return options[int(rng.integers(len(options)))]
