"""`ekyc-capture`: the window; with `--headless` one case from files; with `--queue` or `--send` what waits here."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import platformdirs

from capture_client.captions import caption
from capture_client.desk import Desk, QueueRow, open_desk
from capture_client.film import FileClip, Filmer, RecorderProgram
from capture_client.headless import Exit, Job, Outcome, run_job
from capture_client.problems import DeskProblem
from capture_client.sign_in import KEY_VARIABLE, gateway_address, keep_key
from capture_client.vault import open_vault
from capture_client.words import Language
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind
from pipeline.weights import DEFAULT_ROOT

GATEWAY_VARIABLE = "EKYC_CAPTURE_GATEWAY"
SPOOL_VARIABLE = "EKYC_CAPTURE_SPOOL"
#: What a case waits for that comes without anybody.
_MOVING = frozenset({"sending", "verdict", "unreachable", "busy"})
_NEEDED = frozenset({EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the client; return the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
    try:
        return _run(asked, parser)
    except KeyboardInterrupt:  # at any moment, as with any other end of the process
        return Exit.KEPT
    except DeskProblem as problem:
        _say(sys.stderr, caption(problem.code).said(Language(asked.language)))
        return Exit.USAGE if problem.code == "gateway_address" else Exit.DISK


def _run(asked: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if not (asked.headless or asked.queue or asked.send):
        return _window(asked, parser)
    job = _job(asked, parser) if asked.headless else None
    _take_key(asked)
    with open_desk(asked.spool, language=asked.language, is_carrying=not asked.queue) as desk:
        if job:
            return _tell(run_job(desk, job), job, is_json=asked.json)
        if asked.send:
            _send_all(desk, timeout_s=asked.timeout_s)
        return _list_queue(desk.queue(), Language(asked.language), is_json=asked.json)


def _window(asked: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:  # a machine of scripts alone has no Qt
        from capture_client.window.application import run_window
        from capture_client.window.session import Options
    except ModuleNotFoundError as error:
        parser.error(f"there is no window here ({error.name} is not installed); use --headless")
    options = Options(
        source=str(asked.source) if asked.source else None, language=Language(asked.language),
        is_kiosk=asked.kiosk, gateway=asked.gateway or "", weights=asked.weights,
    )  # fmt: skip
    return run_window(asked.spool, options)


# ---------------------------------------------------------------- what is asked


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ekyc-capture", description=__doc__, allow_abbrev=False,
        epilog=f"The branch's API key is read from {KEY_VARIABLE}, from --key-file, or from an earlier sign-in.",
    )  # fmt: skip
    add = parser.add_argument
    add("--gateway", default=os.environ.get(GATEWAY_VARIABLE), help="address of the gateway")
    add("--spool", type=Path, default=_default_spool(), help="folder of what waits to be sent")
    add("--language", choices=[str(one) for one in Language], default=str(Language.VI))
    add("--key-file", type=Path, help="file with the branch's API key")
    add("--allow-http", action="store_true", help="take http to other machines, too")
    add("--source", type=Path, help="a file or folder as the camera")
    add("--weights", type=Path, default=DEFAULT_ROOT, help="folder of the light models")
    add("--kiosk", action="store_true", help="window: full screen, large controls")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--headless", action="store_true", help="one case from files, no window")
    mode.add_argument("--queue", action="store_true", help="list what waits, and why")
    mode.add_argument("--send", action="store_true", help="send what waits, then list the rest")
    add("--timeout-s", type=float, default=300.0, help="wait so long for line and verdict")
    add("--json", action="store_true", help="answer as one JSON object a line")
    _add_job(parser)
    return parser


def _add_job(parser: argparse.ArgumentParser) -> None:
    job = parser.add_argument_group("headless")
    add = job.add_argument
    add("--card-front", type=Path, metavar="FILE")
    add("--card-back", type=Path, metavar="FILE")
    add("--selfie", type=Path, metavar="FILE")
    add("--clip", type=Path, metavar="FILE", help="a clip that exists already")
    add("--recorder", metavar="COMMAND", help="challenge as JSON on its input, clip on its output")
    add("--consent", action="append", type=Purpose, default=[], metavar="PURPOSE",
        help=f"what the customer agreed to: {', '.join(Purpose)}")  # fmt: skip
    add("--field", action="append", type=_field, default=[], metavar="NAME=VALUE")
    add("--exclude", action="append", type=Action, default=[], metavar="ACTION",
        help="an action that the person cannot perform")  # fmt: skip
    add("--branch")
    add("--reference", help="the bank's own number of the application; names the case")


def _default_spool() -> Path:
    named = os.environ.get(SPOOL_VARIABLE)
    return Path(named) if named else platformdirs.user_data_path("ekyc-capture", appauthor=False)


def _field(text: str) -> tuple[FieldName, str]:
    name, _, value = text.partition("=")
    return FieldName(name), value


def _job(asked: argparse.Namespace, parser: argparse.ArgumentParser) -> Job:
    stills = _stills(asked)
    makers = [asked.clip, asked.recorder, asked.source]
    if not asked.gateway or not set(stills) >= _NEEDED or not any(makers):
        parser.error(
            "--headless needs --gateway, --card-front, --selfie and one of --clip, --recorder and --source"
        )
    if asked.clip and asked.recorder:
        parser.error("the clip comes from --clip or from --recorder, not from both")
    if not asked.consent:
        parser.error("--headless needs --consent: nothing is captured without the customer's")
    for path in (*stills.values(), asked.clip, asked.source):
        if path and not path.exists():
            parser.error(f"there is no file {path}")
    return Job(
        gateway=gateway_address(asked.gateway, allow_http=asked.allow_http),
        stills=stills,
        filmer=_filmer(asked),
        purposes=tuple(asked.consent),
        language=Language(asked.language),
        branch=asked.branch,
        reference=asked.reference,
        fields=dict(asked.field),
        exclude=tuple(asked.exclude),
        timeout_s=asked.timeout_s,
    )


def _stills(asked: argparse.Namespace) -> dict[EvidenceKind, Path]:
    """The files that were named, else those that a folder named as the source has."""
    named = {
        EvidenceKind.CARD_FRONT: asked.card_front,
        EvidenceKind.CARD_BACK: asked.card_back,
        EvidenceKind.SELFIE: asked.selfie,
    }
    found = {kind: path or _in_folder(asked.source, kind) for kind, path in named.items()}
    return {kind: path for kind, path in found.items() if path}


def _in_folder(folder: Path | None, kind: EvidenceKind) -> Path | None:
    return next(iter(sorted(folder.glob(f"{kind}.*"))), None) if folder else None


def _filmer(asked: argparse.Namespace) -> Filmer:
    if asked.clip:
        return FileClip(asked.clip)
    if asked.recorder:
        return RecorderProgram(asked.recorder)
    from capture_client.camera_film import CameraFilm  # OpenCV and the encoder take half a second

    return CameraFilm(asked.source)


def _take_key(asked: argparse.Namespace) -> None:
    """Keep a key that was given now in the vault, as signing in at the window does.

    Before the desk opens, because from then on cases are carried with the key that is there.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if asked.key_file:
        key = asked.key_file.read_text("utf-8")
    if key.strip() and asked.gateway:
        gateway = gateway_address(asked.gateway, allow_http=asked.allow_http)
        keep_key(open_vault(asked.spool), gateway, key)


