from __future__ import annotations

from pathlib import Path

import pytest

from ekyc.evaluation.clip_figures import clip_figures
from ekyc.evaluation.clip_page import render_clips
from ekyc.evaluation.clip_records import ActionRead, ClipRecord, CueRead
from ekyc.evaluation.clips import ClipTruth, load_clips
from ekyc.evaluation.dataset import DatasetError
from ekyc.evaluation.statistics import Rate


def clip(number: int, species: str = "bona_fide", actions: str = "blink:2,smile") -> ClipTruth:
    return ClipTruth(
        file=f"{species}{number}.mp4", species=species, actions=actions, person=f"p{number % 3}"
    )


def record(
    one: ClipTruth, *, passed: bool | None, suspected: str = "", done: bool = True,
    events: dict[str, int] | None = None, rejected: str | None = None, identity: str = "match",
) -> ClipRecord:  # fmt: skip
    names = () if rejected else tuple(a.partition(":")[0] for a in one.actions.split(","))
    cues = {n: CueRead(score=0.5, suspicious=n == suspected) for n in ("frozen", "flat_turn")}
    return ClipRecord(
        key=one.key, sha256="", passed=passed, rejected=rejected,
        actions=tuple(
            ActionRead(action=n, passed=done, reason=None if done else "action_missing") for n in names
        ),
        cues={} if rejected else cues, events=events or {}, identity=None if rejected else identity,
        fps=12, duration_s=11, cpu_s=1.5,
    )  # fmt: skip


def test_exact_bounds_are_those_of_the_tables():
    assert Rate(part=0, whole=150).upper == pytest.approx(0.01977, abs=1e-4)
    assert Rate(part=1, whole=20).interval == pytest.approx((0.00127, 0.24873), abs=1e-4)
    assert Rate(part=5, whole=5).interval == pytest.approx((0.4782, 1.0), abs=1e-4)
    assert Rate(part=0, whole=0).interval is None
    assert Rate(part=0, whole=0).upper is None


def test_species_are_never_pooled_and_the_largest_apcer_is_told():
    clips = [*(clip(i, "still") for i in range(4)), *(clip(i, "replay") for i in range(2))]
    records = [record(c, passed=False, suspected="frozen") for c in clips[:4]]
    records += [record(clips[4], passed=True), record(clips[5], passed=False, done=False)]
    found = clip_figures(clips, records)
    assert found.species["still"].passed == Rate(part=0, whole=4)
    assert found.species["still"].reasons == {"frozen": 4}
    assert found.species["still"].by_cues.value == 1
    assert found.species["replay"].passed == Rate(part=1, whole=2)
    assert found.max_apcer == 0.5
    assert found.cues["frozen"].species["still"].value == 1
    assert found.refused.value is None


def test_living_people_without_an_answer_are_not_refused_ones():
    clips = [clip(i) for i in range(5)]
    records = [record(c, passed=True) for c in clips[:3]]
    records.append(record(clips[3], passed=False, suspected="flat_turn"))
    records.append(record(clips[4], passed=None, rejected="clip_no_face"))
    found = clip_figures(clips, records)
    assert found.refused == Rate(part=1, whole=5)
    assert found.refused_reasons == {"flat_turn": 1}
    assert found.unanswered == Rate(part=1, whole=5)
    assert found.people == 3


def test_actions_are_counted_where_asked_and_where_not():
    clips = [clip(0), clip(1, actions="turn_left")]
    records = [
        record(clips[0], passed=True, events={"blink": 2, "smile": 1, "turn_left": 1}),
        record(clips[1], passed=False, done=False, events={"blink": 1}),
    ]
    found = clip_figures(clips, records).actions
    assert found["blink"].hit == Rate(part=1, whole=1)
    assert found["blink"].false_alarm is None
    assert found["turn_left"].hit == Rate(part=0, whole=1)
    assert found["turn_left"].false_alarm == Rate(part=1, whole=1)
    assert found["turn_right"].false_alarm == Rate(part=0, whole=2)


def test_too_few_presentations_reach_no_bar_and_one_pass_misses_it():
    few = [clip(i, "still") for i in range(3)]
    enough = [clip(i, "cut") for i in range(150)]
    clips = [*few, *enough]
    records = [record(c, passed=False, suspected="frozen") for c in clips]
    bars = clip_figures(clips, records).bars
    assert bars["still"] is None
    assert bars["cut"] is True
    assert bars["bona_fide"] is None
    records[-1] = record(clips[-1], passed=True)
    assert clip_figures(clips, records).bars["cut"] is False


def test_living_people_are_a_bar_of_their_own():
    clips = [clip(i) for i in range(60)]
    records = [record(c, passed=i > 2) for i, c in enumerate(clips)]
    assert clip_figures(clips, records).bars == {"bona_fide": True}
    records[3] = record(clips[3], passed=False)
    assert clip_figures(clips, records).bars == {"bona_fide": False}
    assert clip_figures(clips[10:40], records[10:40]).bars == {"bona_fide": None}


def test_the_page_shows_mistakes_and_needs_nothing_else():
    clips = [clip(0), clip(1, "<replay>")]
    records = [record(clips[0], passed=True), record(clips[1], passed=True)]
    page = render_clips("Title", {"date": "today"}, clips, records, clip_figures(clips, records))
    assert "&lt;replay&gt;" in page
    assert "<replay>" not in page
    assert "1 in all" in page
    assert "http" not in page


def test_a_list_is_read_with_its_optional_columns(tmp_path: Path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    head = "file,species,actions,windows,person\n"
    rows = 'a.mp4,bona_fide,"blink:2,smile","0-2,2-4",lan\na.mp4,replay,smile,,\n'
    (tmp_path / "clips.csv").write_text(head + rows, encoding="utf-8")
    first, second = load_clips(tmp_path)
    assert (first.windows, first.person, first.is_bona_fide) == ("0-2,2-4", "lan", True)
    assert (second.windows, second.selfie, second.is_bona_fide) == ("", "", False)
    assert first.key != second.key


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no clips.csv"),
        ("file,species,actions\n", "names no clip"),
        ("file,species,actions\na.mp4,,smile\n", "species"),
        ("file,species,actions\nb.mp4,still,smile\n", "lacks b.mp4"),
    ],
    ids=["no list", "empty", "no species", "no file"],
)
def test_a_folder_that_is_no_data_set_says_why(tmp_path: Path, text: str | None, told: str):
    (tmp_path / "a.mp4").write_bytes(b"x")
    if text is not None:
        (tmp_path / "clips.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=told):
        load_clips(tmp_path)


def test_a_cue_that_was_never_evaluated_has_no_share_of_nought():
    clips = [clip(0), clip(1, "still"), clip(2, "still")]
    records = [record(c, passed=c.is_bona_fide, suspected="frozen") for c in clips]
    for one in records:
        one.cues["passive"] = CueRead(score=None, suspicious=None)
    records[1].cues["flat_turn"] = CueRead(score=None, suspicious=None)
    found = clip_figures(clips, records)
    assert (found.cues["passive"].unevaluated, found.cues["passive"].open) == (1, {"still": 2})
    page = render_clips("Liveness", {}, clips, records, found)
    row = page.partition("<td>still</td>")[2].partition("<td>still</td>")[2].partition("</tr>")[0]
    assert row == "<td>100 %</td><td>0 %</td><td>–</td>"
