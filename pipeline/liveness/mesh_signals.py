"""Signals of one frame from the 468-point mesh."""

from __future__ import annotations

import numpy as np

from pipeline.face.mesh import MeshFace
from pipeline.face.mesh_points import (
    EYE_LEFT_CORNERS,
    EYE_RIGHT_CORNERS,
    FACE_SIDES,
    MOUTH_CORNERS,
    NOSE_BASE,
    NOSE_ROOT,
    RIGID,
)
from pipeline.face.quality import yaw_deg
from pipeline.face.region import Points
from pipeline.liveness.signals import Signals


def mesh_signals(face: MeshFace, time_s: float, open_right: float, open_left: float) -> Signals:
    """Measure one face. Lid gaps come from the eye model (nan: not measured), everything else from the mesh."""
    mesh = face.mesh
    eyes_px = _length(mesh[EYE_LEFT_CORNERS[0], :2] - mesh[EYE_RIGHT_CORNERS[0], :2])
    # In 3-D, so that it survives a turn.
    across = _length(mesh[FACE_SIDES[1]] - mesh[FACE_SIDES[0]])
    mouth = _length(mesh[MOUTH_CORNERS[1]] - mesh[MOUTH_CORNERS[0]])
    return Signals(
        time_s=time_s,
        open_right=open_right,
        open_left=open_left,
        mouth=mouth / across,
        yaw_deg=yaw_deg(mesh),
        tall=_length(mesh[NOSE_BASE, :2] - mesh[NOSE_ROOT, :2]) / eyes_px,
        eyes_px=eyes_px,
        rigid=mesh[RIGID, :2],
        box=face.box,
        mesh=mesh,
    )


def _length(vector: Points) -> float:
    return max(float(np.linalg.norm(vector)), 1e-6)
