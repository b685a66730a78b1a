"""Where a report will be kept: asked before hours of measuring, not after."""

from __future__ import annotations

from pathlib import Path

from ekyc.evaluation.dataset import DatasetError


def make_report_folder(report: Path | None) -> None:
    """Make the folder of a report, if one is wanted.

    Raises:
        DatasetError: it cannot be made, or the report would be a folder itself.
    """
    if report is None:
        return
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(f"no place for the report: {error}") from None
    if report.is_dir():
        raise DatasetError(f"the report is to be a file, and {report} is a folder")
