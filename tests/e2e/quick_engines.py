"""Deterministic engines that take a moment and find nothing wrong, for tests of everything around the engines.

Loaded by real worker processes (`EKYC_ENGINES=quick_engines`, PYTHONPATH on this folder). A selfie whose pixels are
all red makes the face matcher kill its own process: a poison stage. One that is all blue leaves it in doubt: a person
decides.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import date
from hashlib import sha256

import numpy as np

from pipeline.challenge import ChallengeStep
from pipeline.errors import CannotJudge
from pipeline.findings import (
    NO_EXPIRY,
    ActionFinding,
    Assurance,
    Band,
    CardFinding,
    CardVersion,
    Check,
    Cue,
    FaceFinding,
    FieldName,
    FieldReading,
    IdentityFinding,
    LivenessFinding,
    ModelRef,
    Source,
)
from pipeline.image import RgbImage
from pipeline.liveness.scorer import JudgedClip
from pipeline.pictures import CARD_BACK, CARD_FRONT, FACE, PORTRAIT, STILL, Judged, Picture
from pipeline.policy import POLICY_V3
from pipeline.reasons import ReasonCode
from pipeline.stages import Stage
from workers.settings import WorkerSettings

MODELS = (ModelRef(name="quick", sha256="0" * 64),)
WORK_S = float(os.environ.get("QUICK_WORK_S", "0.05"))
POISON_RGB = (254, 0, 0)
DOUBTFUL_RGB = (0, 0, 254)

VALUES = {
    FieldName.ID_NUMBER: "001199000000",
    FieldName.FULL_NAME: "MẪU THỬ NGHIỆM",
    FieldName.DATE_OF_BIRTH: "1999-01-01",
    FieldName.SEX: "Nữ",
    FieldName.PLACE_OF_RESIDENCE: "Hà Nội",
    FieldName.DATE_OF_EXPIRY: NO_EXPIRY,
}


class QuickEngine:
    """All three engines in one."""

    models = MODELS
    backend = "quick"

    def warm_up(self) -> None:
        pass

    def look(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: date | None,
        chip: bytes | None = None,
    ) -> Judged[CardFinding]:
        sides = {CARD_FRONT: front, CARD_BACK: back}
        shown = (Picture(name=name, rgb=rgb) for name, rgb in sides.items() if rgb is not None)
        return Judged(finding=self.read(front, back, today=today), pictures=tuple(shown))

    def compare(
        self,
        card_front: RgbImage,
        selfie: RgbImage,
        *,
        chip: bytes | None = None,
        clip: bytes | None = None,
    ) -> Judged[FaceFinding]:
        finding = self.match(card_front, selfie, chip=chip)
        shown = Picture(name=PORTRAIT, rgb=card_front), Picture(name=FACE, rgb=selfie)
        return Judged(finding=finding, pictures=shown)

    def stills(self, clip: bytes, finding: LivenessFinding) -> tuple[Picture, ...]:
        grey = RgbImage(np.full((48, 64, 3), 128, np.uint8))
        return (
            Picture(
                name=f"{STILL}_00", rgb=grey, time_s=1.0, shows="neutral", selfie_similarity=0.9
            ),
        )

    def read(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: date | None,
        chip: bytes | None = None,
    ) -> CardFinding:
        time.sleep(WORK_S)
        return CardFinding(
            version=CardVersion.CHIP_2021,
            sides=("front", "back"),
            fields={
                name: FieldReading(value=value, confidence=0.99, source=Source.OCR, side="front")
                for name, value in VALUES.items()
            },
            checks=(Check(code=ReasonCode.QR_MISMATCH, passed=True),),
            rejected=None,
            models=MODELS,
            timing_ms={"all": WORK_S * 1000},
            assurance=Assurance.CODE_AGREES,
        )

    def match(
        self, card_front: RgbImage, selfie: RgbImage, *, chip: bytes | None = None
    ) -> FaceFinding:
        red, green, blue = (int(value) for value in selfie[0, 0])
        if red > 200 and green < 30 and blue < 30:
            os.kill(os.getpid(), signal.SIGKILL)
        doubtful = blue > 200 and red < 30 and green < 30
        time.sleep(WORK_S)
        return FaceFinding(
            similarity=0.6 if doubtful else 0.9,
            fmr=1e-3 if doubtful else 1e-6,
            band=Band.REVIEW if doubtful else Band.MATCH,
            rejected=None,
            backend="quick",
            quality={},
            models=MODELS,
            timing_ms={"all": WORK_S * 1000},
        )

    def judge(
        self,
        clip: bytes,
        steps: tuple[ChallengeStep, ...],
        *,
        selfie: RgbImage | None,
        card_front: RgbImage | None,
    ) -> JudgedClip:
        if not clip:
            raise CannotJudge(ReasonCode.EVIDENCE_UNDECODABLE, evidence="clip")
        time.sleep(WORK_S)
        return JudgedClip(finding=self.found(steps), perceptual_hash=sha256(clip).hexdigest()[:16])

    def found(self, steps: tuple[ChallengeStep, ...]) -> LivenessFinding:
        return LivenessFinding(
            passed=True,
            actions=tuple(
                ActionFinding(action=s.action, passed=True, start_s=s.start_s, end_s=s.end_s)
                for s in steps
            ),
            cues=tuple(
                Cue(name=name, score=0.0, threshold=0.5, suspicious=False)
                for name in sorted(POLICY_V3.required_cues)
            ),
            identity=IdentityFinding(
                band=Band.MATCH,
                selfie_similarity=0.9,
                card_similarity=0.9,
                lowest=0.9,
                frames_judged=9,
            ),
            rejected=None,
            fps=25.0,
            duration_s=10.0,
            backend="quick",
            models=MODELS,
            timing_ms={"all": WORK_S * 1000},
        )


def load(stage: Stage, settings: WorkerSettings, device: str) -> QuickEngine:
    return QuickEngine()
