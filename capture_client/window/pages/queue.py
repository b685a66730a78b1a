"""The queue: which cases wait on this machine, for what, and since when."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from capture_client.captions import caption
from capture_client.desk import QueueRow
from capture_client.window import texts
from capture_client.window.controls import button, label, say
from capture_client.window.page import Page
from capture_client.window.session import Session


class QueuePage(Page):
    """A table, and a button to open a case again."""

    title = texts.QUEUE_TITLE
    lead = texts.QUEUE_LEAD

    def __init__(
        self,
        session: Session,
        rows: Callable[[], Sequence[QueueRow]],
        on_resume: Callable[[str], object],
        on_close: Callable[[], object],
    ) -> None:
        super().__init__(session)
        self._rows, self._on_resume, self._on_close = rows, on_resume, on_close
        self._shown: tuple[QueueRow, ...] = ()
        self._empty = label("lead")
        self.table = QTableWidget(0, len(texts.QUEUE_COLUMNS))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(44)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(texts.QUEUE_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemSelectionChanged.connect(self._selected)
        self.table.cellActivated.connect(lambda _row, _column: self._resume())
        self.resume = button("", self._resume)
        self.add(self._empty)
        self.add(self.table, 1)
        self.body.addStretch(0)
        self.add_extra(self.resume)

    def enter(self) -> None:
        """Choose the oldest."""
        self.draw()
        if self._shown:
            self.table.selectRow(0)

    def draw(self) -> None:
        """Put the queue on the page; the selection stays."""
        super().draw()
        say_text = self.session.say
        say(self._empty, say_text(texts.QUEUE_EMPTY))
        say(self.resume, say_text(texts.RESUME))
        self.table.setAccessibleName(say_text(texts.QUEUE_TITLE))
        names = [say_text(text) for text in texts.QUEUE_COLUMNS]
        self.table.setHorizontalHeaderLabels(names)
        rows = tuple(self._rows())
        if rows != self._shown or self.table.rowCount() != len(rows):
            self._shown = rows
            self.table.setRowCount(len(rows))
        for i, one in enumerate(rows):
            self._draw_row(i, one)
        self.table.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        self._selected()

    def _draw_row(self, i: int, one: QueueRow) -> None:
        since = one.since.astimezone().strftime("%d/%m/%Y %H:%M") if one.since else "–"
        words = caption(one.waits_for).said(self.session.language)
        for j, text in enumerate((since, one.reference or "–", words)):
            there = self.table.item(i, j)
            if there is None:
                self.table.setItem(i, j, there := QTableWidgetItem())
            there.setText(text)
            there.setToolTip(text)

    def has_back(self) -> bool:
        """It closes instead."""
        return False

    def on_words(self) -> tuple[str, bool]:
        """Close."""
        return self.session.say(texts.CLOSE), True

    def first_focus(self) -> QWidget:
        """The table."""
        return self.table if self._shown else self.on

    def go_on(self) -> None:
        """Close."""
        self._on_close()

    def _selected(self) -> None:
        self.resume.setEnabled(self._chosen() is not None)

    def _chosen(self) -> QueueRow | None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self._shown[rows.pop()] if len(rows) == 1 else None

    def _resume(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._on_resume(chosen.case_id)
