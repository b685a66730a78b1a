"""Machine readable zone of chip cards (ICAO 9303-5, TD1)."""

_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> int:
    """Check digit of an MRZ string (ICAO 9303-3 section 4.9): 0-9, A = 10 ... Z = 35, < = 0, weights 7, 3, 1.

    Raises:
        ValueError: a character that an MRZ cannot hold.
    """
    return sum(_value(c) * _WEIGHTS[i % 3] for i, c in enumerate(text)) % 10


def _value(character: str) -> int:
    if character == "<":
        return 0
    if character.isascii() and (character.isdigit() or character.isupper()):
        return int(character, 36)
    raise ValueError(f"not an MRZ character: {character!r}")
