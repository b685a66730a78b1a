"""The one stylesheet: light, calm, at least 4.5:1 between text and ground, and a focus that can be seen."""

from __future__ import annotations

INK, MUTED, GROUND, CARD = "#17212B", "#52606D", "#F4F6F8", "#FFFFFF"
LINE, ACCENT, ACCENT_DARK, ACCENT_PALE = "#C9D2DB", "#0B5CAD", "#084681", "#E3EEF9"
GOOD, GOOD_PALE, WARN, WARN_PALE, BAD, BAD_PALE = (
    "#17714A", "#E2F3EA", "#7A4F00", "#FFF3D6", "#A8261C", "#FCE8E6",
)  # fmt: skip
FOCUS = "#F2A900"

#: Kiosk mode is for people who stand and touch: everything is larger.
DESK_SCALE, KIOSK_SCALE = 1.0, 1.3
_BASE_PX = 15

_SHEET = """
* {{ font-family: "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; font-size: {base}px; color: {ink}; }}
QMainWindow, QWidget#body, QScrollArea, QWidget#scrolled {{ background: {ground}; }}
QWidget#rail {{ background: {card}; border-right: 1px solid {line}; }}
QWidget#footer {{ background: {card}; border-top: 1px solid {line}; }}
QFrame#panel {{ background: {card}; border: 1px solid {line}; border-radius: {radius}px; }}
QLabel {{ background: transparent; }}
QLabel#product {{ font-size: {large}px; font-weight: 700; color: {accent_dark}; }}
QLabel#title {{ font-size: {title}px; font-weight: 700; }}
QLabel#lead {{ color: {muted}; font-size: {base}px; }}
QLabel#label {{ font-weight: 600; }}
QLabel#small {{ color: {muted}; font-size: {small}px; }}
QLabel#huge {{ font-size: {huge}px; font-weight: 700; }}
QLabel[tone="good"] {{ color: {good}; }}
QLabel[tone="warn"] {{ color: {warn}; }}
QLabel[tone="bad"] {{ color: {bad}; }}
QFrame#banner {{ border-radius: {radius}px; background: {accent_pale}; }}
QFrame#banner[tone="good"] {{ background: {good_pale}; }}
QFrame#banner[tone="warn"] {{ background: {warn_pale}; }}
QFrame#banner[tone="bad"] {{ background: {bad_pale}; }}
QLabel#chip {{ border-radius: {small_radius}px; padding: 2px 8px; background: {ground}; color: {muted};
  font-size: {small}px; }}
QLabel#chip[tone="good"] {{ background: {good_pale}; color: {good}; }}
QLabel#chip[tone="warn"] {{ background: {warn_pale}; color: {warn}; }}
QLabel#chip[tone="edited"] {{ background: {accent_pale}; color: {accent_dark}; }}
QPushButton {{ min-height: {button}px; padding: 0 {pad}px; border: 1px solid {line}; border-radius: {radius}px;
  background: {card}; font-weight: 600; }}
QPushButton:hover {{ background: {ground}; }}
QPushButton:disabled {{ color: #8A96A3; background: {ground}; }}
QPushButton#primary {{ background: {accent}; color: white; border-color: {accent}; }}
QPushButton#primary:hover {{ background: {accent_dark}; }}
QPushButton#primary:disabled {{ background: #D5DDE5; color: #5F6C79; border-color: #D5DDE5; }}
QPushButton#danger {{ color: {bad}; }}
QPushButton#quiet, QPushButton#quietDanger {{ border: 2px solid transparent; background: transparent;
  color: {accent_dark}; padding: 0 8px; }}
QPushButton#quietDanger {{ color: {bad}; }}
QPushButton#quiet:hover, QPushButton#quietDanger:hover {{ background: {ground}; }}
QPushButton#quiet:disabled {{ color: #8A96A3; }}
QPushButton#step {{ border: 2px solid transparent; border-radius: {radius}px; background: transparent; text-align: left;
  font-weight: 500; padding: 0 10px; }}
QPushButton#step[state="current"] {{ background: {accent_pale}; color: {accent_dark}; font-weight: 700; }}
QPushButton#step:hover:enabled {{ background: {ground}; }}
QPushButton#step:disabled {{ color: #5F6C79; }}
QPushButton#step[state="current"]:disabled {{ color: {accent_dark}; }}
QPushButton:focus, QLineEdit:focus, QCheckBox:focus, QComboBox:focus, QTableWidget:focus {{
  border: 2px solid {focus}; }}
QLineEdit, QComboBox {{ min-height: {field}px; padding: 0 10px; border: 1px solid #7C8A98;
  border-radius: {small_radius}px; background: {card}; selection-background-color: {accent}; }}
QLineEdit[tone="bad"] {{ border: 2px solid {bad}; }}
QLineEdit[tone="edited"] {{ border: 2px solid {accent}; }}
QLineEdit:disabled {{ background: {ground}; color: {muted}; }}
QComboBox QAbstractItemView {{ background: {card}; selection-background-color: {accent_pale}; selection-color: {ink}; }}
QCheckBox {{ spacing: 10px; border: 2px solid transparent; border-radius: {small_radius}px; padding: 2px; }}
QCheckBox::indicator {{ width: {tick}px; height: {tick}px; }}
QTextBrowser {{ background: {card}; border: 1px solid {line}; border-radius: {radius}px; padding: 10px; }}
QTableWidget {{ background: {card}; border: 1px solid {line}; border-radius: {radius}px; gridline-color: {line}; }}
QTableWidget::item {{ padding: 0 8px; }}
QTableWidget::item:selected {{ background: {accent_pale}; color: {ink}; }}
QPushButton:checked {{ background: {accent_pale}; color: {accent_dark}; border: 2px solid {accent}; }}
QHeaderView::section {{ background: {ground}; border: none; border-bottom: 1px solid {line}; padding: 8px;
  font-weight: 600; }}
QScrollArea {{ border: none; }}
QToolTip {{ background: {ink}; color: white; border: none; padding: 4px; }}
"""


def stylesheet(scale: float = DESK_SCALE) -> str:
    """Return the stylesheet.

    Args:
        scale: of text and controls; `KIOSK_SCALE` for a kiosk.
    """

    def px(size: float) -> int:
        return round(size * scale)

    return _SHEET.format(
        base=px(_BASE_PX), small=px(13), large=px(17), title=px(24), huge=px(30), radius=px(8),
        small_radius=px(6), button=px(40), field=px(36), pad=px(18), tick=px(20),
        ink=INK, muted=MUTED, ground=GROUND, card=CARD, line=LINE, accent=ACCENT,
        accent_dark=ACCENT_DARK, accent_pale=ACCENT_PALE, good=GOOD, good_pale=GOOD_PALE,
        warn=WARN, warn_pale=WARN_PALE, bad=BAD, bad_pale=BAD_PALE, focus=FOCUS,
    )  # fmt: skip
