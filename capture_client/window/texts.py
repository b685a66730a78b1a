# ruff: noqa: E501 - a text and its translation read best side by side
"""What the window says, page by page. Short sentences, no jargon, no blame."""

# fmt: off
from __future__ import annotations

from capture_client.desk_values import Step
from capture_client.words import Text
from pipeline.challenge import Action
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

# ---------------------------------------------------------------- frame of the window

WINDOW = Text("Định danh khách hàng – eKYC", "Customer identification – eKYC")
PRODUCT = Text("Định danh khách hàng", "Customer identification")
BACK = Text("Quay lại", "Back")
NEXT = Text("Tiếp tục", "Continue")
CLOSE = Text("Đóng", "Close")
QUEUE = Text("Hồ sơ chờ gửi ({count})", "Cases waiting ({count})")
NEW_CASE = Text("Hồ sơ mới", "New case")
GIVE_UP = Text("Hủy hồ sơ", "Give up the case")
GIVE_UP_ASK = Text("Hủy hồ sơ này? Ảnh và thông tin đã chụp sẽ bị xóa khỏi máy này.", "Give up this case? What was captured will be deleted from this machine.")
YES_GIVE_UP = Text("Hủy hồ sơ", "Give up")
NO_KEEP = Text("Giữ lại", "Keep it")
OTHER_LANGUAGE = Text("English", "Tiếng Việt")
LINE_GOOD = Text("Đã kết nối", "Connected")
LINE_BAD = Text("Chưa gửi được, sẽ tự thử lại", "Cannot send yet, trying again")
CAMERA = Text("Máy ảnh", "Camera")
STEPS_LABEL = Text("Các bước", "Steps")
DONE_STEP = Text("đã xong", "done")
CURRENT_STEP = Text("đang làm", "current")
CLOSED_STEP = Text("chưa đến", "not open yet")

STEPS: dict[Step, Text] = {
    Step.SIGN_IN: Text("Đăng nhập", "Sign in"),
    Step.CONSENT: Text("Đồng ý", "Consent"),
    Step.CARD_FRONT: Text("Mặt trước thẻ", "Card front"),
    Step.CARD_BACK: Text("Mặt sau thẻ", "Card back"),
    Step.FIELDS: Text("Thông tin trên thẻ", "Card details"),
    Step.SELFIE: Text("Ảnh khuôn mặt", "Face"),
    Step.CHALLENGE: Text("Động tác xác thực", "Movements"),
    Step.REVIEW: Text("Kiểm tra và gửi", "Check and send"),
    Step.RESULT: Text("Kết quả", "Result"),
}

# ---------------------------------------------------------------- sign in

SIGN_IN_TITLE = Text("Đăng nhập quầy giao dịch", "Sign in at this desk")
SIGN_IN_LEAD = Text("Nhập địa chỉ máy chủ và khóa API của chi nhánh.", "Enter the server's address and the branch's API key.")
GATEWAY_LABEL = Text("Địa chỉ máy chủ", "Server address")
KEY_LABEL = Text("Khóa API chi nhánh", "Branch API key")
SHOW_KEY = Text("Hiện khóa", "Show the key")
REFERENCE_LABEL = Text(
    "Mã hồ sơ của ngân hàng (không bắt buộc)", "The bank's own case number (optional)"
)
REFERENCE_HINT = Text("Chữ không dấu, số và . _ : / -, tối đa 64 ký tự. Không ghi tên hay số thẻ.", "Letters, digits and . _ : / -, at most 64. No name, no card number.")
KEPT_IN = {
    "keyring": Text(
        "Khóa được giữ trong kho khóa của máy này.", "The key is kept in this machine's keyring."
    ),
    "file": Text("Máy này không có kho khóa: khóa được giữ trong tệp chỉ người dùng này đọc được.", "This machine has no keyring: the key is kept in a file that only this user can read."),
}
KEPT_KEY = Text("đã lưu – để trống để dùng lại", "kept – leave empty to use it again")
WORK_OFFLINE = Text("Làm việc khi không có mạng", "Work without the network")
SIGN_IN = Text("Đăng nhập", "Sign in")
SIGNING_IN = Text("Đang kết nối…", "Connecting…")
REFERENCE_INVALID = Text(
    "Mã hồ sơ có ký tự không hợp lệ.", "The case number has letters that are not allowed."
)
SIGN_IN_FAULTS = {
    "gateway_address": Text("Địa chỉ phải bắt đầu bằng https:// (hoặc http:// trên máy này).", "The address must start with https:// (or http:// on this machine)."),
    "key_missing": Text("Hãy nhập khóa API.", "Enter the API key."),
    "unauthenticated": Text("Máy chủ không nhận khóa này. Kiểm tra lại khóa, hoặc hỏi quản trị viên.", "The server does not take this key. Check it, or ask your administrator."),
    "scope_missing": Text("Khóa này không có quyền chụp hồ sơ. Hỏi quản trị viên.", "This key may not capture cases. Ask your administrator."),
    "unreachable": Text("Không kết nối được máy chủ. Kiểm tra mạng và địa chỉ rồi thử lại; ảnh và thông tin vẫn có thể được chụp trước.", "The server cannot be reached. Check the network and the address and try again; pictures can be taken meanwhile."),
    "not_ours": Text(
        "Địa chỉ này không phải máy chủ eKYC.", "There is no eKYC server at this address."
    ),
    "vault_closed": Text("Không mở được kho khóa của máy này. Đăng nhập lại vào máy rồi thử lại.", "This machine's keyring cannot be opened. Sign in to the machine again and try once more."),
    "disk_full": Text(
        "Ổ đĩa đã đầy. Giải phóng chỗ rồi thử lại.", "The disk is full. Make room and try again."
    ),
}

