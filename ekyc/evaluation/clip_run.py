"""Judges a whole data set of clips, or takes from a cache what was judged before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from ekyc.evaluation.clip_records import ClipRecord, digest, score_clip
from ekyc.evaluation.clips import ClipTruth
from ekyc.side_by_side import side_by_side
from pipeline.liveness.scorer import LivenessScorer, load_liveness_scorer

Score = Callable[[ClipTruth], ClipRecord]


def judge(
    clips: Sequence[ClipTruth], folder: Path, weights: Path,
    *, jobs: int, cache: Path | None, passive: str | None = None,
) -> Iterator[ClipRecord]:  # fmt: skip
    """Yield a record per presentation, in their order.

    Args:
        clips: of the data set.
        folder: of the data set.
        weights: folder of manifest.toml.
        jobs: processes.
        cache: a file of records; what it holds of the same files is not judged again, what is judged is added, so that
            a run may be stopped and resumed. It knows nothing of changes in code, nor of `passive`: remove it then.
        passive: the entry of a passive network, see `load_liveness_scorer`.

    Raises:
        EngineError: the models could not be loaded.
        DatasetError: actions or windows of a clip cannot be read.
    """
    known = {record.key: record for record in _kept(cache)}
    fresh = [c for c in clips if c.key not in known or known[c.key].sha256 != digest(c, folder)]
    score = partial(_score, folder=folder, weights=weights, passive=passive)
    newly = side_by_side(fresh, score, _died, jobs=jobs)
    waiting = {clip.key for clip in fresh}
    for clip in clips:
        if clip.key in waiting:
            record = next(newly)
            _keep(cache, record)
            yield record
        else:
            yield known[clip.key]


def _score(clip: ClipTruth, *, folder: Path, weights: Path, passive: str | None) -> ClipRecord:
    return score_clip(clip, folder, _scorer(weights, passive))


@lru_cache(1)
def _scorer(weights: Path, passive: str | None) -> LivenessScorer:
    return load_liveness_scorer(weights, passive=passive)


def _died(clip: ClipTruth) -> ClipRecord:
    """A clip that ends its process is judged as nothing, and named."""
    return ClipRecord(
        key=clip.key, sha256="", passed=None, rejected="process_died", actions=(), cues={},
        events={}, identity=None, fps=0.0, duration_s=0.0, cpu_s=0.0,
    )  # fmt: skip


def _kept(cache: Path | None) -> Iterator[ClipRecord]:
    if cache is not None and cache.is_file():
        for line in cache.read_text(encoding="utf-8").splitlines():
            yield ClipRecord.model_validate_json(line)


def _keep(cache: Path | None, record: ClipRecord) -> None:
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with cache.open("a", encoding="utf-8") as file:
            file.write(record.model_dump_json() + "\n")
