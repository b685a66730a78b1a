# ruff: noqa: E501 - a text and its translation read best side by side
"""What a customer is asked to agree to, one text a purpose, and the receipt of it.

The words are a sample that a bank's lawyers replace; whoever changes one gives them a new version. The receipt names
the version and the hash of exactly the words that were shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from capture_client.desk_values import ConsentReceipt
from capture_client.words import Language, Text
from pipeline.consent import Purpose
from pipeline.policy import POLICY_V2_CONSENT

TEXT_VERSION = "ekyc-consent-2026-11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The name of a purpose, and what is said about it."""

    name: Text
    words: Text


CONSENTS: dict[Purpose, Consent] = {
    Purpose.IDENTITY_VERIFICATION: Consent(
        name=Text("Xác minh giấy tờ (bắt buộc)", "Checking your identity card (required)"),
        words=Text(
            "Ngân hàng chụp hai mặt thẻ căn cước của quý khách, đọc thông tin trên thẻ và lưu giữ theo quy định để nhận biết khách hàng.",
            "The bank photographs both sides of your identity card, reads what is on it and keeps it as the law on customer identification requires.",
        ),
    ),
    Purpose.BIOMETRIC_PROCESSING: Consent(
        name=Text("Xử lý dữ liệu sinh trắc học (bắt buộc)", "Processing biometric data (required)"),
        words=Text(
            "Ngân hàng chụp khuôn mặt và quay một đoạn phim ngắn, so khuôn mặt với ảnh trên thẻ và kiểm tra người thật. Đây là dữ liệu cá nhân nhạy cảm; dữ liệu được mã hóa và xóa khi hết thời hạn. Quý khách có thể rút lại sự đồng ý.",
            "The bank photographs your face and records a short clip, compares the face with the card and checks that a living person is there. This is sensitive personal data; it is encrypted and deleted when its time is over. You can withdraw your consent.",
        ),
    ),
    Purpose.DUPLICATE_SEARCH: Consent(
        name=Text("Phòng chống gian lận (không bắt buộc)", "Preventing fraud (optional)"),
        words=Text(
            "Ngân hàng so số định danh và khuôn mặt của quý khách với hồ sơ của các khách hàng khác để phát hiện hồ sơ trùng hoặc giả mạo.",
            "The bank compares your number and your face with those of its other customers, to find duplicate or forged applications.",
        ),
    ),
}


def needed_purposes() -> frozenset[Purpose]:
    """Return the purposes without which a case cannot be approved (the policy's own list)."""
    return POLICY_V2_CONSENT.required_consents


def receipt(
    purposes: Collection[Purpose], *, language: Language, given_at: datetime
) -> ConsentReceipt:
    """Return the receipt of a consent.

    Args:
        purposes: those that the customer agreed to.
        language: in which the words were shown.
        given_at: when.
    """
    shown = "\n".join(
        f"{consent.name.said(language)}\n{consent.words.said(language)}"
        for consent in CONSENTS.values()
    )
    return ConsentReceipt(
        purposes=tuple(purpose for purpose in CONSENTS if purpose in purposes),
        text_version=TEXT_VERSION,
        text_sha256=hashlib.sha256(shown.encode()).hexdigest(),
        language=str(language),
        given_at=given_at,
    )
