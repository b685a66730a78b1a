"""Every text of the pages: key -> (Vietnamese, English). Reasons have their words in `pipeline/reasons.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.console.words.admin import ADMIN
from api.console.words.case import CASE
from api.console.words.frame import FRAME
from api.console.words.queue import QUEUE

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({**CASE, **ADMIN, **FRAME, **QUEUE})
