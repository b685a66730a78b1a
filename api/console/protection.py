"""What keeps a visitor's browser safe: a token in every form, the content policy and the other headers.

The token is the HMAC of a cookie: of the session's, or before signing in of one made for the visit. A page of another
site can read neither, and a session's token dies with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from api.console.visits import session_cookie
from api.problems import ApiError

TOKEN_FIELD = "token"
_PURPOSE = b"ekyc console form"

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "media-src 'self'",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would then name no origin with forms, and check_token asks for it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
#: Two years, as browsers' preload lists ask for.
TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"


def visit_cookie() -> str:
    """Return the name of the cookie of a visit before signing in."""
    return "__Host-ekyc_visit" if request.is_secure else "ekyc_visit"


def form_token() -> str:
    """Return the token that a form of the page being rendered must hold."""
    return _token_of(_secret() or _new_secret())


def check_token() -> None:
    """Refuse a form that does not come from a page of this console.

    Raises:
        ApiError: `form_foreign`.
    """
    origin, secret = request.headers.get("Origin"), _secret()
    presented = request.form.get(TOKEN_FIELD, "")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise ApiError("form_foreign")
    if secret is None or not hmac.compare_digest(_token_of(secret).encode(), presented.encode()):
        raise ApiError("form_foreign")


def visitor_token(answer: AnyResponse) -> None:
    """Give the browser the cookie of the visit, when the page that it gets has a form for it."""
    if "new_visit" in g:
        set_cookie(answer, visit_cookie(), g.new_visit)


def set_cookie(answer: AnyResponse, name: str, value: str, *, max_age_s: int | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites cannot use."""
    answer.set_cookie(
        name, value, max_age=max_age_s, httponly=True, secure=request.is_secure, samesite="Strict", path="/",
    )  # fmt: skip


def forget_visit(answer: AnyResponse) -> None:
    """Take the cookie of a session that has ended."""
    if session_cookie() in request.cookies:
        answer.delete_cookie(
            session_cookie(), path="/", httponly=True, secure=request.is_secure, samesite="Strict"
        )


def protect(blueprint: Blueprint) -> None:
    """Answer with the headers on every page of `blueprint`."""
    blueprint.after_request(_with_headers)


def _with_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    if request.endpoint != "console.static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _secret() -> str | None:
    return request.cookies.get(session_cookie()) or request.cookies.get(visit_cookie()) or None


def _new_secret() -> str:
    if "new_visit" not in g:
        g.new_visit = secrets.token_urlsafe(32)
    return str(g.new_visit)


def _token_of(secret: str) -> str:
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()
