"""Exports a trained recogniser: ONNX with its dictionary inside, and the PaddleOCR folder around it."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnx
import torch
import typer
import yaml
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor, nn

from training.charset import CHARACTERS
from training.recogniser import Recogniser, load_recogniser
from training.score import onnx_reader

# The greatest difference between torch and an export that is still rounding: of probabilities.
MAX_DIFFERENCE = 1e-4

_OPSET = 17
_SHAPES = ((1, 3, 48, 64), (3, 3, 48, 333), (2, 3, 48, 1024))
# PaddleOCR loads a recognition folder only under a name that it knows.
_PADDLE_MODEL_NAME = "PP-OCRv6_small_rec"


class ExportDiffers(Exception):
    """The exported file does not compute what the trained net computes."""


class _Reader(nn.Module):
    def __init__(self, net: Recogniser) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        probabilities: Tensor = self.net(x).softmax(-1)
        return probabilities


def export_onnx(net: Recogniser, target: Path) -> float:
    """Write the ONNX file and compare it with the net.

    Args:
        net: the trained recogniser, in evaluation mode.
        target: B x 3 x 48 x W images (`x`) to B x T x classes probabilities (`y`), batch and width free;
            the metadata entry `character` holds the dictionary, one character per line.

    Returns:
        The greatest difference of a probability over random images of several widths.

    Raises:
        ExportDiffers: that difference is no rounding.
    """
    reader = _Reader(net).eval()
    axes = {"x": {0: "batch", 3: "width"}, "y": {0: "batch", 1: "steps"}}
    torch.onnx.export(
        reader,
        (torch.zeros(2, 3, 48, 320),),
        str(target),
        dynamo=False,
        opset_version=_OPSET,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes=axes,
    )
    _add_dictionary(target)
    run, _ = onnx_reader(target)
    return _greatest_difference(reader, run)


def paddle_description() -> dict[str, Any]:
    """The inference.yml that makes a PaddleOCR 3.7 recognition folder of the exported file."""
    operations = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
        {"KeepKeys": {"keep_keys": ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]}},
    ]
    return {
        "Global": {"model_name": _PADDLE_MODEL_NAME},
        "PreProcess": {"transform_ops": operations},
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": list(CHARACTERS)},
    }


def write_paddle_description(target: Path) -> None:
    """Write inference.yml."""
    text = yaml.safe_dump(paddle_description(), allow_unicode=True, sort_keys=True)
    target.write_text(text, encoding="utf-8")


def _add_dictionary(path: Path) -> None:
    model = onnx.load(str(path))
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(CHARACTERS)
    onnx.save(model, str(path))


def _greatest_difference(reader: nn.Module, run: Any) -> float:
    greatest = 0.0
    for shape in _SHAPES:
        images = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        greatest = max(greatest, float(np.abs(_probabilities(reader, images) - run(images)).max()))
    if greatest > MAX_DIFFERENCE:
        raise ExportDiffers(f"probabilities differ by {greatest:.1e}")
    return greatest


def _probabilities(reader: nn.Module, images: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.inference_mode():
        probabilities: NDArray[np.float32] = reader(torch.from_numpy(images)).numpy()
    return probabilities


def main(
    weights: Path,
    target: Path,
    paddle_folder: Annotated[
        Path | None, typer.Option(help="Write a Paddle inference model here, too.")
    ] = None,
) -> None:
    """Export a state dict to ONNX, with the .inference.yml beside it."""
    net = load_recogniser(weights)
    console = Console()
    console.print(f"{target}: greatest difference {export_onnx(net, target):.1e}")
    write_paddle_description(target.with_suffix(".inference.yml"))
    if paddle_folder is not None:
        from training.export_paddle import export_paddle

        console.print(
            f"{paddle_folder}: greatest difference {export_paddle(net, paddle_folder):.1e}"
        )


if __name__ == "__main__":
    typer.run(main)