# ---------------------------------------------------------------- consent

CONSENT_TITLE = Text("Khách hàng đồng ý", "The customer's consent")
CONSENT_LEAD = Text("Đọc hoặc đưa cho khách hàng đọc nội dung dưới đây.", "Read this to the customer, or let them read it.")
CONSENT_AGREE = Text(
    "Khách hàng đã đọc, đã hiểu và đồng ý", "The customer has read and understood this, and agrees"
)
CONSENT_GO_ON = Text("Ghi nhận và bắt đầu", "Record and begin")
CONSENT_DECLINE = Text("Khách hàng không đồng ý", "The customer does not agree")

# ---------------------------------------------------------------- card

CARD_TITLES = {
    EvidenceKind.CARD_FRONT: Text("Chụp mặt trước thẻ", "Photograph the card's front"),
    EvidenceKind.CARD_BACK: Text("Chụp mặt sau thẻ", "Photograph the card's back"),
}
CARD_LEADS = {
    EvidenceKind.CARD_FRONT: Text("Đặt mặt có ảnh chân dung vào khung. Ảnh được chụp tự động khi thẻ rõ và nằm yên.", "Place the side with the portrait in the frame. The picture is taken by itself when the card is sharp and still."),
    EvidenceKind.CARD_BACK: Text(
        "Lật thẻ và đặt mặt sau vào khung.", "Turn the card over and place its back in the frame."
    ),
}
SHUTTER = Text("Chụp ngay", "Take it now")
AGAIN = Text("Chụp lại", "Take it again")
OPEN_FILE = Text("Mở tệp ảnh…", "Open a picture…")
OPEN_FILE_TITLE = Text("Chọn ảnh của thẻ", "Choose a picture of the card")
DROP_HERE = Text("hoặc kéo thả tệp ảnh vào đây", "or drop a picture file here")
SKIP_BACK = Text("Thẻ không có mặt sau để chụp", "The back cannot be photographed")
TAKEN = Text("Đã chụp. Kiểm tra ảnh rồi tiếp tục, hoặc chụp lại.", "Taken. Look at it and go on, or take it again.")
FILE_TAKEN = Text("Đã nhận tệp ảnh.", "The picture file was taken.")
FILE_TOO_LARGE = Text(
    "Tệp quá lớn (tối đa {limit_mb} MB).", "The file is too large (at most {limit_mb} MB)."
)
FILE_NOT_A_PICTURE = Text("Tệp này không phải ảnh JPEG, PNG hay WebP đọc được.", "This file is not a readable JPEG, PNG or WebP picture.")
FILE_UNREADABLE = Text("Không mở được tệp này.", "This file cannot be opened.")
CAMERA_STARTING = Text("Đang mở máy ảnh…", "Opening the camera…")
GUIDE_STARTING = Text("Đang chuẩn bị hướng dẫn…", "Preparing guidance…")
GUIDE_MISSING = Text("Không có hướng dẫn tự động trên máy này. Hãy chụp bằng tay.", "There is no automatic guidance on this machine. Take the picture by hand.")

