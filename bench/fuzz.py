"""Throw damaged evidence at every decoder, in processes of their own, with bounds on time and memory.

`python -m bench.fuzz --inputs 20000` prints a line a target. What may come back: a value, or a refusal of
ours. Anything else is a finding: another exception, a process that dies, an input that takes longer or more memory than
it may. Each finding names target, seed and number, which make the same input again.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from multiprocessing.connection import Connection

import numpy as np

from pipeline.errors import EkycError

#: An input of evidence's largest size may take as long as a stage may; a small one, as these are, far less.
LIMIT_S = 10.0
#: Of the clock, on a busy machine, with the loading of libraries.
PATIENCE_S = 120.0
#: Of address space beyond what the process has once its libraries are loaded.
LIMIT_BYTES = 1_500_000_000

_TODAY = date(2026, 11, 30)

Decode = Callable[[bytes], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A decoder, and true inputs to damage."""

    decode: Decode
    seeds: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An input that did what none may do."""

    target: str
    seed: int
    number: int
    what: str


# ---------------------------------------------------------------- targets


def _picture_target() -> Target:
    from PIL import Image

    from api.problems import ApiError
    from api.sniffing import inspect_evidence
    from pipeline.image import decode_image
    from pipeline.stages import EvidenceKind

    def decode(data: bytes) -> object:
        with suppress(ApiError):  # the gateway refuses it; the worker must stand it all the same
            inspect_evidence(EvidenceKind.CARD_FRONT, data)
        return decode_image(data, evidence="card_front")

    drawn = Image.fromarray(np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8))
    seeds = []
    for form in ("JPEG", "PNG", "WEBP"):
        out = io.BytesIO()
        drawn.save(out, form)
        seeds.append(out.getvalue())
    return Target(decode=decode, seeds=tuple(seeds))


def _clip_target() -> Target:
    from api.problems import ApiError
    from api.sniffing import inspect_evidence
    from pipeline.image import RgbImage
    from pipeline.liveness.clip import clip_duration_s, read_clip
    from pipeline.stages import EvidenceKind
    from specimen.clips import Frame, encode_clip

    def decode(data: bytes) -> object:
        with suppress(ApiError):  # the gateway refuses it; the worker must stand it all the same
            inspect_evidence(EvidenceKind.CLIP, data)
        return clip_duration_s(data), sum(1 for _ in read_clip(data))

    rng = np.random.default_rng(2)
    pictures = (RgbImage(rng.integers(0, 255, (240, 320, 3), np.uint8)) for _ in range(12))
    frames = (Frame(image=image, time_s=i / 15) for i, image in enumerate(pictures))
    return Target(decode=decode, seeds=(encode_clip(frames),))


def _chip_targets() -> dict[str, Target]:
    from pipeline.chip.dg1 import parse_dg1
    from pipeline.chip.dg2 import parse_dg2
    from pipeline.chip.dg13 import parse_dg13
    from pipeline.chip.document import ChipFile, format_document
    from pipeline.chip.judged import judge_chip
    from pipeline.chip.sod import parse_sod
    from pipeline.findings import CardVersion
    from specimen.chip import chip_files, specimen_authority, specimen_signer
    from specimen.people import draw_person

    person = draw_person(np.random.default_rng(3), version=CardVersion.CHIP_2021, today=_TODAY)
    files = chip_files(
        person, _picture_target().seeds[0], (160, 120), specimen_signer(specimen_authority())
    )
    return {
        "chip": Target(
            decode=lambda data: judge_chip(data, (), today=_TODAY), seeds=(format_document(files),)
        ),
        "dg1": Target(decode=parse_dg1, seeds=(files[ChipFile.DG1],)),
        "dg2": Target(decode=parse_dg2, seeds=(files[ChipFile.DG2],)),
        "dg13": Target(decode=parse_dg13, seeds=(files[ChipFile.DG13],)),
        "sod": Target(decode=parse_sod, seeds=(files[ChipFile.SOD],)),
    }


def _text_targets() -> dict[str, Target]:
    from pipeline.card.mrz import parse_mrz
    from pipeline.card.qr import parse_qr
    from pipeline.card.text import TextLine

    def line(text: str, y: float) -> TextLine:
        corners = np.array([[0, y], [900, y], [900, y + 30], [0, y + 30]], np.float32)
        return TextLine(
            text=text, char_scores=(0.9,) * len(text), char_x=tuple(30.0 * i for i in range(len(text))),
            corners=corners, box=(0.0, y, 900.0, y + 30.0),
        )  # fmt: skip

    def mrz(data: bytes) -> object:
        rows = data.decode("utf-8", "replace").splitlines()
        return parse_mrz([line(text, 40.0 * i) for i, text in enumerate(rows) if text])

    zone = "IDVNM0990000003001099000000<<2\n9901015M4001010VNM<<<<<<<<<<<6\nMAU<<THU<NGHIEM<<<<<<<<<<<<<<<"
    code = "001099000000|012345678|Mẫu Thử Nghiệm|01011999|Nam|Số 1, Hàng Mẫu, Hà Nội|01012022"
    return {
        "qr": Target(
            decode=lambda data: parse_qr(data.decode("utf-8", "replace")),
            seeds=(code.encode(), f"{code}||||".encode()),
        ),
        "mrz": Target(decode=mrz, seeds=(zone.encode(),)),
    }


@cache
def targets() -> dict[str, Target]:
    """Return every decoder that sees what a stranger sent, by name."""
    return {
        "picture": _picture_target(),
        "clip": _clip_target(),
        **_chip_targets(),
        **_text_targets(),
    }


# ---------------------------------------------------------------- damage


def damaged(seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    """Return one damaged input, the same for the same numbers."""
    rng = np.random.default_rng([seed, number])
    data = bytearray(seeds[int(rng.integers(len(seeds)))])
    for _ in range(int(rng.integers(1, 6))):
        _DAMAGES[int(rng.integers(len(_DAMAGES)))](data, rng)
    return bytes(data)


def _flip(data: bytearray, rng: np.random.Generator) -> None:
    if data:
        data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))


def _cut(data: bytearray, rng: np.random.Generator) -> None:
    del data[int(rng.integers(len(data) + 1)) :]


def _drop(data: bytearray, rng: np.random.Generator) -> None:
    at = int(rng.integers(len(data) + 1))
    del data[at : at + int(rng.integers(1, 40))]


def _insert(data: bytearray, rng: np.random.Generator) -> None:
    at = int(rng.integers(len(data) + 1))
    data[at:at] = rng.bytes(int(rng.integers(1, 40)))


def _repeat(data: bytearray, rng: np.random.Generator) -> None:
    at = int(rng.integers(len(data) + 1))
    piece = bytes(data[at : at + int(rng.integers(1, 200))])
    data[at:at] = piece * int(rng.integers(1, 50))


def _length(data: bytearray, rng: np.random.Generator) -> None:
    """Lengths and counts that promise what is not there are what kills parsers."""
    wide = bool(rng.integers(2))
    values = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
    value = values[int(rng.integers(len(values)))]
    packed = struct.pack(">I", value) if wide else struct.pack(">H", value & 0xFFFF)
    at = int(rng.integers(len(data) + 1))
    data[at : at + len(packed)] = packed


_DAMAGES = (_flip, _flip, _cut, _drop, _insert, _repeat, _length, _length)


# ---------------------------------------------------------------- running


def _child(pipe: Connection, name: str, seed: int, numbers: range) -> None:
    """Decode inputs and tell of each before and after; the parent sees which one was the last."""
    target = targets()[name]
    for whole in target.seeds:  # what libraries need to load is not counted
        target.decode(whole)
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    resource.setrlimit(resource.RLIMIT_AS, (used + LIMIT_BYTES,) * 2)
    pipe.send(("ready", numbers.start, ""))
    for number in numbers:
        pipe.send(("began", number, ""))
        pipe.send(("ended", number, _outcome(target, damaged(target.seeds, seed, number))))
    pipe.send(("done", numbers.stop, ""))


def _outcome(target: Target, data: bytes) -> str:
    """Return what went wrong, nothing if all is well."""
    began_s = time.process_time()
    try:
        target.decode(data)
    except EkycError:
        pass
    except BaseException as error:  # everything else is what is looked for
        return type(error).__name__
    took_s = time.process_time() - began_s
    return f"{took_s:.1f} s" if took_s > LIMIT_S else ""


def fuzz(name: str, *, seed: int, inputs: int) -> Iterator[Finding]:
    """Decode damaged inputs of one target in a process; after an input that killed it, go on in another.

    Args:
        name: of the target.
        seed: what is drawn.
        inputs: how many.
    """
    context, first = multiprocessing.get_context("spawn"), 0
    while first < inputs:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_child, args=(theirs, name, seed, range(first, inputs)))
        child.start()
        theirs.close()
        last, reason = first, ""
        try:
            while True:
                if not ours.poll(PATIENCE_S):
                    child.kill()
                    reason = "took too long"
                    break
                kind, last, what = ours.recv()
                reason = "" if kind == "done" else "killed its process"
                if kind == "done":
                    break
                if what:
                    yield Finding(target=name, seed=seed, number=last, what=what)
        except EOFError:
            if not reason:
                raise RuntimeError(f"{name}: a true input is not decoded") from None
        child.join()
        if reason:
            yield Finding(target=name, seed=seed, number=last, what=f"{reason} ({child.exitcode})")
        first = last + 1 if reason else inputs


def main() -> None:
    """Run and print a line a target; exit 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", nargs="*", default=sorted(targets()))
    options = parser.parse_args()
    failed = False
    for name in options.targets:
        began_s = time.perf_counter()
        found = list(fuzz(name, seed=options.seed, inputs=options.inputs))
        failed |= bool(found)
        took_s = time.perf_counter() - began_s
        print(f"{name:8} {options.inputs} inputs, {took_s:.0f} s: {len(found)} findings")  # noqa: T201
        for finding in found[:20]:
            print(f"  seed {finding.seed} number {finding.number}: {finding.what}")  # noqa: T201
    raise SystemExit(int(failed))


if __name__ == "__main__":
    main()
