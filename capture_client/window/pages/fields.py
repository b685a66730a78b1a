"""The fields beside the card: what was read, how sure, from which source, and what the operator puts right."""

from __future__ import annotations

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLineEdit, QScrollArea, QWidget

from capture_client.desk_values import ReadField, Step
from capture_client.events import FieldEdited
from capture_client.flow import missing_fields, values
from capture_client.flow_state import NEEDED_FIELDS
from capture_client.window import texts
from capture_client.window.controls import button, column, label, row, say, set_tone
from capture_client.window.field_values import fault_of, from_shown, to_shown
from capture_client.window.page import Page
from capture_client.window.session import Session
from capture_client.window.viewfinder import Guide, Viewfinder
from capture_client.words import Text
from pipeline.findings import FieldName
from pipeline.policy import POLICY_V1
from pipeline.stages import EvidenceKind

#: Which fields a row is shown for although nothing was read.
_ALWAYS = (
    FieldName.ID_NUMBER, FieldName.FULL_NAME, FieldName.DATE_OF_BIRTH, FieldName.SEX,
    FieldName.PLACE_OF_RESIDENCE, FieldName.DATE_OF_EXPIRY,
)  # fmt: skip
#: The policy asks for this much of a field that nobody has looked at.
_SURE = POLICY_V1.min_field_confidence


class FieldRow:
    """One field: its name, its value, and what is said about it."""

    def __init__(self, name: FieldName) -> None:
        self.name = name
        self.label, self.note = label("label"), label("small")
        self.edit, self.chip = QLineEdit(), label("chip", wraps=False)
        self.label.setBuddy(self.edit)

    def widgets(self) -> tuple[QWidget, ...]:
        """All of them, to show and hide."""
        return self.label, self.edit, self.chip, self.note


