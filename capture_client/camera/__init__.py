"""Where frames come from: a device, or files shown as a camera; and how a clip of them is recorded."""
