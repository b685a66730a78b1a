"""The still of the face."""

from __future__ import annotations

from capture_client.desk_values import Step
from capture_client.guidance.face import FaceGuide
from capture_client.window import texts
from capture_client.window.pages.capture import CapturePage, Look
from capture_client.window.viewfinder import Guide
from pipeline.stages import EvidenceKind


class SelfiePage(CapturePage):
    """Mirrored for the person, never in the picture that is taken."""

    step = Step.SELFIE
    kind = EvidenceKind.SELFIE
    guide = Guide.OVAL
    is_mirrored = True
    title = texts.SELFIE_TITLE
    lead = texts.SELFIE_LEAD

    def look(self) -> Look | None:
        """Guidance for faces needs the light models."""
        if self.session.models is None:
            if self.session.models_fault is not None:
                self._unguided()
            return None
        return FaceGuide(self.session.models).look
