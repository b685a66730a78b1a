"""The engines with the models. Everything heavy is imported in the function that needs it, inside the child."""

from __future__ import annotations

from pipeline.stages import Stage
from workers.engines import Engine
from workers.settings import WorkerSettings


def load(stage: Stage, settings: WorkerSettings, device: str) -> Engine:
    """Load the engine of a stage on a device."""
    import cv2

    from pipeline.chip.authorities import load_authorities

    cv2.setNumThreads(settings.threads)
    if stage is Stage.READ_CARD:
        from pipeline.card.reader import load_card_reader

        return load_card_reader(
            settings.weights_root,
            device=device,
            authorities=load_authorities(settings.csca_dir),
        )
    if stage is Stage.MATCH_FACE:
        from pipeline.face.matcher import load_face_matcher

        return load_face_matcher(
            settings.weights_root,
            backend=settings.face_backend,
            device=device,
            authorities=load_authorities(settings.csca_dir),
        )
    from pipeline.liveness.scorer import load_liveness_scorer

    return load_liveness_scorer(
        settings.weights_root,
        landmarks=settings.landmarks,
        face_backend=settings.face_backend,
        device=device,
        passive=settings.passive,
    )