CAMERA_FAULTS = {
    "camera_missing": Text("Không tìm thấy máy ảnh. Cắm máy ảnh rồi bấm “Thử lại”.", "No camera was found. Plug one in and press “Try again”."),
    "camera_busy": Text("Máy ảnh đang được chương trình khác dùng. Đóng chương trình đó rồi bấm “Thử lại”.", "Another program is using the camera. Close it and press “Try again”."),
    "camera_lost": Text("Mất kết nối với máy ảnh. Cắm lại rồi bấm “Thử lại”.", "The camera was disconnected. Plug it in again and press “Try again”."),
    "source_unreadable": Text(
        "Không đọc được tệp dùng làm máy ảnh.", "The file used as the camera cannot be read."
    ),
}
TRY_AGAIN = Text("Thử lại", "Try again")
VIRTUAL_CAMERA = Text("“{name}” là máy ảnh ảo. Tên này được ghi vào hồ sơ.", "“{name}” is a virtual camera. Its name is recorded with the case.")

# ---------------------------------------------------------------- fields

FIELDS_TITLE = Text("Kiểm tra thông tin trên thẻ", "Check the card's details")
FIELDS_LEAD = Text("So với thẻ và sửa nếu sai. Mục đã sửa được đánh dấu và lưu lại.", "Compare with the card and correct what is wrong. Corrections are marked and recorded.")
FIELDS_WAIT = Text("Đang đọc thẻ. Có thể tiếp tục chụp khuôn mặt trong lúc chờ.", "The card is being read. You can go on with the face meanwhile.")
FIELDS_FAILED = Text("Máy chủ không đọc được thẻ lúc này. Hồ sơ sẽ do nhân viên xem xét.", "The card cannot be read right now. A member of staff will look at the case.")
FRONT = Text("Mặt trước", "Front")
BACK_SIDE = Text("Mặt sau", "Back")
EDITED = Text("đã sửa", "edited")
WAS = Text("Máy đọc: {value}", "Was read as: {value}")
CONFIDENCE = Text("{percent} %", "{percent} %")
NOT_READ = Text("không đọc được", "not read")
NEEDED = Text("bắt buộc", "required")
VALUE_NEEDED = Text("Bắt buộc phải có.", "This is required.")
VALUE_LETTERS = Text(
    "Tối đa 300 ký tự, không có ký tự điều khiển.", "At most 300 characters, no control characters."
)
NUMBER_SHAPE = Text("Số định danh thường có 12 chữ số.", "The number usually has 12 digits.")
DATE_SHAPE = Text("Ngày theo dạng dd/mm/yyyy.", "A date as dd/mm/yyyy.")
SEX_SHAPE = Text("Nam hoặc Nữ.", "Nam or Nữ.")
SOURCES = {
    "ocr": Text("chữ in", "print"),
    "qr": Text("mã QR", "QR code"),
    "mrz": Text("MRZ", "MRZ"),
    "chip": Text("chip", "chip"),
    "edited": Text("đã sửa", "edited"),
}
FIELD_NAMES: dict[FieldName, Text] = {
    FieldName.ID_NUMBER: Text("Số định danh", "ID number"),
    FieldName.FULL_NAME: Text("Họ và tên", "Full name"),
    FieldName.DATE_OF_BIRTH: Text("Ngày sinh", "Date of birth"),
    FieldName.SEX: Text("Giới tính", "Sex"),
    FieldName.NATIONALITY: Text("Quốc tịch", "Nationality"),
    FieldName.PLACE_OF_ORIGIN: Text("Quê quán", "Place of origin"),
    FieldName.PLACE_OF_BIRTH: Text("Nơi đăng ký khai sinh", "Place of birth"),
    FieldName.PLACE_OF_RESIDENCE: Text("Nơi cư trú", "Place of residence"),
    FieldName.PERSONAL_IDENTIFICATION: Text("Đặc điểm nhận dạng", "Personal identification"),
    FieldName.DATE_OF_ISSUE: Text("Ngày cấp", "Date of issue"),
    FieldName.DATE_OF_EXPIRY: Text("Có giá trị đến", "Date of expiry"),
    FieldName.ISSUING_AUTHORITY: Text("Nơi cấp", "Issuing authority"),
    FieldName.OLD_ID_NUMBER: Text("Số CMND cũ", "Old ID number"),
}