class FieldsPage(Page):
    """The card on the left, its fields on the right."""

    step = Step.FIELDS
    title = texts.FIELDS_TITLE
    lead = texts.FIELDS_LEAD

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._side = EvidenceKind.CARD_FRONT
        self.picture = Viewfinder(Guide.NONE)
        self._sides = {
            EvidenceKind.CARD_FRONT: button("", lambda: self._turn(EvidenceKind.CARD_FRONT)),
            EvidenceKind.CARD_BACK: button("", lambda: self._turn(EvidenceKind.CARD_BACK)),
        }
        group = QButtonGroup(self)
        for one in self._sides.values():
            one.setCheckable(True)
            group.addButton(one)
        self._rows = {name: FieldRow(name) for name in FieldName}
        self._wait = label("lead")
        left = column(row(*self._sides.values(), None), self.picture)
        left.setStretch(1, 1)
        both = row(left, self._form(), spacing=16)
        both.setStretch(0, 5)
        both.setStretch(1, 6)
        self.add(both, 1)

    def _form(self) -> QScrollArea:
        grid = QGridLayout()
        grid.setContentsMargins(4, 0, 10, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._wait, 0, 0, 1, 2)
        for i, one in enumerate(self._rows.values()):
            grid.addWidget(one.label, 4 * i + 1, 0, 1, 2)
            grid.addWidget(one.edit, 4 * i + 2, 0)
            grid.addWidget(one.chip, 4 * i + 2, 1)
            grid.addWidget(one.note, 4 * i + 3, 0, 1, 2)
            one.edit.editingFinished.connect(lambda name=one.name: self._edited(name))
            one.edit.textEdited.connect(lambda _text, name=one.name: self._judge(name))
        grid.setRowStretch(4 * len(self._rows) + 1, 1)
        inner = QWidget()
        inner.setObjectName("scrolled")
        inner.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        return area

    # ------------------------------------------------------------ drawing

    def enter(self) -> None:
        """Show the front first."""
        self._turn(EvidenceKind.CARD_FRONT)

    def draw(self) -> None:
        """Put values and words on the page; what is being typed stays."""
        super().draw()
        say_text = self.session.say
        say(self._sides[EvidenceKind.CARD_FRONT], say_text(texts.FRONT))
        say(self._sides[EvidenceKind.CARD_BACK], say_text(texts.BACK_SIDE))
        self._sides[EvidenceKind.CARD_BACK].setVisible(
            EvidenceKind.CARD_BACK in self.session.pictures
        )
        self._show_side()
        self._draw_state()
        read = self.session.flow.reading
        for name, one in self._rows.items():
            self._draw_row(one, read.fields.get(name) if read else None)

    def _draw_state(self) -> None:
        reading, say_text = self.session.flow.reading, self.session.say
        is_waiting = reading is None
        say(self._wait, say_text(texts.FIELDS_WAIT) if is_waiting else "")
        self._wait.setVisible(is_waiting)
        if reading is not None and reading.failed:
            self.banner.tell(say_text(texts.FIELDS_FAILED), "warn")
        elif reading is not None and reading.rejected is not None:
            self.banner.tell(reading.rejected.text, "warn")
        else:
            self.banner.tell("")

    def _draw_row(self, one: FieldRow, read: ReadField | None) -> None:
        flow, say_text = self.session.flow, self.session.say
        edit, value = flow.edits.get(one.name), values(flow).get(one.name, "")
        is_shown = flow.reading is not None and bool(read or edit or one.name in _ALWAYS)
        for widget in one.widgets():
            widget.setVisible(is_shown)
        if not is_shown:
            return
        name = say_text(texts.FIELD_NAMES[one.name])
        needed = f"  ({say_text(texts.NEEDED)})" if one.name in NEEDED_FIELDS else ""
        say(one.label, name + needed)
        one.edit.setAccessibleName(name)
        if not one.edit.hasFocus() and one.edit.text() != to_shown(one.name, value):
            one.edit.setText(to_shown(one.name, value))
            one.edit.setCursorPosition(0)
        words, tone = self._chip(read, is_edited=edit is not None)
        say(one.chip, words)
        set_tone(one.chip, tone)
        one.edit.setAccessibleDescription(words)
        self._judge(one.name)

    def _chip(self, read: ReadField | None, *, is_edited: bool) -> tuple[str, str]:
        if is_edited:
            return self.session.say(texts.EDITED), "edited"
        if read is None:
            return self.session.say(texts.NOT_READ), "warn"
        source = self.session.say(texts.SOURCES.get(read.source, Text(read.source, read.source)))
        percent = int(100 * read.confidence)
        return f"{source} · {percent} %", "good" if read.confidence >= _SURE else "warn"

    # ------------------------------------------------------------ editing

    def _judge(self, name: FieldName) -> None:
        """Say below a field what is wrong with it, and mark it."""
        one, flow = self._rows[name], self.session.flow
        fault, is_hard = fault_of(name, one.edit.text())
        edit = flow.edits.get(name)
        note = self.session.say(fault) if fault else ""
        if not note and edit is not None and edit.before is not None:
            note = self.session.say(texts.WAS, value=to_shown(name, edit.before))
        say(one.note, note)
        one.note.setVisible(bool(note) and flow.reading is not None)
        set_tone(one.note, "bad" if is_hard else ("warn" if fault else ""))
        set_tone(one.edit, "bad" if is_hard else ("edited" if edit else ""))

    def _edited(self, name: FieldName) -> None:
        text = self._rows[name].edit.text()
        value = from_shown(name, text)
        _, is_hard = fault_of(name, text)
        if is_hard or not value or value == values(self.session.flow).get(name, ""):
            return
        self.session.tell(FieldEdited(field=name, value=value))

    def on_words(self) -> tuple[str, bool]:
        """Going on needs the fields without which the gateway refuses the case."""
        words, is_open = super().on_words()
        return words, is_open and (
            self.session.flow.reading is None or not missing_fields(self.session.flow)
        )

    def first_focus(self) -> QWidget:
        """The first field that is missing, else the button to go on."""
        missing = missing_fields(self.session.flow) if self.session.flow.reading else ()
        return self._rows[missing[0]].edit if missing else self.on

    # ------------------------------------------------------------ picture

    def _turn(self, side: EvidenceKind) -> None:
        self._side = side
        self._sides[side].setChecked(True)
        self._show_side()

    def _show_side(self) -> None:
        side = self._side
        picture: QImage | None = self.session.cards.get(side) or self.session.pictures.get(side)
        if picture is not None:
            self.picture.show_still(picture)
        else:
            self.picture.show_nothing()
