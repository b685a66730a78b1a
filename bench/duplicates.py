"""How long the search of one face among many takes, and how much memory it needs.

Synthetic vectors: `python -m bench.duplicates --faces 100000`.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from pipeline.face.template import nearest_gaps


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=50)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    known = rng.normal(size=(options.faces, 128)).astype(np.float32)
    took_ms = []
    for _ in range(options.searches):
        probe = rng.normal(size=128).astype(np.float32)
        began_s = time.process_time()
        nearest_gaps(known, probe, at_most=11)
        took_ms.append((time.process_time() - began_s) * 1000)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(  # noqa: T201
        f"{options.faces} faces: {known.nbytes / 1e6:.0f} MB of vectors, median {np.median(took_ms):.1f} CPU-ms,"
        f" worst {max(took_ms):.1f}; peak of the process {peak_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
