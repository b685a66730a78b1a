"""What is printed on a card before anyone's data: titles, captions and issuers of every version since the CMND.

Wordings: Decree 05/1999 (CMND), Circulars 61/2015 (barcode card), 06/2021 (chip card) and 16/2024 (căn cước).
"""

import random

from training.charset import phrases

_TITLES = phrases(
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM|SOCIALIST REPUBLIC OF VIET NAM|Độc lập - Tự do - Hạnh phúc|"
    "Independence - Freedom - Happiness|CĂN CƯỚC CÔNG DÂN|Citizen Identity Card|CĂN CƯỚC|IDENTITY CARD|"
    "CĂN CƯỚC CÔNG DÂN / Citizen Identity Card|CĂN CƯỚC / IDENTITY CARD|GIẤY CHỨNG MINH NHÂN DÂN|"
    "BỘ CÔNG AN|MINISTRY OF PUBLIC SECURITY|BỘ CÔNG AN / MINISTRY OF PUBLIC SECURITY|SPECIMEN|"
    "CỤC TRƯỞNG CỤC CẢNH SÁT|QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI|MẪU / SPECIMEN|MẪU|"
    "DIRECTOR GENERAL OF THE POLICE DEPARTMENT|FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER|"
    "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM|CHỨNG MINH NHÂN DÂN|GIẤY CHỨNG NHẬN CĂN CƯỚC|"
    "CERTIFICATE OF IDENTITY|CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ|VÀ DLQG VỀ DÂN CƯ|GIÁM ĐỐC CA|"
    "PHÓ GIÁM ĐỐC|KT. GIÁM ĐỐC|TUQ. GIÁM ĐỐC|TRƯỞNG PHÒNG|BỘ TRƯỞNG BỘ CÔNG AN|THỨ TRƯỞNG|"
    "ĐẶC ĐIỂM NHẬN DẠNG|DẤU VẾT RIÊNG VÀ DỊ HÌNH|NGÓN TRỎ TRÁI|NGÓN TRỎ PHẢI|CĂN CƯỚC CÔNG DÂN SỐ"
)
#: Followed by the name of a province on the cards that provinces issued.
_ISSUERS = phrases(
    "GIÁM ĐỐC CA|Giám đốc CA|GIÁM ĐỐC CÔNG AN TỈNH|Giám đốc Công an tỉnh|CÔNG AN TỈNH|CA TỈNH|"
    "TRƯỞNG CÔNG AN HUYỆN|KT. GIÁM ĐỐC CA TỈNH|Phó Giám đốc Công an tỉnh|CÔNG AN THÀNH PHỐ"
)
NUMBER_CAPTIONS = phrases(
    "Số / No.:|Số / No:|Số/No.:|Số:|SỐ|Số|SỐ:|Số định danh cá nhân / Personal identification number:|"
    "Số định danh cá nhân:|Số CMND:|Số CCCD:"
)
NAME_CAPTIONS = phrases(
    "Họ và tên / Full name:|Họ và tên:|Họ, chữ đệm và tên khai sinh / Full name:|Họ tên|Họ tên:|"
    "Họ, chữ đệm và tên khai sinh:|Họ và tên khai sinh:|Tên gọi khác:|Họ và tên gọi khác:"
)
DATE_CAPTIONS = phrases(
    "Ngày sinh / Date of birth:|Ngày, tháng, năm sinh / Date of birth:|Có giá trị đến:|Date of expiry:|"
    "Có giá trị đến / Date of expiry:|Ngày, tháng, năm / Date, month, year:|Ngày, tháng, năm sinh:|"
    "Ngày, tháng, năm cấp / Date of issue:|Ngày, tháng, năm hết hạn / Date of expiry:|Sinh ngày|"
    "Sinh ngày:|Ngày sinh:|Có giá trị đến ngày:|Ngày cấp:|Ngày, tháng, năm cấp:|Date of birth:|Date of issue:"
)
PLACE_CAPTIONS = phrases(
    "Quê quán / Place of origin:|Nơi thường trú / Place of residence:|Nơi cư trú / Place of residence:|"
    "Nơi đăng ký khai sinh / Place of birth:|Quê quán:|Nơi thường trú:|Nguyên quán|Nguyên quán:|"
    "Nơi ĐKHK thường trú|Nơi ĐKHK thường trú:|Nơi cư trú:|Nơi đăng ký khai sinh:|Nơi sinh:|Nơi cấp:"
)
SEX_CAPTIONS = phrases("Giới tính / Sex:|Giới tính:|Giới tính / Sex|Nam, nữ:|Sex:")
NATIONALITY_CAPTIONS = phrases("Quốc tịch / Nationality:|Quốc tịch:|Quốc tịch / Nationality")
MARK_CAPTIONS = phrases(
    "Đặc điểm nhân dạng / Personal identification:|Đặc điểm nhận dạng / Personal identification:|"
    "Đặc điểm nhân dạng:|Đặc điểm nhận dạng:|Dấu vết riêng và dị hình|Dấu vết riêng và dị hình:"
)
_OTHER_CAPTIONS = phrases(
    "Ngón trỏ trái|Left index finger|Ngón trỏ phải|Right index finger|Ngón trỏ trái / Left index finger|"
    "Ngón trỏ phải / Right index finger|Dân tộc:|Tôn giáo:|Dân tộc|Tôn giáo|Personal identification:|"
    "Full name:|Place of origin:|Place of residence:|Place of birth:|Personal identification number:"
)
_CAPTIONS = (
    NUMBER_CAPTIONS
    + NAME_CAPTIONS
    + DATE_CAPTIONS
    + PLACE_CAPTIONS
    + SEX_CAPTIONS
    + NATIONALITY_CAPTIONS
    + MARK_CAPTIONS
    + _OTHER_CAPTIONS
)
# A few of the 54 peoples and of the religions that the old cards name.
PEOPLES = phrases(
    "Kinh|Tày|Thái|Mường|Khmer|Hoa|Nùng|H'Mông|Dao|Gia Rai|Ê Đê|Ba Na|Sán Chay|Chăm|Cơ Ho|Xơ Đăng|"
    "Sán Dìu|Hrê|Ra Glai|Mnông|Thổ|Xtiêng|Khơ Mú|Bru - Vân Kiều|Cơ Tu|Giáy|Tà Ôi|Mạ|Giẻ - Triêng|Co|"
    "Chơ Ro|Xinh Mun|Hà Nhì|Chu Ru|Lào|Kháng|La Chí|Phù Lá|La Hủ|La Ha|Pà Thẻn|Lự|Ngái|Chứt|Lô Lô|Mảng|"
    "Cơ Lao|Bố Y|Cống|Si La|Pu Péo|Rơ Măm|Brâu|Ơ Đu"
)
RELIGIONS = phrases("Không|Phật giáo|Công giáo|Tin Lành|Cao Đài|Hòa Hảo|Hồi giáo|Thiên Chúa giáo")
_PLAIN_CAPTION_SHARE, _JOINED_SLASH_SHARE = 0.12, 0.1


def title(provinces: tuple[str, ...], rng: random.Random) -> str:
    """A line of the head or foot of a card, now and then with the province that issued it."""
    if rng.random() < 0.18:
        province = rng.choice(provinces)
        issuer = rng.choice(_ISSUERS)
        return f"{issuer} {province.upper() if issuer.isupper() else province}"
    return rng.choice(_TITLES)


def caption(rng: random.Random, among: tuple[str, ...] = _CAPTIONS) -> str:
    """A caption as cards vary it: with or without its colon, with or without blanks at the slash."""
    text = rng.choice(among)
    if rng.random() < _PLAIN_CAPTION_SHARE:
        text = text.removesuffix(":")
    return text.replace(" / ", "/") if rng.random() < _JOINED_SLASH_SHARE else text
