"""How large evidence may be: the numbers that the gateway and the engines share. Needs no model and no numpy."""

from __future__ import annotations

#: Phone cameras make 12-50 megapixels; more is an attack on memory (40 MP of RGB are 120 MB).
MAX_PIXELS = 40_000_000
MIN_SIDE_PX = 64
#: Scans of a progressive JPEG: encoders make about ten; each costs a pass over all pixels.
MAX_SCANS = 100
#: What a file on a disk may have before it is read: no picture of `MAX_PIXELS` needs more, even uncompressed.
MAX_FILE_BYTES = 3 * MAX_PIXELS
#: Pillow's names of the formats that are accepted.
FORMATS = ("JPEG", "PNG", "WEBP")
#: A phone's JPEG of 40 MP at high quality stays below this.
MAX_IMAGE_BYTES = 15_000_000
#: 30 s of 1080p at 16 Mbit/s; a challenge lasts about 11 s.
MAX_CLIP_BYTES = 60_000_000
#: The portrait in a chip: passport photos at 300 dpi have 0.15 megapixels.
MAX_PORTRAIT_PIXELS = 4_000_000
#: The files of a chip in base64: all of them at their own limits (pipeline/chip/document.py).
MAX_CHIP_BYTES = 300_000
