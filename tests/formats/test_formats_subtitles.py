import pytest
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError


def test_only_the_text_of_cues_changes_in_srt() -> None:
    data = (DATA / "film.srt").read_bytes()
    new = rewrite(data, "film.srt", "quick hands", "Kuaishou")
    assert new == data.replace(b"<i>The quick hands</i>", b"<i>The Kuaishou</i>")
    assert texts(parse(data, "film.srt"))[1] == "Welcome to quick\r\nhands, old irons!"


def test_a_name_may_take_the_place_of_words_on_two_lines() -> None:
    data = (DATA / "film.srt").read_bytes()
    new = rewrite(data, "film.srt", "quick\r\nhands", "Kuaishou")
    assert new == data.replace(b"quick\r\nhands", b"Kuaishou")


def test_only_the_text_of_cues_changes_in_vtt() -> None:
    data = (DATA / "film.vtt").read_bytes()
    new = rewrite(data, "film.vtt", "quick hands", "K & S")
    assert new == data.replace(b"<v Host>The quick hands", b"<v Host>The K &amp; S").replace(
        b"<c.loud>quick hands", b"<c.loud>K &amp; S"
    )


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_a_new_text_can_neither_end_its_cue_nor_begin_one(name: str) -> None:
    head = "WEBVTT\n\n" if name == "a.vtt" else ""
    cues = head + "00:00:01.000 --> 00:00:02.000\nquick hands\n\n00:00:03.000 --> 00:00:04.000\nb\n"
    new = rewrite(cues, name, "quick hands", "x\n\r\n\ny\n00:00:01,000 --> 00:00:02,000")
    assert len(parse(new, name).units) == 2
    assert new.count(b"-->") == 2


@pytest.mark.parametrize(
    ("cues", "units"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\nb", ["a\n2", "b"]),
        ('1\n00:00:01,000 --> 00:00:02,000 X1:1 X2:2\n{\\an8}<font color="#fff">a</font>\n', ["a"]),
        ("1\n0:0:1,0 --> 0:0:2,0\n\n\n2\n00:00:03,000 --> 00:00:04,000\r\nb", ["b"]),
        ("1\n00:00:01,000 --> 00:00:02,000\na < b & c > d\n", ["a < b & c > d"]),
    ],
)
def test_units_of_subtitles(cues: str, units: list[str]) -> None:
    assert texts(parse(cues, "a.srt")) == units


def test_what_is_no_subtitle_is_refused() -> None:
    with pytest.raises(FormatError, match=r"a\.srt: has no line with times"):
        parse("hello", "a.srt")
    with pytest.raises(FormatError, match=r"a\.vtt:1: does not begin with WEBVTT"):
        parse("1\n00:00:01,000 --> 00:00:02,000\na", "a.vtt")
