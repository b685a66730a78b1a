"""Which engine a worker's child loads, and on which device. The module of the engines is a setting.

Any module with `load` can stand in for `workers.real_engines`, so that tests of the queue
need no model while the processes stay the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Protocol, cast

from pipeline.challenge import ChallengeStep
from pipeline.errors import EngineError
from pipeline.findings import CardFinding, FaceFinding, LivenessFinding, ModelRef
from pipeline.stages import Stage
from workers.settings import DeviceWish, WorkerSettings

if TYPE_CHECKING:
    # They bring numpy, which only the child may load.
    from pipeline.image import RgbImage
    from pipeline.liveness.scorer import JudgedClip
    from pipeline.pictures import Judged, Picture

REAL = "workers.real_engines"


class Engine(Protocol):
    """What every engine has."""

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """The weights that speak."""

    def warm_up(self) -> None:
        """Run once on nothing, so that the first customer does not wait for lazy set-up."""


class Seen(Protocol):
    """What an engine saw: its finding, and pictures of it for people."""

    @property
    def finding(self) -> CardFinding:
        """What was read."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The sides that were read."""


class CardReader(Engine, Protocol):
    """Reads cards."""

    def look(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: date | None,
        chip: bytes | None = None,
    ) -> Seen:
        """See `pipeline.card.reader`."""


class FaceMatcher(Engine, Protocol):
    """Compares selfie and portrait."""

    def compare(
        self,
        card_front: RgbImage,
        selfie: RgbImage,
        *,
        chip: bytes | None = None,
        clip: bytes | None = None,
    ) -> Judged[FaceFinding]:
        """See `pipeline.face.matcher`."""


class LivenessScorer(Engine, Protocol):
    """Judges clips."""

    def judge(
        self,
        clip: bytes,
        steps: tuple[ChallengeStep, ...],
        *,
        selfie: RgbImage | None,
        card_front: RgbImage | None,
    ) -> JudgedClip:
        """See `pipeline.liveness.scorer`."""

    def stills(self, clip: bytes, finding: LivenessFinding) -> tuple[Picture, ...]:
        """See `pipeline.liveness.stills`."""


class EngineModule(Protocol):
    """A module of engines."""

    def load(self, stage: Stage, settings: WorkerSettings, device: str) -> Engine:
        """Load the engine of a stage."""


def engine_module(settings: WorkerSettings) -> EngineModule:
    """Return the module named in the settings; `real` is short for the one with the models."""
    name = REAL if settings.engines == "real" else settings.engines
    return cast(EngineModule, importlib.import_module(name))


def pick_device(wish: DeviceWish, providers: Collection[str]) -> str:
    """Return `cuda` or `cpu`.

    Raises:
        EngineError: CUDA was demanded and the runtime does not offer it; a silent CPU worker would hide that.
    """
    offered = "CUDAExecutionProvider" in providers
    if wish is DeviceWish.CUDA and not offered:
        raise EngineError("EKYC_DEVICE=cuda, but onnxruntime offers no CUDAExecutionProvider")
    return "cuda" if offered and wish is not DeviceWish.CPU else "cpu"
