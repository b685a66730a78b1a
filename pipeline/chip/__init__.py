"""The chip of a card, as an NFC reader took it: files parsed, and passively authenticated (ICAO 9303-10, -11, -12)."""
