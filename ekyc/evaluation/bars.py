"""The bars that card reading has to clear, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ekyc.evaluation.comparison import View
from ekyc.evaluation.figures import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure that must be reached. `interval` holds the 95 % bounds; None where there is none."""

    name: str
    measured: float | None
    interval: tuple[float, float] | None
    must: float
    aim: float
    unit: str
    higher_is_better: bool
    counted: str

    @property
    def reached(self) -> bool | None:
        """Whether the measured figure clears the bar; None if nothing was measured."""
        if self.measured is None:
            return None
        return self.measured >= self.must if self.higher_is_better else self.measured <= self.must


#: Group of fields -> the share that must be, and is aimed to be, exact.
_EXACT = {
    "ID number": (0.995, 1.0),
    "dates, sex, nationality": (0.995, 0.999),
    "full name": (0.97, 0.99),
    "addresses": (0.93, 0.97),
}


def bars(figures: Figures, view: View) -> Iterator[Bar]:
    """Yield every bar; `view` says which confidence is looked at."""
    printed, fused = figures.views[View.PRINTED], figures.views[View.FUSED]
    for group, (must, aim) in _EXACT.items():
        share = printed.groups[group].strict
        yield Bar(
            name=f"{group} exact, print alone", measured=share.value, interval=share.interval,
            must=must, aim=aim, unit="share", higher_is_better=True,
            counted=f"{share.part}/{share.whole}",
        )  # fmt: skip
    rate = printed.text.cer
    yield Bar(
        name="Vietnamese character errors, print alone", measured=rate.value,
        interval=rate.interval, must=0.004, aim=0.001, unit="share", higher_is_better=False,
        counted=f"{rate.edits}/{rate.characters}",
    )  # fmt: skip
    whole = fused.all_right_of_readable
    yield Bar(
        name="all fields right, with QR code and MRZ", measured=whole.value,
        interval=whole.interval, must=0.97, aim=0.995, unit="share", higher_is_better=True,
        counted=f"{whole.part}/{whole.whole}",
    )  # fmt: skip
    wrong = figures.views[view].sure_and_wrong
    yield Bar(
        name=f"fields wrong at confidence 0.98 or more ({view})", measured=wrong.value,
        interval=wrong.interval, must=0.002, aim=0.0002, unit="share", higher_is_better=False,
        counted=f"{wrong.part}/{wrong.whole}",
    )  # fmt: skip
    refused = figures.refusals.readable
    yield Bar(
        name="readable cards refused", measured=refused.value, interval=refused.interval,
        must=0.03, aim=0.0, unit="share", higher_is_better=False,
        counted=f"{refused.part}/{refused.whole}",
    )  # fmt: skip
    yield Bar(
        name="CPU time a side, median", measured=figures.cpu_median_s, interval=None, must=0.7,
        aim=0.3, unit="s", higher_is_better=False, counted=f"95 %: {figures.cpu_p95_s:.2f} s",
    )  # fmt: skip
