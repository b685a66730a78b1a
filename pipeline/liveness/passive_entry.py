"""A network that tells living faces from copies, as described in the manifest of weights: how a face is shown to it.

The entry of the weights has a table `passive` beside sha256, licence and source; see weights/README.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import WeightsError
from pipeline.weights import WeightsEntry

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
#: A crop is at least the face's box; farther out than this no frame reaches.
CropScale = Annotated[float, Field(ge=1, le=8)]


class PassiveEntry(BaseModel):
    """The table `passive` of an entry.

    Attributes:
        size_px: side of each square crop that goes in.
        crops: side of each crop over the side of the face's box. Of several, the network takes all at once, on an axis
            of their own behind the batch axis; of one, there is no such axis.
        least_crop: a frame too small for a crop of this is not shown to the network: what is around a face tells it
            most, and a living face that fills the picture it often takes for a copy.
        colours: order of the channels.
        layout: order of the axes of a crop.
        mean: subtracted from values of 0..255, in the order of `colours`.
        deviation: what is left is divided by this.
        output: name of the output that holds the probabilities of the classes; the first one if it is not said.
        live: index of the class of living faces.
        suspect_below: a clip whose usual frame is less probably alive goes to a person.
        origin: the data behind that threshold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_px: Annotated[int, Field(ge=16, le=1024)]
    crops: Annotated[tuple[CropScale, ...], Field(min_length=1, max_length=4)]
    least_crop: CropScale = 1.0
    colours: Literal["RGB", "BGR"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    mean: tuple[Number, Number, Number]
    deviation: tuple[Positive, Positive, Positive]
    output: str | None = None
    live: Annotated[int, Field(ge=0, le=99)]
    suspect_below: Annotated[float, Field(gt=0, lt=1)]
    origin: Annotated[str, Field(min_length=10)]


def read_passive_entry(entry: WeightsEntry) -> PassiveEntry:
    """Return how a network wants to be used.

    Raises:
        WeightsError: the entry is of no such network, or its table is not right; the message says what.
    """
    if entry.passive is None:
        raise WeightsError(f"weights {entry.name} have no table [{entry.name}.passive]")
    try:
        return PassiveEntry.model_validate(entry.passive)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join((entry.name, "passive", *map(str, first["loc"])))
        raise WeightsError(f"manifest of weights, {where}: {first['msg']}") from error