# ---------------------------------------------------------------- face

SELFIE_TITLE = Text("Chụp khuôn mặt", "Photograph the face")
SELFIE_LEAD = Text("Nhìn thẳng vào máy ảnh, để khuôn mặt trong hình bầu dục. Ảnh được chụp tự động.", "Look straight at the camera, with the face in the oval. The picture is taken by itself.")

# ---------------------------------------------------------------- challenge

CHALLENGE_TITLE = Text("Làm theo hướng dẫn", "Follow the instructions")
CHALLENGE_LEAD = Text("Máy chủ chọn ngẫu nhiên ba động tác. Làm từng động tác khi được yêu cầu; mất khoảng 11 giây.", "The server draws three movements. Perform each when asked; it takes about 11 seconds.")
CHALLENGE_CANNOT = Text("Động tác khách hàng không làm được (được ghi lại):", "Movements that the customer cannot perform (recorded):")
CHALLENGE_ASK = Text("Nhận động tác", "Get the movements")
CHALLENGE_ASKING = Text("Đang nhận động tác từ máy chủ…", "Getting the movements from the server…")
CHALLENGE_OFFLINE = Text("Bước này cần mạng: động tác do máy chủ chọn. Hồ sơ được giữ lại, sẽ tiếp tục khi có mạng.", "This step needs the network: the server draws the movements. The case is kept and goes on when the network is back.")
CHALLENGE_START = Text("Bắt đầu ghi hình", "Start recording")
CHALLENGE_READY = Text("Khi khách hàng sẵn sàng, bấm “Bắt đầu ghi hình”. Còn {seconds} giây.", "When the customer is ready, press “Start recording”. {seconds} seconds left.")
CHALLENGE_RELAX = Text("Nhìn thẳng, mặt thư giãn", "Look straight ahead, relaxed")
CHALLENGE_RECORDING = Text("Đang ghi hình", "Recording")
CHALLENGE_LOST = Text("Giữ khuôn mặt trong khung", "Keep the face in the picture")
CHALLENGE_ENOUGH = Text("Tốt, trở lại nhìn thẳng", "Good, back to the middle")
CHALLENGE_KEEP_ON = Text("Thêm chút nữa", "A little more")
CHALLENGE_DONE = Text("Đã ghi hình xong. Có thể tiếp tục.", "Recorded. You can go on.")
CHALLENGE_AGAIN = Text("Ghi hình lại từ đầu", "Record again with new movements")
CHALLENGE_LATE = Text("Hết thời gian cho các động tác này. Nhận động tác mới.", "The time for these movements is over. Get new ones.")
CLIP_FAILED = Text("Không tạo được đoạn phim. Vui lòng ghi hình lại.", "The clip could not be made. Please record again.")
CLIP_SLOW = Text("Máy ảnh chỉ cho {rate} hình/giây: có thể quá ít. Thêm ánh sáng rồi ghi hình lại.", "The camera gave only {rate} pictures a second, which may be too few. Add light and record again.")
STEP_OF = Text("Động tác {number} / {count}", "Movement {number} of {count}")
SECONDS = Text("{seconds} giây", "{seconds} s")
ACTIONS: dict[Action, Text] = {
    Action.BLINK: Text("Chớp mắt {count} lần", "Blink {count} times"),
    Action.SMILE: Text("Mỉm cười", "Smile"),
    Action.TURN_LEFT: Text("Quay đầu sang trái", "Turn your head to your left"),
    Action.TURN_RIGHT: Text("Quay đầu sang phải", "Turn your head to your right"),
}
ACTION_NAMES: dict[Action, Text] = {
    Action.BLINK: Text("Chớp mắt", "Blink"),
    Action.SMILE: Text("Mỉm cười", "Smile"),
    Action.TURN_LEFT: Text("Quay trái", "Turn left"),
    Action.TURN_RIGHT: Text("Quay phải", "Turn right"),
}

