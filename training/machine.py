"""Random lines for machines: the machine-readable zone (TD1, 30 characters), or its characters at random."""

import random
import unicodedata
from collections.abc import Callable

_MACHINE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
_CONFUSABLE = "O0DQI1LS5B8Z2G6<"


def machine_line(draw_name: Callable[[], str], rng: random.Random) -> str:
    """One line of a machine-readable zone, or machine characters that mean nothing.

    Args:
        draw_name: a personal name with its tone marks; asked only for the line that carries one.
        rng: the source of everything else.
    """
    makers = (_mrz_number, _mrz_dates, lambda _: _mrz_name(draw_name()), _machine_noise)
    return rng.choice(makers)(rng)


def _digits(count: int, rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _mrz_number(rng: random.Random) -> str:
    return f"IDVNM{_digits(10, rng)}{_digits(12, rng)}<<{_digits(1, rng)}"


def _mrz_dates(rng: random.Random) -> str:
    return f"{_digits(7, rng)}{rng.choice('MF')}{_digits(7, rng)}VNM{'<' * 11}{_digits(1, rng)}"


def _mrz_name(full_name: str) -> str:
    surname, *given = _without_marks(full_name).upper().replace("'", "").split(" ")
    return f"{surname}<<{'<'.join(given)}".ljust(30, "<")[:30]


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def _machine_noise(rng: random.Random) -> str:
    alphabet = rng.choice((_MACHINE_CHARACTERS, _CONFUSABLE))
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(8, 30)))
