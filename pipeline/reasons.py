# ruff: noqa: E501 - one row a reason reads better than four lines each
"""The registry of reasons: one stable code each, with its weight, what to retake and the words for customer and staff.

The customer's words guide and never reveal a score, a threshold or which attack was suspected; the staff's words do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pipeline.stages import EvidenceKind, Stage


class Severity(StrEnum):
    """What a reason does to the verdict: reject > retake > review > note."""

    HARD = "hard"
    RETAKE = "retake"
    SOFT = "soft"
    NOTE = "note"


class ReasonCode(StrEnum):
    """Stable codes: never renamed, never reused."""

    # any evidence
    EVIDENCE_UNDECODABLE = "evidence_undecodable"
    # card
    CARD_NOT_FOUND = "card_not_found"
    CARD_SEVERAL = "card_several"
    CARD_TOO_SMALL = "card_too_small"
    CARD_BLURRED = "card_blurred"
    CARD_GLARE = "card_glare"
    CARD_DARK = "card_dark"
    CARD_OVEREXPOSED = "card_overexposed"
    CARD_COVERED = "card_covered"
    CARD_CUT_OFF = "card_cut_off"
    CARD_PHOTOCOPY = "card_photocopy"
    CARD_SCREEN = "card_screen"
    CARD_PRINT = "card_print"
    CARD_UNREADABLE = "card_unreadable"
    CARD_BACK_MISSING = "card_back_missing"
    CARD_BACK_UNREADABLE = "card_back_unreadable"
    CARD_SIDES_SWAPPED = "card_sides_swapped"
    CARD_SIDES_DIFFER = "card_sides_differ"
    CARD_VERSION_UNKNOWN = "card_version_unknown"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_NO_LONGER_VALID = "document_no_longer_valid"
    FIELD_MISSING = "field_missing"
    FIELD_UNCERTAIN = "field_uncertain"
    FIELD_EDITED = "field_edited"
    QR_MISMATCH = "qr_mismatch"
    QR_UNREADABLE = "qr_unreadable"
    MRZ_MISMATCH = "mrz_mismatch"
    MRZ_CHECK_DIGIT = "mrz_check_digit"
    MRZ_UNREADABLE = "mrz_unreadable"
    PRINT_UNCONFIRMED = "print_unconfirmed"
    QR_UNKNOWN_FORMAT = "qr_unknown_format"
    CODES_DISAGREE = "codes_disagree"
    CHIP_UNREADABLE = "chip_unreadable"
    CHIP_TAMPERED = "chip_tampered"
    CHIP_UNTRUSTED = "chip_untrusted"
    CHIP_MISMATCH = "chip_mismatch"
    ID_RULE_MISMATCH = "id_rule_mismatch"
    ID_PROVINCE_UNKNOWN = "id_province_unknown"
    EXPIRY_RULE_MISMATCH = "expiry_rule_mismatch"
    HOLDER_UNDER_AGE = "holder_under_age"
    # face
    PORTRAIT_NOT_FOUND = "portrait_not_found"
    PORTRAIT_POOR = "portrait_poor"
    FACE_NOT_FOUND = "face_not_found"
    FACE_SEVERAL = "face_several"
    FACE_TOO_SMALL = "face_too_small"
    FACE_BLURRED = "face_blurred"
    FACE_DARK = "face_dark"
    FACE_OVEREXPOSED = "face_overexposed"
    FACE_NOT_FRONTAL = "face_not_frontal"
    FACE_TILTED = "face_tilted"
    FACE_EYES_CLOSED = "face_eyes_closed"
    FACE_COVERED = "face_covered"
    FACE_NO_MATCH = "face_no_match"
    FACE_BORDERLINE = "face_borderline"
    # clip
    CLIP_TOO_SHORT = "clip_too_short"
    CLIP_TOO_LONG = "clip_too_long"
    CLIP_LOW_FRAME_RATE = "clip_low_frame_rate"
    CLIP_NO_FACE = "clip_no_face"
    CLIP_FACE_LOST = "clip_face_lost"
    CLIP_SEVERAL_FACES = "clip_several_faces"
    ACTION_MISSING = "action_missing"
    ACTION_WRONG = "action_wrong"
    ACTION_ORDER = "action_order"
    ACTION_TOO_EARLY = "action_too_early"
    ACTION_TOO_LATE = "action_too_late"
    NOT_RELAXED = "not_relaxed"
    FLAT_FACE = "flat_face"
    PAPER_SUSPECTED = "paper_suspected"
    SQUASHED_FACE = "squashed_face"
    FROZEN_CLIP = "frozen_clip"
    CUT_CLIP = "cut_clip"
    SCREEN_SUSPECTED = "screen_suspected"
    FACE_COPY_SUSPECTED = "face_copy_suspected"
    REPLAYED_CLIP = "replayed_clip"
    IDENTITY_SWITCH = "identity_switch"
    IDENTITY_UNCERTAIN = "identity_uncertain"
    IDENTITY_DISAGREES = "identity_disagrees"
    CUE_NOT_EVALUATED = "cue_not_evaluated"
    # the system and the process
    CONSENT_MISSING = "consent_missing"
    DUPLICATE_ID_NUMBER = "duplicate_id_number"
    DUPLICATE_FACE = "duplicate_face"
    DUPLICATE_FACE_NOT_SEARCHED = "duplicate_face_not_searched"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    REVIEWER_DECIDED = "reviewer_decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonSpec:
    """What a reason code means."""

    severity: Severity
    stage: Stage
    retake: tuple[EvidenceKind, ...]
    customer_vi: str
    customer_en: str
    staff_vi: str
    staff_en: str


_FRONT, _BACK = EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK
_SELFIE, _CLIP, _CHIP = EvidenceKind.SELFIE, EvidenceKind.CLIP, EvidenceKind.CHIP
_Row = tuple[Severity, Stage, tuple[EvidenceKind, ...], str, str, str, str]

_REVIEW_VI = "Hồ sơ của quý khách đang được nhân viên xem xét."
_REVIEW_EN = "A member of staff is looking at your application."
_REJECT_VI = "Chúng tôi chưa thể xác minh danh tính. Vui lòng liên hệ nhân viên ngân hàng."
_REJECT_EN = "We could not verify your identity. Please talk to the bank's staff."
_AGAIN_CLIP_VI = "Vui lòng quay lại đoạn phim và làm theo từng hướng dẫn."
_AGAIN_CLIP_EN = "Please record the clip again and follow each instruction."

_CODE = ReasonCode
_READ, _MATCH, _LIVE = Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS
_HARD, _RETAKE, _SOFT, _NOTE = Severity.HARD, Severity.RETAKE, Severity.SOFT, Severity.NOTE


def _retake(
    stage: Stage, kinds: tuple[EvidenceKind, ...], customer: tuple[str, str], staff: tuple[str, str]
) -> _Row:
    return (_RETAKE, stage, kinds, *customer, *staff)


def _review(stage: Stage, vi: str, en: str) -> _Row:
    return (_SOFT, stage, (), _REVIEW_VI, _REVIEW_EN, vi, en)


def _reject(stage: Stage, vi: str, en: str) -> _Row:
    return (_HARD, stage, (), _REJECT_VI, _REJECT_EN, vi, en)


def _note(stage: Stage, vi: str, en: str) -> _Row:
    return (_NOTE, stage, (), "", "", vi, en)


def _again_clip(vi: str, en: str) -> _Row:
    return _retake(_LIVE, (_CLIP,), (_AGAIN_CLIP_VI, _AGAIN_CLIP_EN), (vi, en))


_ROWS: dict[ReasonCode, _Row] = {
    _CODE.EVIDENCE_UNDECODABLE: _retake(_READ, (), ("Tệp bị hỏng. Vui lòng chụp hoặc quay lại.", "The file is damaged. Please take it again."), ("Không giải mã được tệp.", "The file cannot be decoded.")),
    _CODE.CARD_NOT_FOUND: _retake(_READ, (_FRONT,), ("Không thấy thẻ trong ảnh. Đặt trọn thẻ trong khung và chụp lại.", "No card was seen. Place the whole card in the frame and take the photo again."), ("Không tìm thấy thẻ.", "No card was found.")),
    _CODE.CARD_SEVERAL: _retake(_READ, (_FRONT,), ("Có nhiều thẻ trong ảnh. Chỉ để một thẻ.", "There are several cards. Show one card only."), ("Nhiều hơn một thẻ trong ảnh.", "More than one card in the photo.")),
    _CODE.CARD_TOO_SMALL: _retake(_READ, (_FRONT,), ("Thẻ quá nhỏ. Đưa máy lại gần thẻ hơn.", "The card is too small. Move the camera closer."), ("Thẻ quá nhỏ trong ảnh.", "The card is too small in the photo.")),
    _CODE.CARD_BLURRED: _retake(_READ, (_FRONT,), ("Ảnh mặt trước của thẻ bị mờ. Giữ máy yên và chụp lại.", "The photo of the card's front is blurred. Hold the camera still and take it again."), ("Ảnh thẻ bị mờ.", "The card photo is blurred.")),
    _CODE.CARD_GLARE: _retake(_READ, (_FRONT,), ("Thẻ bị lóa sáng. Nghiêng thẻ tránh đèn và chụp lại.", "Light is reflected on the card. Tilt it away from the lamp and take it again."), ("Lóa sáng che chữ.", "Glare covers text.")),
    _CODE.CARD_DARK: _retake(_READ, (_FRONT,), ("Ảnh thẻ quá tối. Chụp ở nơi sáng hơn.", "The card photo is too dark. Take it where there is more light."), ("Ảnh thẻ quá tối.", "The card photo is too dark.")),
    _CODE.CARD_OVEREXPOSED: _retake(_READ, (_FRONT,), ("Ảnh thẻ quá sáng. Tắt đèn flash hoặc tránh nắng chiếu thẳng rồi chụp lại.", "The card photo is too bright. Switch off the flash or leave direct sunlight and take it again."), ("Ảnh thẻ bị cháy sáng.", "The card photo is burnt out.")),
    _CODE.CARD_COVERED: _retake(_READ, (_FRONT,), ("Một phần của thẻ bị che. Bỏ tay hoặc vật che ra khỏi thẻ và chụp lại.", "Part of the card is covered. Take your fingers and anything else off the card and take the photo again."), ("Ngón tay hoặc vật khác che một phần của thẻ.", "A finger or something else covers a part of the card.")),
    _CODE.CARD_CUT_OFF: _retake(_READ, (_FRONT,), ("Thẻ nằm ngoài khung hình một phần. Đặt trọn thẻ trong khung và chụp lại.", "Part of the card is outside the picture. Place the whole card in the frame and take the photo again."), ("Thẻ bị cắt ở mép ảnh.", "The card is cut off by the edge of the photo.")),
    _CODE.CARD_PHOTOCOPY: _retake(_READ, (_FRONT,), ("Vui lòng chụp màu thẻ gốc.", "Please photograph the original card, in colour."), ("Ảnh không có màu: nghi bản sao đen trắng.", "The photo has no colour: a black-and-white copy is suspected.")),
    _CODE.CARD_SCREEN: _review(_READ, "Có lưới điểm ảnh: nghi chụp lại từ màn hình.", "The photo shows a pixel grid: a picture of a screen is suspected."),
    _CODE.CARD_PRINT: _review(_READ, "Có hạt in: nghi chụp lại từ bản in.", "The photo shows printer's dots: a picture of a print is suspected."),
    _CODE.CARD_UNREADABLE: _retake(_READ, (_FRONT,), ("Không đọc được mặt trước của thẻ. Vui lòng chụp lại rõ hơn.", "The card's front cannot be read. Please take a clearer photo."), ("Không đọc được mặt trước.", "The front cannot be read.")),
    _CODE.CARD_BACK_MISSING: _retake(_READ, (_BACK,), ("Loại thẻ này cần cả mặt sau. Vui lòng chụp mặt sau.", "This kind of card needs its back too. Please take a photo of the back."), ("Thiếu mặt sau của thẻ.", "The card's back is missing.")),
    _CODE.CARD_BACK_UNREADABLE: _retake(_READ, (_BACK,), ("Không đọc được mặt sau của thẻ. Vui lòng chụp lại rõ hơn.", "The card's back cannot be read. Please take a clearer photo."), ("Không đọc được mặt sau.", "The back cannot be read.")),
    _CODE.CARD_SIDES_SWAPPED: _note(_READ, "Mặt trước và mặt sau bị đảo; hệ thống đã xếp lại.", "Front and back were swapped; they were put right."),
    _CODE.CARD_SIDES_DIFFER: _review(_READ, "Mặt trước và mặt sau thuộc hai thẻ khác nhau.", "Front and back belong to different cards."),
    _CODE.CARD_VERSION_UNKNOWN: _review(_READ, "Không nhận ra loại thẻ.", "The kind of card was not recognised."),
    _CODE.DOCUMENT_EXPIRED: (_HARD, _READ, (), "Thẻ đã hết hạn. Vui lòng dùng thẻ còn hạn.", "The card has expired. Please use a valid card.", "Thẻ đã hết hạn.", "The card has expired."),
    _CODE.DOCUMENT_NO_LONGER_VALID: (_HARD, _READ, (), "Giấy tờ này không còn giá trị từ 01/01/2025. Vui lòng dùng thẻ căn cước.", "This document is no longer valid since 1 January 2025. Please use a citizen card.", "CMND không còn giá trị.", "CMND is no longer valid."),
    _CODE.FIELD_MISSING: _retake(_READ, (_FRONT,), ("Có mục trên thẻ không đọc được. Vui lòng chụp lại rõ hơn.", "Part of the card could not be read. Please take a clearer photo."), ("Thiếu trường bắt buộc.", "A mandatory field is missing.")),
    _CODE.FIELD_UNCERTAIN: _review(_READ, "Có trường đọc với độ tin cậy thấp.", "A field was read with low confidence."),
    _CODE.FIELD_EDITED: _review(_READ, "Giao dịch viên đã sửa giá trị máy đọc được.", "The operator changed a value that was read from the card."),
    _CODE.QR_MISMATCH: _review(_READ, "Mã QR khác với chữ in trên thẻ.", "The QR code disagrees with the print."),
    _CODE.QR_UNREADABLE: _note(_READ, "Không đọc được mã QR.", "The QR code was not read."),
    _CODE.MRZ_MISMATCH: _review(_READ, "Vùng MRZ khác với chữ in trên thẻ.", "The MRZ disagrees with the print."),
    _CODE.MRZ_CHECK_DIGIT: _review(_READ, "Số kiểm tra của MRZ sai.", "An MRZ check digit is wrong."),
    _CODE.MRZ_UNREADABLE: _note(_READ, "Không đọc được vùng MRZ.", "The MRZ was not read."),
    _CODE.PRINT_UNCONFIRMED: _review(_READ, "Không có mã QR hay MRZ nào xác nhận chữ in trên thẻ.", "Neither QR code nor MRZ confirms the print."),
    _CODE.QR_UNKNOWN_FORMAT: _review(_READ, "Mã QR không theo mẫu của thẻ căn cước.", "The QR code does not have the shape of a citizen card's."),
    _CODE.CODES_DISAGREE: _review(_READ, "Mã QR, vùng MRZ và chip không khớp nhau.", "QR code, MRZ and chip contradict one another."),
    _CODE.CHIP_UNREADABLE: _retake(_READ, (_CHIP,), ("Dữ liệu chip không đọc được. Vui lòng áp thẻ vào đầu đọc và đọc lại.", "The chip's data cannot be read. Please hold the card to the reader and read it again."), ("Dữ liệu chip bị hỏng hoặc sai định dạng.", "The chip's data is damaged or malformed.")),
    _CODE.CHIP_TAMPERED: _reject(_READ, "Dữ liệu chip khác với dữ liệu đã ký.", "The chip's data is not the data that was signed."),
    _CODE.CHIP_UNTRUSTED: _review(_READ, "Chữ ký của chip không thuộc cơ quan cấp thẻ đã cấu hình.", "The chip was not signed by a configured issuing authority."),
    _CODE.CHIP_MISMATCH: _review(_READ, "Dữ liệu chip khác với chữ in trên thẻ.", "The chip's data disagrees with the print."),
    _CODE.ID_RULE_MISMATCH: _review(_READ, "Số định danh trái với ngày sinh hoặc giới tính.", "The number contradicts the birth date or sex."),
    _CODE.ID_PROVINCE_UNKNOWN: _review(_READ, "Mã tỉnh trong số định danh không có thật.", "The number's province code does not exist."),
    _CODE.EXPIRY_RULE_MISMATCH: _note(_READ, "Ngày hết hạn không theo quy tắc tuổi.", "The expiry date does not follow the age rule."),
    _CODE.HOLDER_UNDER_AGE: _review(_READ, "Chủ thẻ chưa đủ tuổi.", "The holder is under age."),
    _CODE.PORTRAIT_NOT_FOUND: _retake(_MATCH, (_FRONT,), ("Không thấy rõ ảnh chân dung trên thẻ. Đặt trọn mặt trước của thẻ trong khung và chụp lại.", "The portrait on the card is not visible. Place the whole front of the card in the frame and take it again."), ("Không tìm thấy ảnh chân dung trên thẻ.", "No portrait was found on the card.")),
    _CODE.PORTRAIT_POOR: _retake(_MATCH, (_FRONT,), ("Ảnh chân dung trên thẻ không đủ rõ. Vui lòng chụp lại thẻ.", "The portrait on the card is not clear enough. Please take the card again."), ("Ảnh chân dung trên thẻ quá nhỏ hoặc mờ.", "The portrait on the card is too small or blurred.")),
    _CODE.FACE_NOT_FOUND: _retake(_MATCH, (_SELFIE,), ("Không thấy khuôn mặt. Nhìn thẳng vào máy và chụp lại.", "No face was seen. Look straight at the camera and take it again."), ("Không có khuôn mặt trong ảnh chụp.", "No face in the selfie.")),
    _CODE.FACE_SEVERAL: _retake(_MATCH, (_SELFIE,), ("Có nhiều người trong ảnh. Chỉ một người được chụp.", "There are several people. Only one person may be in the photo."), ("Nhiều khuôn mặt trong ảnh chụp.", "Several faces in the selfie.")),
    _CODE.FACE_TOO_SMALL: _retake(_MATCH, (_SELFIE,), ("Khuôn mặt quá nhỏ. Lại gần máy hơn.", "The face is too small. Come closer to the camera."), ("Khuôn mặt quá nhỏ.", "The face is too small.")),
    _CODE.FACE_BLURRED: _retake(_MATCH, (_SELFIE,), ("Ảnh khuôn mặt bị mờ. Giữ yên và chụp lại.", "The photo is blurred. Keep still and take it again."), ("Khuôn mặt bị mờ.", "The face is blurred.")),
    _CODE.FACE_DARK: _retake(_MATCH, (_SELFIE,), ("Ảnh khuôn mặt quá tối. Quay mặt về phía có ánh sáng và chụp lại.", "The photo is too dark. Turn towards the light and take it again."), ("Khuôn mặt quá tối hoặc thiếu tương phản.", "The face is too dark or lacks contrast.")),
    _CODE.FACE_OVEREXPOSED: _retake(_MATCH, (_SELFIE,), ("Ảnh khuôn mặt quá sáng. Tránh đèn hoặc nắng chiếu thẳng vào mặt và chụp lại.", "The photo is too bright. Step out of direct light and take it again."), ("Khuôn mặt bị cháy sáng.", "The face is burnt out.")),
    _CODE.FACE_NOT_FRONTAL: _retake(_MATCH, (_SELFIE,), ("Vui lòng nhìn thẳng vào máy, không ngửa hay cúi đầu.", "Please look straight at the camera, chin level."), ("Khuôn mặt không nhìn thẳng.", "The face is not frontal.")),
    _CODE.FACE_TILTED: _retake(_MATCH, (_SELFIE,), ("Vui lòng giữ đầu thẳng, không nghiêng sang bên.", "Please hold your head upright."), ("Đầu nghiêng sang bên.", "The head leans to a side.")),
    _CODE.FACE_EYES_CLOSED: _retake(_MATCH, (_SELFIE,), ("Mắt đang nhắm. Mở mắt và chụp lại.", "The eyes are closed. Open them and take the photo again."), ("Mắt nhắm.", "The eyes are closed.")),
    _CODE.FACE_COVERED: _retake(_MATCH, (_SELFIE,), ("Khuôn mặt bị che. Bỏ khẩu trang, kính râm hoặc tay ra và chụp lại.", "The face is covered. Take off mask or sunglasses, lower your hands, and take the photo again."), ("Mắt, mũi hoặc miệng bị che.", "Eyes, nose or mouth are covered.")),
    _CODE.FACE_NO_MATCH: _reject(_MATCH, "Khuôn mặt không khớp với ảnh trên thẻ.", "The face does not match the card."),
    _CODE.FACE_BORDERLINE: _review(_MATCH, "Độ giống khuôn mặt ở vùng cần người xem.", "The face similarity is in the review band."),
    _CODE.CLIP_TOO_SHORT: _again_clip("Đoạn phim quá ngắn.", "The clip is too short."),
    _CODE.CLIP_TOO_LONG: _again_clip("Đoạn phim quá dài.", "The clip is too long."),
    _CODE.CLIP_LOW_FRAME_RATE: _again_clip("Số khung hình mỗi giây quá thấp.", "The frame rate is too low."),
    _CODE.CLIP_NO_FACE: _again_clip("Không thấy khuôn mặt trong đoạn phim.", "No face in the clip."),
    _CODE.CLIP_FACE_LOST: _again_clip("Khuôn mặt ra khỏi hình nhiều lần.", "The face was lost for too long."),
    _CODE.CLIP_SEVERAL_FACES: _again_clip("Nhiều khuôn mặt trong đoạn phim.", "Several faces in the clip."),
    _CODE.ACTION_MISSING: _again_clip("Thiếu động tác được yêu cầu.", "A requested action was not performed."),
    _CODE.ACTION_WRONG: _again_clip("Sai động tác.", "Another action was performed instead."),
    _CODE.ACTION_ORDER: _again_clip("Sai thứ tự động tác.", "The actions came in the wrong order."),
    _CODE.ACTION_TOO_EARLY: _again_clip("Động tác quá sớm.", "An action came before its window."),
    _CODE.ACTION_TOO_LATE: _again_clip("Động tác quá muộn.", "An action came after its window."),
    _CODE.NOT_RELAXED: _again_clip("Không bắt đầu từ nét mặt tự nhiên.", "The face was not relaxed at the start."),
    _CODE.FLAT_FACE: _reject(_LIVE, "Khuôn mặt phẳng khi quay: nghi ảnh in.", "The face turns like a flat picture: a photo is suspected."),
    _CODE.SQUASHED_FACE: _reject(_LIVE, "Khuôn mặt bị bóp dẹt khi chớp mắt: nghi ảnh in.", "The face is squashed at the blink: a photo is suspected."),
    _CODE.FROZEN_CLIP: _reject(_LIVE, "Các khung hình đứng yên hoặc lặp lại.", "Frames are frozen or repeated."),
    _CODE.PAPER_SUSPECTED: _review(_LIVE, "Khuôn mặt quay như giấy uốn cong: nghi mặt nạ giấy.", "The face turns like bent paper: a paper mask is suspected."),
    _CODE.SCREEN_SUSPECTED: _review(_LIVE, "Có thể đoạn phim được quay từ một màn hình.", "The clip may have been filmed from a screen."),
    _CODE.FACE_COPY_SUSPECTED: _review(_LIVE, "Mạng phát hiện giả mạo nghi khuôn mặt là ảnh in hoặc màn hình.", "The passive network takes the face for a print or a screen."),
    _CODE.CUT_CLIP: _again_clip("Đoạn phim bị cắt ghép hoặc nhảy hình.", "The clip has a cut or a jump."),
    _CODE.REPLAYED_CLIP: _reject(_LIVE, "Đoạn phim đã dùng ở hồ sơ khác.", "The clip was used in another case."),
    _CODE.IDENTITY_SWITCH: _reject(_LIVE, "Người trong đoạn phim không phải người trên thẻ và ảnh chụp.", "The person in the clip is not the person of the selfie and the card."),
    _CODE.IDENTITY_UNCERTAIN: _review(_LIVE, "Chưa chắc người trong đoạn phim là cùng một người.", "It is not certain that the clip shows the same person."),
    _CODE.IDENTITY_DISAGREES: _review(_LIVE, "So khớp khuôn mặt và đoạn phim không thống nhất đây có phải người trên thẻ hay không.", "The face comparison and the clip disagree on whether this is the person on the card."),
    _CODE.CUE_NOT_EVALUATED: _review(_LIVE, "Một dấu hiệu bắt buộc không đánh giá được.", "A required cue could not be evaluated."),
    _CODE.DUPLICATE_ID_NUMBER: _review(Stage.DECIDE, "Số giấy tờ này đã có trong hồ sơ khác.", "Another case has the same identity number."),
    _CODE.DUPLICATE_FACE_NOT_SEARCHED: _note(Stage.DECIDE, "Chưa tìm khuôn mặt trùng: mô hình này chưa được đo.", "The same face was not searched for: this model was never measured for it."),
    _CODE.DUPLICATE_FACE: _review(Stage.DECIDE, "Khuôn mặt này đã có trong hồ sơ được duyệt với số giấy tờ khác.", "An approved case under another identity number shows this face."),
    _CODE.CONSENT_MISSING: _review(Stage.DECIDE, "Chưa ghi nhận sự đồng ý của khách hàng cho một mục đích bắt buộc.", "The customer's consent to a required purpose is not recorded."),
    _CODE.ENGINE_UNAVAILABLE: _review(Stage.DECIDE, "Một công đoạn không chạy được.", "A stage could not be run."),
    _CODE.ATTEMPTS_EXHAUSTED: _review(Stage.DECIDE, "Đã hết số lần chụp lại.", "The number of attempts is used up."),
    _CODE.REVIEWER_DECIDED: _note(Stage.DECIDE, "Nhân viên đã quyết định.", "A reviewer decided."),
}  # fmt: skip

REASONS: MappingProxyType[ReasonCode, ReasonSpec] = MappingProxyType(
    {
        code: ReasonSpec(
            severity=severity, stage=stage, retake=retake,
            customer_vi=c_vi, customer_en=c_en, staff_vi=s_vi, staff_en=s_en,
        )
        for code, (severity, stage, retake, c_vi, c_en, s_vi, s_en) in _ROWS.items()
    }
)  # fmt: skip