# ---------------------------------------------------------------- review and result

REVIEW_TITLE = Text("Kiểm tra lần cuối", "A last look")
REVIEW_LEAD = Text("Bấm vào một mục để xem hoặc chụp lại. Khi đã đủ, bấm “Gửi hồ sơ”.", "Choose an item to see it or take it again. When all is there, press “Send the case”.")
SUBMIT = Text("Gửi hồ sơ", "Send the case")
IS_SENT = Text("đã gửi", "sent")
IS_KEPT = Text("đã lưu, đang chờ gửi", "stored, waiting to be sent")
IS_MISSING = Text("còn thiếu", "missing")
IS_SKIPPED = Text("bỏ qua", "left out")
IS_REFUSED = Text("máy chủ không nhận", "refused by the server")
CHANGE = Text("Xem lại", "Look again")
FIELDS_SUMMARY = Text("{count} mục, {edited} mục đã sửa", "{count} fields, {edited} edited")
FIELDS_READING = Text("đang đọc", "being read")
EVIDENCE = {
    EvidenceKind.CARD_FRONT: Text("Mặt trước thẻ", "Card front"),
    EvidenceKind.CARD_BACK: Text("Mặt sau thẻ", "Card back"),
    EvidenceKind.SELFIE: Text("Ảnh khuôn mặt", "Face"),
    EvidenceKind.CLIP: Text("Đoạn phim động tác", "Clip of the movements"),
}

RESULT_TITLE = Text("Kết quả", "Result")
RESULT_WAIT = Text("Đang gửi hồ sơ", "The case is being sent")
RESULT_WAIT_LEAD = Text("Có thể bắt đầu hồ sơ mới; hồ sơ này tiếp tục được gửi.", "You can start a new case; this one keeps being sent.")
RESULT_JUDGING = Text("Máy chủ đang xem xét", "The server is looking at the case")
RESULT_APPROVED = Text("Đã chấp nhận", "Accepted")
RESULT_APPROVED_LEAD = Text(
    "Danh tính khách hàng đã được xác nhận.", "The customer's identity is confirmed."
)
RESULT_REJECTED = Text("Không được chấp nhận", "Not accepted")
RESULT_REJECTED_LEAD = Text("Hồ sơ này không được chấp nhận.", "This case was not accepted.")
RESULT_REVIEW = Text("Nhân viên sẽ xem xét", "A member of staff will look at it")
RESULT_REVIEW_LEAD = Text("Hồ sơ đã nhận đủ. Ngân hàng sẽ báo kết quả.", "Everything was received. The bank will tell the result.")
RESULT_RETAKE = Text("Cần chụp lại", "Please take again")
RESULT_RETAKE_LEAD = Text(
    "Làm theo hướng dẫn rồi gửi lại.", "Follow the guidance and send the case again."
)
RESULT_LOST = Text("Hồ sơ không thể tiếp tục", "The case cannot go on")
RESULT_LOST_LEAD = Text("Hãy bắt đầu hồ sơ mới.", "Please start a new case.")
RESULT_GIVEN_UP = Text("Đã hủy hồ sơ", "The case was given up")
RETAKE_NOW = Text("Chụp lại ngay", "Take it again now")

# ---------------------------------------------------------------- queue

QUEUE_TITLE = Text("Hồ sơ chờ gửi", "Cases waiting to be sent")
QUEUE_LEAD = Text("Hồ sơ được mã hóa trên máy này và tự gửi khi có mạng. Sau khi máy chủ xác nhận, hồ sơ được xóa khỏi máy.", "Cases are kept encrypted on this machine and sent by themselves. Once the server has confirmed them, they are deleted here.")
QUEUE_EMPTY = Text("Không có hồ sơ nào đang chờ.", "No case is waiting.")
QUEUE_COLUMNS = (
    Text("Bắt đầu", "Started"), Text("Mã hồ sơ", "Case number"), Text("Tình trạng", "State"),
)  # fmt: skip
RESUME = Text("Mở tiếp", "Resume")
