"""Made-up tracks of a face: what a tracker would have measured of a person who performs."""

from __future__ import annotations

import numpy as np

from pipeline.liveness.signals import Signals, Track

#: Points of a head at rest in units of the eye distance: x, y, and depth.
HEAD = np.array(
    [[0, -0.3, 0.2], [0, 0, 0.3], [0, 0.3, 0.5], [0, 0.4, 0.25], [-0.5, 0, 0], [0.5, 0, 0],
     [-0.2, 0, 0.05], [0.2, 0, 0.05], [-0.3, 0.8, 0.1], [0.3, 0.8, 0.1], [0, 1.3, 0]]
)  # fmt: skip
EYES_PX = 80.0


def bump(times: np.ndarray, start_s: float, end_s: float, ramp_s: float = 0.2) -> np.ndarray:
    """0 outside, 1 inside, with ramps inside the span."""
    up = np.clip((times - start_s) / ramp_s, 0, 1)
    down = np.clip((end_s - times) / ramp_s, 0, 1)
    return np.minimum(up, down)


def times_of(duration_s: float, fps: float = 25.0) -> np.ndarray:
    return np.arange(0, duration_s, 1 / fps)


def track(times: np.ndarray, *, flat: bool = False, **series: np.ndarray) -> Track:
    """A track at rest, but for the series that are given."""
    rest = {"opening": 0.3, "mouth": 0.36, "yaw_deg": 0.0, "tall": 0.7}
    values = {
        name: np.broadcast_to(np.asarray(series.get(name, value), float), times.shape)
        for name, value in rest.items()
    }
    shown = series.get("turn_deg", values["yaw_deg"])
    rows = [
        Signals(
            time_s=float(t), open_right=float(values["opening"][i]), open_left=float(values["opening"][i]),
            mouth=float(values["mouth"][i]), yaw_deg=float(values["yaw_deg"][i]),
            tall=float(values["tall"][i]), eyes_px=EYES_PX, rigid=points(float(shown[i]), flat=flat),
            box=np.array([200.0, 150.0, 400.0, 400.0]),
        )
        for i, t in enumerate(times)
    ]  # fmt: skip
    return Track(rows)


def points(turn_deg: float, *, flat: bool) -> np.ndarray:
    """The head, or a photo of it, turned about the vertical axis and seen from afar."""
    angle = np.radians(turn_deg)
    depth = np.zeros(len(HEAD)) if flat else HEAD[:, 2]
    x = HEAD[:, 0] * np.cos(angle) + depth * np.sin(angle)
    return np.column_stack([x, HEAD[:, 1]]) * EYES_PX + [320, 240]
