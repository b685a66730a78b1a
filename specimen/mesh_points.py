"""Numbers of the FaceMesh points that the puppet moves (MediaPipe's canonical face)."""

POINTS = 468
# The n-th upper lid point faces the n-th lower one; first the subject's right eye, then the left.
UPPER_LIDS = [246, 161, 160, 159, 158, 157, 173, 466, 388, 387, 386, 385, 384, 398]
LOWER_LIDS = [7, 163, 144, 145, 153, 154, 155, 249, 390, 373, 374, 380, 381, 382]
ABOVE_LIDS = [247, 30, 29, 27, 28, 56, 190, 467, 260, 259, 257, 258, 286, 414]
#: Point and which way is outwards.
MOUTH_CORNERS = ((61, -1.0), (291, 1.0))
#: Outline of the face, clockwise in the picture from the top of the forehead.
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
#: Middle of the lips' outer rim, upper and lower, and half way to the corners.
LIPS = (0, 17, 37, 267, 84, 314, 40, 270, 91, 321)
