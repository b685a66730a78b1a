"""What the gateway answers when it does not do as asked.

CaptureError
├── ApiProblem           the gateway refused: a stable `code`, its status, its members
├── GatewayUnreachable   no answer after all retries
└── UnexpectedAnswer     an answer that is no problem and not what the API describes
"""

from __future__ import annotations

from typing import Any


class CaptureError(Exception):
    """The gateway could not be made to do what was asked."""


class ApiProblem(CaptureError):
    """The gateway refused; `members` holds what it said beside the code."""

    def __init__(self, code: str, status: int, detail: str, members: dict[str, Any]) -> None:
        """Keep what the problem+json said."""
        super().__init__(f"{status} {code}: {detail}")
        self.code, self.status, self.detail, self.members = code, status, detail, members

    @property
    def request_id(self) -> str:
        """What to name to support."""
        return str(self.members.get("request_id", ""))


class GatewayUnreachable(CaptureError):
    """No answer came after all retries."""


class UnexpectedAnswer(CaptureError):
    """The answer is no problem and not what the API describes."""
