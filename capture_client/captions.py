# ruff: noqa: E501 - a text and its translation read best side by side
"""What a code of the flow, of the desk or of the gateway means to an operator, in plain words.

Whatever the code, what was captured is kept; the words say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping

from capture_client.words import Text

_UNKNOWN = Text(
    "Có trục trặc ({code}). Dữ liệu đã chụp vẫn được giữ; nếu lặp lại, hãy báo quản trị viên mã này.",
    "Something went wrong ({code}). What was captured is kept; if it happens again, tell your administrator this code.",
)

CAPTIONS: Mapping[str, Text] = {
    # what a case waits for
    "sending": Text("Đang gửi.", "Being sent."),
    "verdict": Text("Đã gửi xong, đang chờ kết quả.", "Everything is sent; waiting for the result."),
    "person": Text("Chờ nhân viên và khách hàng làm tiếp.", "Waiting for the operator and the customer to go on."),
    "unreachable": Text("Chưa kết nối được máy chủ. Dữ liệu được giữ trên máy này và tự động gửi khi có mạng.", "The server cannot be reached. Everything is kept on this PC and sent by itself when the line is back."),
    "busy": Text("Máy chủ đang bận, sẽ tự động thử lại.", "The server is busy; trying again by itself."),
    "key_refused": Text("Khóa đăng nhập của chi nhánh không còn hiệu lực. Hãy đăng nhập bằng khóa mới; dữ liệu vẫn được giữ.", "The branch's key is no longer valid. Sign in with a new one; everything is kept."),
    "key_missing": Text("Chưa đăng nhập vào máy chủ này.", "Nobody is signed in at this server."),
    # the disk and the keys of this PC
    "disk_full": Text("Ổ đĩa của máy này đã đầy nên không lưu thêm được. Hãy giải phóng dung lượng rồi làm lại bước này.", "This PC's disk is full, so nothing more can be kept. Free some space, then repeat this step."),
    "spool_damaged": Text("Dữ liệu lưu trên máy của hồ sơ này bị hỏng. Hãy báo quản trị viên; không xóa thư mục.", "What this PC keeps of the case is damaged. Tell your administrator; do not delete the folder."),
    "spool_key_wrong": Text("Không mở được dữ liệu đã lưu vì khóa mã hóa đã mất hoặc bị thay. Hãy báo quản trị viên.", "What is kept here cannot be opened: its key is gone or was replaced. Tell your administrator."),
    "vault_closed": Text("Không mở được kho khóa của hệ điều hành. Hãy đăng nhập lại vào máy rồi thử lại.", "The keyring of the operating system cannot be opened. Log in to this PC again, then retry."),
    "internal_error": Text("Ứng dụng gặp lỗi với hồ sơ này; dữ liệu vẫn được giữ. Hãy báo quản trị viên.", "The client failed on this case; everything is kept. Tell your administrator."),
    "gateway_address": Text("Địa chỉ máy chủ không đúng. Địa chỉ phải bắt đầu bằng https://.", "This is no address of a server. It must begin with https://."),
    # the steps
    "step_not_open": Text("Chưa làm được bước này.", "This step is not open now."),
    "case_begun": Text("Hồ sơ đã được bắt đầu.", "The case was begun already."),
    "case_incomplete": Text("Hồ sơ còn thiếu. Hãy hoàn tất các bước còn thiếu, số định danh và ngày sinh.", "Something is missing. Finish the open steps, the ID number and the date of birth."),
    "case_handed_in": Text("Hồ sơ đang được xét, không hủy được nữa.", "The case is being judged and cannot be given up any more."),
    "value_invalid": Text("Giá trị này không hợp lệ.", "This value cannot be taken."),
    # the challenge
    "challenge_expired": Text("Đã hết thời gian thực hiện yêu cầu. Mời khách hàng làm lại.", "The time for the actions is over. Ask the customer to do them again."),
    "challenge_superseded": Text("Yêu cầu đã được thay bằng yêu cầu mới. Mời khách hàng làm lại.", "The actions were replaced by new ones. Ask the customer to do the new ones."),
    "challenge_missing": Text("Máy chủ không có yêu cầu nào cho hồ sơ này. Mời khách hàng làm lại.", "The server has drawn no actions for this case. Ask the customer to do them again."),
    "challenge_impossible": Text("Còn quá ít động tác để chọn. Hãy bớt động tác bị loại trừ.", "Too few actions are left to choose from. Leave out fewer."),
    "recorder_failed": Text("Chương trình quay phim không tạo được đoạn phim.", "The recording program made no clip."),
    "camera_failed": Text("Không quay được phim từ nguồn này.", "No clip could be recorded from this source."),
    # what the gateway did not take
    "evidence_missing": Text("Máy chủ cần chụp mới các mục được mở lại (ảnh cũ không được tính).", "The server needs the reopened items captured anew (the former picture does not count)."),
    "field_required": Text("Thiếu số định danh hoặc ngày sinh. Hãy nhập rồi gửi lại.", "The ID number or the date of birth is missing. Enter it, then submit again."),
    "evidence_empty": Text("Tệp trống.", "The file is empty."),
    "evidence_type_refused": Text("Loại tệp này không được nhận. Hãy dùng ảnh JPEG, PNG, WebP hoặc phim MP4, WebM.", "This kind of file is not taken. Use a JPEG, PNG or WebP picture, or an MP4 or WebM clip."),
    "evidence_truncated": Text("Tệp bị cắt hoặc hỏng. Hãy chụp lại.", "The file is cut off or damaged. Capture it again."),
    "image_too_many_pixels": Text("Ảnh quá lớn. Hãy chụp ở độ phân giải thấp hơn.", "The picture is too large. Capture it at a lower resolution."),
    "image_too_small": Text("Ảnh quá nhỏ. Hãy chụp lại gần hơn hoặc nét hơn.", "The picture is too small. Capture it again, closer or at a higher resolution."),
    "body_too_large": Text("Tệp quá lớn.", "The file is too large."),
    # the end of a case
    "approved": Text("Hồ sơ được chấp thuận.", "The case is approved."),
    "rejected": Text("Hồ sơ bị từ chối.", "The case is rejected."),
    "review": Text("Hồ sơ được chuyển cho nhân viên ngân hàng xem xét.", "A member of the bank's staff will look at the case."),
    "retake": Text("Cần chụp lại các mục được nêu.", "What is named has to be captured again."),
    "evidence_differs": Text("Máy chủ giữ dữ liệu khác với dữ liệu chụp tại đây. Hãy báo quản trị viên.", "The server holds other evidence than was captured here. Tell your administrator."),
    "case_expired": Text("Hồ sơ đã quá hạn trên máy chủ. Hãy bỏ hồ sơ này và mở hồ sơ mới.", "The case expired at the server. Give it up and begin a new one."),
    "case_erased": Text("Hồ sơ đã bị xóa trên máy chủ.", "The case was erased at the server."),
    "case_unknown": Text("Máy chủ không biết hồ sơ này, hoặc hồ sơ thuộc chi nhánh khác.", "The server does not know this case, or it belongs to another branch."),
    "branch_forbidden": Text("Khóa đăng nhập thuộc chi nhánh khác.", "The key belongs to another branch."),
    "attempts_exhausted": Text("Đã hết số lần gửi. Hồ sơ này không gửi lại được nữa.", "The case was handed in as often as is allowed."),
}  # fmt: skip


def caption(code: str) -> Text:
    """Return the words for a code; an unknown code is shown with itself, for the administrator."""
    unknown = Text(_UNKNOWN.vi.format(code=code), _UNKNOWN.en.format(code=code))
    return CAPTIONS.get(code, unknown)
