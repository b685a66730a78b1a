"""The pages, as an operator sees and presses them, over the real step machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton

from capture_client.camera.frames import encode_still
from capture_client.desk import QueueRow
from capture_client.desk_values import Guided, Step
from capture_client.events import (
    CaseTold,
    ChallengeWanted,
    Held,
    StepChosen,
    SubmitArrived,
    SubmitChosen,
)
from capture_client.flow import values
from capture_client.problems import ApiProblem, GatewayUnreachable
from capture_client.window import texts
from capture_client.window.pages.challenge import ChallengePage
from capture_client.window.pages.fields import FieldsPage
from capture_client.window.pages.sign_in import SignIn
from capture_client.window.session import Options
from capture_client.words import Language, Text
from pipeline.case import CaseStatus
from pipeline.findings import FieldName
from pipeline.image import RgbImage
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS, printed_card
from tests.unit.capture_client.window.desk import STEPS, MemoryDesk

_WAIT_S = 20.0


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """Nothing lies before the camera: pictures are taken by hand."""
    folder = tmp_path / "camera"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(application: QApplication, camera: Path) -> Iterator[MemoryDesk]:
    desk = MemoryDesk()
    desk.open(Options(source=str(camera), gateway="https://ekyc.bank.vn"))
    yield desk
    desk.window.close()


def soon(true: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + _WAIT_S
    while not true():
        assert time.monotonic() < ends_at, "did not happen"
        QTest.qWait(20)


def press(button: QPushButton) -> None:
    assert button.isVisible(), button.text()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def vi(text: Text, **facts: object) -> str:
    return text.said(Language.VI, **facts)


def shown(desk: MemoryDesk) -> str:
    """Everything that can be read on the page."""
    page = desk.window.pages[desk.session.flow.step]
    labels = [label.text() for label in page.findChildren(QPushButton)]
    from PySide6.QtWidgets import QLabel

    labels += [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels)


def consent(desk: MemoryDesk) -> None:
    desk.begin(SignIn(gateway="https://ekyc.bank.vn", key="k"))
    page = desk.window.pages[Step.CONSENT]
    for tick in page.findChildren(QCheckBox)[:2]:
        tick.click()
    press(page.on)


def go_to(desk: MemoryDesk, step: Step) -> None:
    """Capture what comes before a step."""
    consent(desk)
    case = desk.case
    for kind, its_step in (
        (EvidenceKind.CARD_FRONT, Step.CARD_FRONT),
        (EvidenceKind.CARD_BACK, Step.CARD_BACK),
        (EvidenceKind.SELFIE, Step.SELFIE),
        (EvidenceKind.CLIP, Step.CHALLENGE),
    ):
        if list(Step).index(its_step) >= list(Step).index(step):
            break
        case.tell(StepChosen(step=its_step))
        if kind is EvidenceKind.CLIP:
            case.tell(ChallengeWanted())
            case.issue()
        case.put(kind)
    case.tell(StepChosen(step=step))
    desk.session.changed.emit()


# ---------------------------------------------------------------- sign in


def sign_in(desk: MemoryDesk, key: str = "ekyc_key", reference: str = "HN-1") -> None:
    page = desk.window.pages[Step.SIGN_IN]
    page.key.setText(key)  # type: ignore[attr-defined]
    page.reference.setText(reference)  # type: ignore[attr-defined]
    press(page.on)


def test_a_key_that_the_gateway_takes_begins_a_case(desk: MemoryDesk) -> None:
    sign_in(desk)
    soon(lambda: desk.session.flow.step is Step.CONSENT)
    assert desk.begun[0].reference == "HN-1"
    assert "ekyc_key" not in repr(desk.begun[0])
    first_tick = desk.window.pages[Step.CONSENT].findChildren(QCheckBox)[0]
    assert desk.window.focusWidget() is first_tick


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            ApiProblem("unauthenticated", 401, "", {}),
            texts.SIGN_IN_FAULTS["unauthenticated"],
        ),
        (ApiProblem("scope_missing", 403, "", {}), texts.SIGN_IN_FAULTS["scope_missing"]),
        (GatewayUnreachable("ConnectError"), texts.SIGN_IN_FAULTS["unreachable"]),
    ],
)
def test_what_keeps_one_from_signing_in_is_said(
    desk: MemoryDesk, error: Exception, text: Text
) -> None:
    def refuse(_asked: SignIn) -> None:
        raise error

    desk.check = refuse
    sign_in(desk)
    soon(lambda: vi(text) in shown(desk))
    assert desk.begun == []


def test_without_the_line_one_can_work_all_the_same(desk: MemoryDesk) -> None:
    def refuse(_asked: SignIn) -> None:
        raise GatewayUnreachable("ConnectError")

    desk.check = refuse
    sign_in(desk)
    offline = desk.window.pages[Step.SIGN_IN].offline  # type: ignore[attr-defined]
    soon(offline.isVisible)
    press(offline)
    assert desk.session.flow.step is Step.CONSENT


def test_a_reference_that_the_gateway_would_refuse_is_not_sent(desk: MemoryDesk) -> None:
    sign_in(desk, reference="Nguyễn Văn A")
    assert vi(texts.REFERENCE_INVALID) in shown(desk)


# ---------------------------------------------------------------- consent


def test_nothing_begins_without_the_consents_that_are_needed(desk: MemoryDesk) -> None:
    desk.begin(SignIn(gateway="https://ekyc.bank.vn", key="k"))
    page = desk.window.pages[Step.CONSENT]
    assert not page.on.isEnabled()
    page.findChildren(QCheckBox)[0].click()
    assert not page.on.isEnabled()
    page.findChildren(QCheckBox)[1].click()
    press(page.on)
    receipt = desk.session.flow.consent
    assert receipt is not None
    assert set(receipt.purposes) == {"identity_verification", "biometric_processing"}
    assert receipt.language == "vi"


# ---------------------------------------------------------------- pictures


def test_a_picture_is_taken_by_hand_and_again(desk: MemoryDesk) -> None:
    consent(desk)
    page = desk.window.pages[Step.CARD_FRONT]
    soon(lambda: desk.session.camera is not None and desk.session.camera.latest is not None)
    press(page.shutter)  # type: ignore[attr-defined]
    first = desk.session.flow.captures[EvidenceKind.CARD_FRONT]
    assert first.origin.driver == "file"
    assert page.on.isEnabled()
    assert desk.session.camera is None, "the camera is on although nobody looks through it"
    press(page.again)  # type: ignore[attr-defined]
    soon(lambda: desk.session.camera is not None and desk.session.camera.latest is not None)
    assert page.shutter.isVisible()  # type: ignore[attr-defined]


def test_a_card_before_the_camera_is_taken_by_itself(desk: MemoryDesk, camera: Path) -> None:
    _, (front, _) = printed_card(SCENARIOS["genuine"], 3, datetime(2026, 11, 23, tzinfo=UTC).date())
    import numpy as np

    from specimen.scene import Shot, photograph

    photo = photograph(front.image, Shot(size=(1280, 720), share=0.7), np.random.default_rng(5))
    (camera / "card_front.jpg").write_bytes(photo.jpeg)
    consent(desk)
    soon(lambda: EvidenceKind.CARD_FRONT in desk.session.flow.captures)
    soon(lambda: EvidenceKind.CARD_FRONT in desk.session.cards)


def test_a_file_is_taken_as_it_is_and_a_bad_one_is_refused(
    desk: MemoryDesk, tmp_path: Path
) -> None:
    import numpy as np

    consent(desk)
    page = desk.window.pages[Step.CARD_FRONT]
    bad = tmp_path / "card.pdf"
    bad.write_bytes(b"%PDF-1.7")
    page.take_file(bad)  # type: ignore[attr-defined]
    soon(lambda: vi(texts.FILE_NOT_A_PICTURE) in shown(desk))
    good = tmp_path / "card.jpg"
    good.write_bytes(encode_still(RgbImage(np.full((300, 480, 3), 200, np.uint8))))
    page.take_file(good)  # type: ignore[attr-defined]
    soon(lambda: EvidenceKind.CARD_FRONT in desk.session.flow.captures)
    capture = desk.session.flow.captures[EvidenceKind.CARD_FRONT]
    assert (capture.size, str(capture.origin.means)) == (good.stat().st_size, "file")


def test_a_missing_camera_is_said_in_plain_words(application: QApplication, tmp_path: Path) -> None:
    desk = MemoryDesk()
    desk.open(Options(source=str(tmp_path / "no such folder"), gateway="https://ekyc.bank.vn"))
    consent(desk)
    soon(lambda: vi(texts.CAMERA_FAULTS["source_unreadable"]) in shown(desk))
    desk.window.close()


# ---------------------------------------------------------------- fields


def fields_page(desk: MemoryDesk) -> FieldsPage:
    page = desk.window.pages[Step.FIELDS]
    assert isinstance(page, FieldsPage)
    return page


def edit_of(desk: MemoryDesk, name: FieldName) -> QLineEdit:
    return fields_page(desk)._rows[name].edit


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_while_the_card_is_read_one_can_go_on_to_the_face(desk: MemoryDesk) -> None:
    go_to(desk, Step.FIELDS)
    assert vi(texts.FIELDS_WAIT) in shown(desk)
    press(fields_page(desk).on)
    assert desk.session.flow.step is Step.SELFIE


def test_fields_show_value_source_and_confidence(desk: MemoryDesk) -> None:
    go_to(desk, Step.FIELDS)
    desk.case.read()
    desk.session.changed.emit()
    assert edit_of(desk, FieldName.DATE_OF_BIRTH).text() == "09/03/2004"
    assert "mã QR · 99 %" in shown(desk)
    chip = fields_page(desk)._rows[FieldName.PLACE_OF_RESIDENCE].chip
    assert (chip.text(), chip.property("tone")) == ("chữ in · 61 %", "warn")


def test_an_edit_is_kept_marked_and_shows_what_was_read(desk: MemoryDesk) -> None:
    go_to(desk, Step.FIELDS)
    desk.case.read()
    desk.session.changed.emit()
    type_into(edit_of(desk, FieldName.DATE_OF_BIRTH), "10/03/2004")
    assert values(desk.session.flow)[FieldName.DATE_OF_BIRTH] == "2004-03-10"
    row = fields_page(desk)._rows[FieldName.DATE_OF_BIRTH]
    assert row.chip.text() == vi(texts.EDITED)
    assert row.note.text() == vi(texts.WAS, value="09/03/2004")


def test_without_the_number_one_cannot_go_on(desk: MemoryDesk) -> None:
    go_to(desk, Step.FIELDS)
    desk.case.read({})
    desk.session.changed.emit()
    assert not fields_page(desk).on.isEnabled()
    assert vi(texts.VALUE_NEEDED) in shown(desk)
    type_into(edit_of(desk, FieldName.ID_NUMBER), "036304000000")
    type_into(edit_of(desk, FieldName.DATE_OF_BIRTH), "9/3/2004")
    assert fields_page(desk).on.isEnabled()


# ---------------------------------------------------------------- challenge


def challenge_page(desk: MemoryDesk) -> ChallengePage:
    page = desk.window.pages[Step.CHALLENGE]
    assert isinstance(page, ChallengePage)
    return page


def test_the_gateways_actions_are_shown_with_their_pictures(desk: MemoryDesk) -> None:
    go_to(desk, Step.CHALLENGE)
    page = challenge_page(desk)
    press(page.ask)
    assert vi(texts.CHALLENGE_ASKING) in shown(desk)
    desk.case.issue()
    desk.session.changed.emit()
    for number, step in enumerate(STEPS, 1):
        assert f"{number}. {vi(texts.ACTIONS[step.action], count=1)}" in shown(desk)
    assert page.start.isVisible()


def test_without_the_line_the_page_says_that_it_needs_it(desk: MemoryDesk) -> None:
    go_to(desk, Step.CHALLENGE)
    press(challenge_page(desk).ask)
    desk.case.tell(Held(code="unreachable", at=datetime.now(UTC)))
    desk.session.changed.emit()
    assert vi(texts.CHALLENGE_OFFLINE) in shown(desk)


def test_at_most_two_actions_can_be_left_out_and_are_asked_so(desk: MemoryDesk) -> None:
    go_to(desk, Step.CHALLENGE)
    page = challenge_page(desk)
    ticks = list(page._intro.ticks.values())
    ticks[0].click()
    ticks[1].click()
    assert not ticks[2].isEnabled()
    press(page.ask)
    assert desk.session.flow.challenge_wanted == tuple(page._intro.ticks)[:2]


def test_a_challenge_that_is_over_is_asked_for_anew(desk: MemoryDesk) -> None:
    go_to(desk, Step.CHALLENGE)
    press(challenge_page(desk).ask)
    desk.case.issue(lasts_s=11.0)  # less than the recording takes
    desk.session.changed.emit()
    soon(lambda: vi(texts.CHALLENGE_LATE) in shown(desk))
    assert challenge_page(desk).ask.isVisible()


# ---------------------------------------------------------------- review and result


def test_a_case_is_handed_in_when_all_is_there(desk: MemoryDesk) -> None:
    go_to(desk, Step.REVIEW)
    page = desk.window.pages[Step.REVIEW]
    assert not page.on.isEnabled(), "the card has not been read"
    desk.case.read()
    desk.case.arrive()
    desk.session.changed.emit()
    assert shown(desk).count(vi(texts.IS_SENT)) == 4
    press(page.on)
    assert desk.session.flow.submit_wanted


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (CaseStatus.APPROVED, texts.RESULT_APPROVED),
        (CaseStatus.REJECTED, texts.RESULT_REJECTED),
        (CaseStatus.REVIEW, texts.RESULT_REVIEW),
    ],
)
def test_the_result_is_outcome_and_guidance_without_a_score(
    desk: MemoryDesk, status: CaseStatus, text: Text
) -> None:
    hand_in(desk)
    tell_status(desk, status, "Mời quý khách đến quầy.")
    assert vi(text) in shown(desk)
    assert "Mời quý khách đến quầy." in shown(desk)
    assert "%" not in shown(desk)


def test_a_retake_opens_what_it_names_and_says_why(desk: MemoryDesk) -> None:
    hand_in(desk)
    tell_status(desk, CaseStatus.RETAKE, "Ảnh mặt trước bị mờ.", EvidenceKind.CARD_FRONT)
    assert desk.session.flow.step is Step.CARD_FRONT
    assert desk.window._notice.accessibleName().strip() == "Ảnh mặt trước bị mờ."


def hand_in(desk: MemoryDesk) -> None:
    go_to(desk, Step.REVIEW)
    desk.case.read()
    desk.case.arrive()
    desk.case.tell(SubmitChosen(at=datetime.now(UTC)))
    desk.case.tell(SubmitArrived())
    desk.session.changed.emit()


def tell_status(desk: MemoryDesk, status: CaseStatus, words: str, *missing: EvidenceKind) -> None:
    desk.case.tell(
        CaseTold(status=status, missing=missing, guidance=(Guided(text=words),), digests={})
    )
    desk.session.changed.emit()


# ---------------------------------------------------------------- the window


def test_the_language_is_switched_on_every_page(desk: MemoryDesk) -> None:
    for step in (Step.SIGN_IN, Step.CONSENT, Step.CARD_FRONT):
        if step is Step.CONSENT:
            desk.begin(SignIn(gateway="https://ekyc.bank.vn", key="k"))
        elif step is Step.CARD_FRONT:
            consent(desk)
        page = desk.window.pages[step]
        before = page._title.text()
        press(desk.window._rail._language)
        assert page._title.text() == page.title.en != before
        press(desk.window._rail._language)
        assert page._title.text() == before


def test_the_queue_says_what_each_case_waits_for(desk: MemoryDesk) -> None:
    desk.rows = (
        QueueRow(case_id="a", reference="HN-1", since=datetime.now(UTC), waits_for="unreachable"),
        QueueRow(case_id="b", reference=None, since=None, waits_for="spool_damaged"),
    )
    desk.window.toggle_queue()
    table = desk.window.queue_page.table
    assert table.rowCount() == 2
    assert table.item(0, 1).text() == "HN-1"
    assert "Chưa kết nối được máy chủ" in table.item(0, 2).text()
    desk.window.toggle_queue()


def test_everything_that_can_be_pressed_has_a_name_for_a_screen_reader(desk: MemoryDesk) -> None:
    go_to(desk, Step.REVIEW)
    desk.case.read()
    desk.session.changed.emit()
    for page in desk.window.pages.values():
        page.draw()
        for widget in (*page.findChildren(QPushButton), *page.findChildren(QLineEdit)):
            assert widget.accessibleName() or not widget.isVisibleTo(page), widget
        for tick in page.findChildren(QCheckBox):
            assert tick.text()
