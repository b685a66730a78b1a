"""What the pages share: the case, the language, the camera and the light models. Lives in the window's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from capture_client.camera.devices import DeviceCamera, list_cameras
from capture_client.camera.files import FileCamera
from capture_client.camera.live import LiveCamera
from capture_client.camera.source import CameraFault, CameraName, Source
from capture_client.desk_values import Means, Origin
from capture_client.events import OperatorEvent
from capture_client.flow import Flow, NotNow
from capture_client.problems import DeskProblem
from capture_client.window.background import in_background
from capture_client.words import Language, Text
from pipeline.face.models import FaceModels, load_face_models
from pipeline.stages import EvidenceKind
from pipeline.weights import DEFAULT_ROOT


class CaseAtDesk(Protocol):
    """A case as the window drives it; see `capture_client.flow`."""

    @property
    def flow(self) -> Flow:
        """Its state."""

    def tell(self, event: OperatorEvent) -> object:
        """What the operator did."""

    def capture(
        self, kind: EvidenceKind, data: bytes, *, origin: Origin, at: datetime, challenge_id: str | None = None
    ) -> object:  # fmt: skip
        """What was captured."""

    def evidence(self, sha256: str) -> bytes:
        """Evidence that was captured, as it will be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the window was started."""

    source: str | None = None
    language: Language = Language.VI
    is_kiosk: bool = False
    gateway: str = ""
    #: Folder of the light models, with its manifest.
    weights: Path = DEFAULT_ROOT


@dataclass(slots=True)
class _Camera:
    """Which camera is meant, and the open one."""

    number: int = 0
    live: LiveCamera | None = None
    names: Mapping[int, CameraName] = field(default_factory=dict)


class Session(QObject):
    """Changes of the flow, of the language and of the camera are told by signals."""

    changed = Signal()
    refused = Signal(str)
    models_ready = Signal()

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.options, self.language = options, options.language
        self.pictures: dict[EvidenceKind, QImage] = {}
        #: Sides of the card, upright and cut out, to compare the fields with.
        self.cards: dict[EvidenceKind, QImage] = {}
        self.models: FaceModels | None = None
        self.models_fault: Exception | None = None
        self._case: CaseAtDesk | None = None
        self._camera = _Camera()
        in_background(lambda: load_face_models(options.weights), self._have_models)

    # ------------------------------------------------------------ case

    @property
    def flow(self) -> Flow:
        """The state of the case at the desk; the very first state while there is none."""
        return self._case.flow if self._case else Flow()

    def work_on(self, case: CaseAtDesk | None) -> None:
        """Put a case on the desk, or take it away."""
        self._case = case
        self.pictures.clear()
        self.cards.clear()
        self.changed.emit()

    def tell(self, event: OperatorEvent) -> bool:
        """Tell what the operator did; whether it was taken."""
        return self._asked(lambda case: case.tell(event))

    def capture(
        self, kind: EvidenceKind, data: bytes, picture: QImage | None, *, origin: Origin
    ) -> bool:
        """Hand evidence over; whether it was taken. The picture is for the eye alone."""
        challenge = self.flow.challenge if kind is EvidenceKind.CLIP else None
        taken = self._asked(
            lambda case: case.capture(
                kind, data, origin=origin, at=datetime.now(UTC),
                challenge_id=challenge.id if challenge else None,
            )
        )  # fmt: skip
        if taken and picture is not None:
            self.pictures[kind] = picture
            self.changed.emit()
        return taken

    def _asked(self, ask: Callable[[CaseAtDesk], object]) -> bool:
        if self._case is None:
            return False
        try:
            ask(self._case)
        except (NotNow, DeskProblem) as refusal:
            self.refused.emit(refusal.code)
            return False
        self.changed.emit()
        return True

    # ------------------------------------------------------------ words

    def say(self, text: Text, **facts: object) -> str:
        """Return a text in the language of the window."""
        return text.said(self.language, **facts)

    def switch_language(self) -> None:
        """Speak the other language."""
        self.language = Language.EN if self.language is Language.VI else Language.VI
        self.changed.emit()

    # ------------------------------------------------------------ camera

    @property
    def camera(self) -> LiveCamera | None:
        """The open camera."""
        return self._camera.live

    def cameras(self) -> Mapping[int, CameraName]:
        """Return the cameras that can be chosen; none where a file is the camera."""
        if self._file() is None:
            self._camera.names = list_cameras()
        return self._camera.names

    def choose_camera(self, number: int) -> None:
        """Take another camera from the next opening on, and now if one is open."""
        self._camera.number = number
        if self.camera:
            self.close_camera()
            self.open_camera("")

    def open_camera(self, scene: str) -> LiveCamera:
        """Return the open camera, opening it where needed; it is only ever open while a page shows its picture."""
        live = self._camera.live
        if live is None or live.fault is not None:
            self.close_camera()
            live = self._camera.live = LiveCamera(self._open_source)
        live.show(scene)
        return live

    def close_camera(self) -> None:
        """Let the camera go."""
        if self._camera.live:
            self._camera.live.stop()
        self._camera.live = None

    def origin(self, means: Means = Means.CAMERA) -> Origin:
        """Return where the pixels of the open camera come from."""
        name = self.camera.name if self.camera else None
        if means is not Means.CAMERA or name is None:
            return Origin(means=means)
        return Origin(means=means, device=name.device, driver=name.driver)

    def _file(self) -> Path | None:
        source = self.options.source
        return Path(source) if source and not source.isdigit() else None

    def _open_source(self) -> Source:
        if (file := self._file()) is not None:
            return FileCamera(file)
        source = self.options.source
        number = int(source) if source and source.isdigit() else self._camera.number
        names = list_cameras()
        if not names:
            raise CameraFault("camera_missing")
        number = number if number in names else next(iter(names))
        return DeviceCamera(number, names[number])

    def _have_models(self, loaded: FaceModels | Exception) -> None:
        if isinstance(loaded, Exception):
            self.models_fault = loaded
        else:
            self.models = loaded
        self.models_ready.emit()