# ---------------------------------------------------------------- what is answered


def _tell(outcome: Outcome, job: Job, *, is_json: bool) -> int:
    flow, words = outcome.flow, caption(outcome.code).said(job.language)
    guidance = [{"text": one.text, "retake": list(one.retake)} for one in flow.guidance]
    if is_json:
        told = {
            "case_id": str(flow.case_id) if flow.case_id else None,
            "status": str(flow.status) if flow.case_id else None,
            "exit": int(outcome.exit), "code": outcome.code, "message": words, "guidance": guidance,
            "evidence": {kind: one.sha256 for kind, one in flow.captures.items()},
        }  # fmt: skip
        _say(sys.stdout, json.dumps(told, ensure_ascii=False))
        return outcome.exit
    _say(sys.stdout, f"{flow.case_id or '-'}  {flow.status}  {words}")
    for one in guidance:
        _say(sys.stdout, f"  {one['text']}")
    return outcome.exit


def _send_all(desk: Desk, *, timeout_s: float) -> None:
    """Wait until everything that needs nobody was sent and judged, or the time is over."""
    ends_at = time.monotonic() + timeout_s
    while time.monotonic() < ends_at and any(row.waits_for in _MOVING for row in desk.queue()):
        time.sleep(0.5)


def _list_queue(rows: tuple[QueueRow, ...], language: Language, *, is_json: bool) -> int:
    for row in rows:
        words = caption(row.waits_for).said(language)
        since = row.since.isoformat(timespec="seconds") if row.since else None
        if is_json:
            told = {
                "id": row.case_id, "reference": row.reference, "since": since, "code": row.waits_for,
                "message": words,
            }  # fmt: skip
            _say(sys.stdout, json.dumps(told, ensure_ascii=False))
        else:
            _say(sys.stdout, f"{row.reference or row.case_id}  {since or '-'}  {words}")
    return Exit.KEPT if rows else Exit.APPROVED


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()
