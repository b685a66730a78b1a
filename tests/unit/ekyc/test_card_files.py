from pathlib import Path

import pytest

from ekyc.card_files import NothingToRead, gather


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def seen(paths: list[Path], root: Path) -> list[tuple[str, str | None]]:
    return [
        (str(c.front.relative_to(root)), str(c.back.relative_to(root)) if c.back else None)
        for c in gather(paths)
    ]


def test_two_files_are_front_and_back_whatever_they_are_called(tmp_path: Path) -> None:
    touch(tmp_path, "x.jpg", "y.png")
    assert seen([tmp_path / "x.jpg", tmp_path / "y.png"], tmp_path) == [("x.jpg", "y.png")]


def test_more_files_are_paired_by_name(tmp_path: Path) -> None:
    names = ["a_front.jpg", "a_back.jpg", "b.jpg", "c_back.jpg"]
    touch(tmp_path, *names)
    assert seen([tmp_path / name for name in names], tmp_path) == [
        ("a_front.jpg", "a_back.jpg"),
        ("b.jpg", None),
        ("c_back.jpg", None),
    ]


def test_a_folder_is_searched_to_the_bottom_in_a_stable_order(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "b/1-FRONT.JPG", "b/1-back.png", "a/1-front.jpg", "a/mat_truoc.jpg", "a/mat_sau.jpg",
        "a/notes.md", ".hidden/x.jpg", "a/1-front.front.overlay.jpg", "z.heic",
    )  # fmt: skip
    assert seen([tmp_path], tmp_path) == [
        ("z.heic", None),
        ("a/1-front.jpg", None),
        ("a/mat_truoc.jpg", "a/mat_sau.jpg"),
        ("b/1-FRONT.JPG", "b/1-back.png"),
    ]


def test_a_list_names_a_card_a_line(tmp_path: Path) -> None:
    touch(tmp_path, "p/x.jpg", "p/y.jpg", "p/z.jpg")
    listed = tmp_path / "p" / "cards.txt"
    listed.write_text("\ufeff# of today\nx.jpg\ty.jpg\r\n\nz.jpg\nabsent.jpg\n", encoding="utf-8")
    assert seen([listed], tmp_path) == [
        ("p/x.jpg", "p/y.jpg"),
        ("p/z.jpg", None),
        ("p/absent.jpg", None),
    ]


def test_a_link_to_a_folder_above_is_no_circle(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert seen([tmp_path], tmp_path) == [("a/x.jpg", None)]


@pytest.mark.parametrize("name", ["none.jpg", "empty", "binary.txt", "blank.txt"])
def test_nothing_to_read_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "blank.txt").write_text("\n")
    with pytest.raises(NothingToRead):
        gather([tmp_path / name])


def test_names_of_results_never_collide(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.jpg", "b/x.jpg", "b/X.png", "b/y.jpg")
    names = [c.name for c in gather([tmp_path, tmp_path / "b" / "y.jpg", tmp_path / "b" / "y.jpg"])]
    assert len({name.casefold() for name in names}) == len(names) == 6
    assert not any("/" in name for name in names)


def test_a_plain_file_gives_a_plain_name(tmp_path: Path) -> None:
    touch(tmp_path, "p1_front.jpg")
    assert gather([tmp_path / "p1_front.jpg"])[0].name == "p1_front"
