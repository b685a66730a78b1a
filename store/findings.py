"""Findings as sealed JSON: pydantic checks at the border what the engines promise inside."""

from __future__ import annotations

from pydantic import TypeAdapter

from pipeline.findings import CardFinding, FaceFinding, Finding, LivenessFinding

_CARD = TypeAdapter(CardFinding)
_FACE = TypeAdapter(FaceFinding)
_LIVENESS = TypeAdapter(LivenessFinding)


def dump(finding: Finding) -> bytes:
    """Return a finding as JSON."""
    match finding:
        case CardFinding():
            return _CARD.dump_json(finding)
        case FaceFinding():
            return _FACE.dump_json(finding)
        case LivenessFinding():
            return _LIVENESS.dump_json(finding)


def load_card(data: bytes) -> CardFinding:
    """Return what `dump` wrote."""
    return _CARD.validate_json(data)


def load_face(data: bytes) -> FaceFinding:
    """Return what `dump` wrote."""
    return _FACE.validate_json(data)


def load_liveness(data: bytes) -> LivenessFinding:
    """Return what `dump` wrote."""
    return _LIVENESS.validate_json(data)
