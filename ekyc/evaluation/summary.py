"""Figures as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from ekyc.evaluation.statistics import ErrorRate, Rate, Share


def to_json(found: object) -> Any:
    """Return figures as values that `json` can write; shares and rates carry value and interval."""
    if isinstance(found, Share | ErrorRate | Rate):
        counts = {each.name: getattr(found, each.name) for each in fields(found)}
        return {**to_json(counts), "value": found.value, "interval": to_json(found.interval)}
    if is_dataclass(found):
        return {each.name: to_json(getattr(found, each.name)) for each in fields(found)}
    if isinstance(found, Mapping):
        return {str(key): to_json(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [to_json(value) for value in found]
    if isinstance(found, float):
        return round(found, 6)
    return str(found) if isinstance(found, StrEnum) else found
