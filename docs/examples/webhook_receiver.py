"""A webhook receiver that trusts nothing it was not signed: a model for your own, standard library alone.

    EKYC_WEBHOOK_SECRET=whsec_... python webhook_receiver.py --cert cert.pem --key key.pem --out events.jsonl

It refuses a message without a valid signature, and one that is older than five minutes, which somebody may have kept
and sent again. It takes each event once, for delivery is at least once, and ignores what is older than what it knows of
a case, for a message that was given up may be sent again much later. It answers 200 only when the event is on the disk.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import ssl
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOLERANCE_S = 300
MAX_BODY_BYTES = 64 * 1024


def read_secrets(text: str) -> list[bytes]:
    """Return the secrets of `whsec_...[,whsec_...]`: two while you change from one to the other."""
    return [base64.b64decode(word.strip().removeprefix("whsec_")) for word in text.split(",")]


def is_genuine(header: str, body: bytes, secrets: Sequence[bytes], now_s: float) -> bool:
    """Whether a header `t=<unix seconds>,v1=<hex>[,v1=<hex>]` signs this body with one of the secrets, lately."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()):
        return False
    if abs(now_s - int(times[0])) > TOLERANCE_S:
        return False
    signed = times[0].encode() + b"." + body
    wanted = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets]
    given = [value for name, _, value in parts if name == "v1"]
    return any(hmac.compare_digest(w.encode(), g.encode()) for w in wanted for g in given)


class Ledger:
    """The events taken so far, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._seen: set[str] = set()
        self._newest: dict[str, int] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            self._remember(json.loads(line))

    def take(self, event: dict[str, Any]) -> str:
        """Keep an event; return `taken`, `known` or `late`. Only a taken one should change anything of yours."""
        with self._lock:
            if event["event_id"] in self._seen:
                return "known"
            late = event["sequence"] < self._newest.get(event["case_id"], 0)
            event = {**event, "took": "late" if late else "taken"}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self._remember(event)
            return str(event["took"])

    def _remember(self, event: dict[str, Any]) -> None:
        self._seen.add(event["event_id"])
        case_id, sequence = event["case_id"], event["sequence"]
        self._newest[case_id] = max(sequence, self._newest.get(case_id, 0))


def serve(
    port: int, secrets: Sequence[bytes], ledger: Ledger, tls: ssl.SSLContext | None
) -> ThreadingHTTPServer:
    """Return a server on localhost that takes signed events; `serve_forever` runs it."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            size = self.headers.get("Content-Length", "")
            if not size.isdigit() or int(size) > MAX_BODY_BYTES:
                return self._answer(413, "size")
            body = self.rfile.read(int(size))
            header = self.headers.get("ekyc-signature", "")
            if not is_genuine(header, body, secrets, time.time()):
                return self._answer(401, "signature")
            return self._answer(200, ledger.take(json.loads(body)))

        def _answer(self, status: int, word: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(word)))
            self.end_headers()
            self.wfile.write(word.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    return server


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--cert", type=Path, help="PEM of the certificate; plain HTTP without.")
    parser.add_argument("--key", type=Path, help="PEM of its key.")
    parser.add_argument("--out", type=Path, default=Path("events.jsonl"))
    given = parser.parse_args()
    tls = None
    if given.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.cert, given.key)
    secrets = read_secrets(os.environ["EKYC_WEBHOOK_SECRET"])
    serve(given.port, secrets, Ledger(given.out), tls).serve_forever()


if __name__ == "__main__":
    main()
