"""What can keep a client from doing what it was asked: the gateway, or the desk's own disk and keys.

CaptureError
├── ApiProblem           the gateway refused: a stable `code`, its status, its members
├── GatewayUnreachable   no answer after all retries
└── UnexpectedAnswer     an answer that is no problem and not what the API describes
DeskProblem              has a `code`, whose words are in `captions.py`
├── DiskFull             there is no room; nothing was written
├── SpoolDamaged         a file of the spool is missing or is not what was written
├── SpoolKeyWrong        the spool's key is gone or another one
├── VaultClosed          the keyring that holds the keys cannot be asked
├── KeyMissing           nobody is signed in at this gateway
└── GatewayAddress       this is no address of a gateway
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


class DeskProblem(Exception):
    """The desk's own disk or keys do not do what was asked; nothing that was kept is lost by it."""

    code = ""


class DiskFull(DeskProblem):
    """There is no room; nothing was written."""

    code = "disk_full"


class SpoolDamaged(DeskProblem):
    """A file of the spool is missing or is not what was written."""

    code = "spool_damaged"


class SpoolKeyWrong(DeskProblem):
    """The spool's key is gone or another one; what lies there cannot be read without the right one."""

    code = "spool_key_wrong"


class VaultClosed(DeskProblem):
    """The keyring that holds the keys cannot be asked."""

    code = "vault_closed"


class KeyMissing(DeskProblem):
    """Nobody is signed in at this gateway."""

    code = "key_missing"


class GatewayAddress(DeskProblem):
    """This is no address of a gateway, or one to which a key would travel in the open."""

    code = "gateway_address"
