"""What a chip says, once its files were parsed and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.findings import ChipFinding, FieldName, Integrity, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipContent:
    """The fields of DG13 and DG1, normalised as printed ones are, the portrait of DG2, and how far to believe them.

    `latin_name` is DG1's name in A-Z, and `latin_name_is_cut` whether it may lack its end. `differing` names the
    fields in which DG1 and DG13 contradict each other. `portrait` is an encoded picture, JPEG or JPEG 2000.
    """

    fields: Mapping[FieldName, str]
    finding: ChipFinding
    latin_name: str = ""
    latin_name_is_cut: bool = False
    differing: tuple[FieldName, ...] = ()
    portrait: bytes | None = field(default=None, repr=False)

    @property
    def is_believed(self) -> bool:
        """Whether its fields count as a source: unaltered, and not signed by somebody who is not the issuer."""
        return (
            self.finding.integrity is Integrity.OK and self.finding.origin is not Origin.UNTRUSTED
        )
