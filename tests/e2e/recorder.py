"""A program for `ekyc-capture --recorder`: a drawn person performs the challenge before a camera."""

from __future__ import annotations

import json
import secrets
import sys

from pipeline.challenge import Action, ChallengeStep
from specimen.bundle import SCENARIOS, clip


def main() -> None:
    asked = json.load(sys.stdin)
    steps = [ChallengeStep(**{**step, "action": Action(step["action"])}) for step in asked["steps"]]
    # Another seed every time: the same clip twice would rightly be taken for a replay.
    sys.stdout.buffer.write(clip(SCENARIOS[sys.argv[1]], secrets.randbits(32), steps))


if __name__ == "__main__":
    main()
