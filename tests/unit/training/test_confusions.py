import pytest

pytest.importorskip("rapidfuzz")

from training.confusions import Confusion, confusions


@pytest.mark.parametrize(
    ("truth", "read", "kind"),
    [
        ("Ế", "É", "hat"),
        ("Ồ", "Ộ", "tone"),
        ("ự", "ư", "tone"),
        ("Đ", "D", "other"),
        ("v", "V", "case"),
        ("", "I", "added"),
        ("n", "", "lost"),
        ("O", "0", "other"),
    ],
)
def test_a_confusion_says_what_the_letters_differ_in(truth: str, read: str, kind: str) -> None:
    assert Confusion(truth=truth, read=read).kind == kind


def test_edits_are_counted_from_the_truth_to_what_was_read() -> None:
    counts = confusions(["TRẤN AN", "HUE"], ["TRẦN VAN", "HUẾ"])
    assert counts == {
        Confusion(truth="Ầ", read="Ấ"): 1,
        Confusion(truth="V", read=""): 1,
        Confusion(truth="Ế", read="E"): 1,
    }
