"""The environment holds what was meant and nothing by accident."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

#: docs/decisions/0006: what `pip check` may say, and nothing else.
EXPLAINED = re.compile(
    r"^facenet-pytorch 2\.6\.0 (requires torchvision|has requirement (numpy|Pillow|torch)<)"
)


def installed() -> set[str]:
    return {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}


def has_gpu() -> bool:
    return Path("/proc/driver/nvidia").exists()


def test_no_cuda_package_on_a_machine_without_gpu() -> None:
    crept_in = {n for n in installed() if n.startswith("nvidia-") or n.endswith(("-cu12", "-cu13"))}
    assert has_gpu() or not crept_in, (
        f"{sorted(crept_in)}: the registry served a CUDA build; point pip at CPU builds first"
    )


def test_one_distribution_owns_cv2() -> None:
    assert {n for n in installed() if n.startswith("opencv-")} == {"opencv-contrib-python"}


def test_paddlepaddle_is_not_needed() -> None:
    assert "paddlepaddle" not in installed()


def test_pip_check_names_only_what_a_decision_explains() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stdout.splitlines() if line and "No broken" not in line]
    assert [line for line in complaints if not EXPLAINED.match(line)] == []
