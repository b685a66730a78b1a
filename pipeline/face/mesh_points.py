"""The numbers of MediaPipe's face mesh that we use. "Right" and "left" are the subject's own sides."""

from __future__ import annotations

import numpy as np

POINTS = 468
EYE_RIGHT_CORNERS, EYE_LEFT_CORNERS = (33, 133), (263, 362)  # outer, inner
MOUTH_CORNERS = (61, 291)
LIPS_MIDDLE = (13, 14, 0, 17)
LIP_UPPER, LIP_LOWER = 13, 14
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
#: Upper and lower rim of the line between the lips.
INNER_LIPS = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308), (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)  # fmt: skip
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
NOSE_WINGS, NOSE_END = (98, 327), 4
#: Skin under the eyes and on the forehead; skin of chin and lower cheeks.
UPPER_SKIN, LOWER_SKIN = (117, 346, 151), (199, 205, 425)
FACE_SIDES = (234, 454)
FACE_TOP, FACE_BOTTOM = 10, 152
NOSE_TIP, NOSE_ROOT, NOSE_BASE = 1, 168, 2

# The 71 points that the eye model returns: 16 on the lids, then rings around the eye, then the brow.
EYE_RIGHT_RING = np.array(
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
     130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
     226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
     35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
     156, 70, 63, 105, 66, 107, 55, 193)
)  # fmt: skip
EYE_LEFT_RING = np.array(
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
     359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
     446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
     265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
     383, 300, 293, 334, 296, 336, 285, 417)
)  # fmt: skip
#: Of a ring: 9 points of the lower lid from corner to corner, then 7 of the upper.
LIDS = slice(0, 16)

#: Points that hardly move with expressions and lie at different depths: nose ridge, tip and wings, eye corners,
#: mouth corners, chin. For the flatness test (2-D only: the mesh's z is a learnt face shape, also on a photo).
RIGID = np.array(
    (168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 263, 362, 61, 291, 152)
)  # fmt: skip
