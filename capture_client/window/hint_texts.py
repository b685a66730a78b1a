"""What guidance says over the live picture: short enough to be read at a glance."""

# fmt: off
from __future__ import annotations

from capture_client.guidance.hints import HOLD_STILL, INTO_THE_OVAL, READY
from capture_client.words import Text
from pipeline.reasons import REASONS, ReasonCode

_CODE = ReasonCode
HINTS: dict[str, Text] = {
    HOLD_STILL: Text("Giữ yên…", "Hold still…"),
    READY: Text("Đã rõ", "Got it"),
    INTO_THE_OVAL: Text("Đưa khuôn mặt vào hình bầu dục", "Move the face into the oval"),
    _CODE.CARD_NOT_FOUND: Text("Đặt trọn thẻ vào khung", "Place the whole card in the frame"),
    _CODE.CARD_CUT_OFF: Text("Thẻ bị cắt mép: đưa trọn thẻ vào khung", "Part of the card is outside the frame"),
    _CODE.CARD_TOO_SMALL: Text("Đưa thẻ lại gần hơn", "Bring the card closer"),
    _CODE.CARD_DARK: Text("Quá tối: thêm ánh sáng", "Too dark: add light"),
    _CODE.CARD_OVEREXPOSED: Text("Quá sáng: giảm ánh sáng chiếu thẳng", "Too bright: less direct light"),
    _CODE.CARD_GLARE: Text("Thẻ bị lóa: nghiêng thẻ tránh đèn", "Reflection on the card: tilt it"),
    _CODE.CARD_BLURRED: Text("Ảnh mờ: giữ yên, chờ máy lấy nét", "Blurred: hold still until it is sharp"),
    _CODE.FACE_NOT_FOUND: Text("Nhìn vào máy ảnh", "Look at the camera"),
    _CODE.FACE_SEVERAL: Text("Chỉ một người trong hình", "Only one person in the picture"),
    _CODE.FACE_TOO_SMALL: Text("Lại gần máy ảnh hơn", "Come closer to the camera"),
    _CODE.FACE_DARK: Text("Quá tối: quay mặt về phía sáng", "Too dark: face the light"),
    _CODE.FACE_OVEREXPOSED: Text("Quá sáng: tránh đèn chiếu thẳng", "Too bright: step out of direct light"),
    _CODE.FACE_TILTED: Text("Giữ đầu thẳng", "Hold your head upright"),
    _CODE.FACE_EYES_CLOSED: Text("Mở mắt", "Open your eyes"),
    _CODE.FACE_COVERED: Text("Bỏ khẩu trang, kính râm, bỏ tay xuống", "Take off mask or glasses, lower hands"),
    _CODE.FACE_NOT_FRONTAL: Text("Nhìn thẳng vào máy ảnh", "Look straight at the camera"),
    _CODE.FACE_BLURRED: Text("Ảnh mờ: giữ yên", "Blurred: hold still"),
}  # fmt: skip


def hint_text(code: ReasonCode | str) -> Text:
    """Return the words of a hint; a gate that is newer than this table speaks in the words of its reason."""
    if code in HINTS:
        return HINTS[code]
    reason = REASONS[ReasonCode(code)]
    return Text(reason.customer_vi, reason.customer_en)
