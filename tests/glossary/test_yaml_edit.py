"""Adding and removing leave every other character of a glossary file as it is."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.errors import GlossaryError, InputError
from regloss.glossary.entry import CaseRule, Example, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.yaml_edit import add_entry, remove_entry, render_entry, write_yaml
from regloss.glossary.yaml_file import parse_yaml, read_yaml

FILE = """\
# Short-video platforms.   (trailing blanks stay)

- source:   快手     # odd spacing
  target: "Kuaishou"
  kind: name
  forbidden: [ quick hands,   'fast hands' ]  # two so far

# The next one is a verb.
- target: sell goods
  source: 带货
  kind: verb
  note: >
    folded
    text

# the end
"""
STREAMER = TermEntry("主播", "streamer", forbidden=(Forbidden("anchor"),), domain="")


def write(folder: Path, text: str, name: str = "terms.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def content(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def plain(entry: TermEntry) -> TermEntry:
    return replace(entry, path=None, line=None, layer="", domain="")


def test_add_keeps_every_other_character(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    line = add_entry(path, STREAMER)
    assert content(path) == FILE + "\n- source: 主播\n  target: streamer\n  forbidden: [anchor]\n  kind: noun\n"
    assert line == 18
    assert [entry.source for entry in read_yaml(path)] == ["快手", "带货", "主播"]


def test_add_then_remove_is_the_file_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    add_entry(path, STREAMER)
    assert plain(remove_entry(path, "主播")) == plain(STREAMER)
    assert content(path) == FILE


def test_add_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "regloss.glossary.yaml"
    assert add_entry(path, STREAMER) == 1
    assert content(path) == "- source: 主播\n  target: streamer\n  forbidden: [anchor]\n  kind: noun\n"


def test_add_keeps_line_ends_byte_order_mark_and_indentation(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff  - source: a\r\n    target: b")
    add_entry(path, STREAMER)
    assert content(path) == (
        "\ufeff  - source: a\r\n    target: b\r\n"
        "\r\n  - source: 主播\r\n    target: streamer\r\n    forbidden: [anchor]\r\n    kind: noun\r\n"
    )


def test_add_keeps_a_dense_file_dense(tmp_path: Path) -> None:
    text = "- {source: a, target: b}\n- {source: c, target: d}\n"
    path = write(tmp_path, text)
    add_entry(path, TermEntry("e", "f"))
    assert content(path) == text + "- source: e\n  target: f\n  kind: noun\n"


@pytest.mark.parametrize("text", ["", "[]\n", "# Mine.\n"])
def test_add_to_a_file_without_entries(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    add_entry(path, STREAMER)
    assert [entry.source for entry in read_yaml(path)] == ["主播"]
    assert content(path).startswith(text.removeprefix("[]\n"))


def test_add_refuses_a_source_that_is_there(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    with pytest.raises(GlossaryError) as caught:
        add_entry(path, TermEntry("快手", "Kuaishou"))
    assert str(caught.value) == f"{path}:3: '快手' already has an entry; merge (--merge) to add forbidden forms"
    with pytest.raises(GlossaryError) as caught:
        add_entry(path, TermEntry("快手", "Kwai"), merge=True)
    assert str(caught.value) == f"{path}:3: '快手' already has the target 'Kuaishou'; change it there"
    assert content(path) == FILE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  forbidden: [ x,   'y' ]  # two\n", "  forbidden: [ x,   'y', z z ]  # two\n"),
        ("  forbidden: [x,\n    y, # last\n  ]\n", "  forbidden: [x,\n    y, z z, # last\n  ]\n"),
        ("  forbidden:\n  - x\n  - y # last\n", "  forbidden:\n  - x\n  - y # last\n  - z z\n"),
        (
            "  forbidden:\n    - x\n    - form: y\n      exact: true\n",
            "  forbidden:\n    - x\n    - form: y\n      exact: true\n    - z z\n",
        ),
        ("  forbidden: []\n", "  forbidden: [z z]\n"),
        ("  forbidden:\n", "  forbidden: [z z]\n"),
        ("  forbidden: ~ # none\n", "  forbidden: [z z] # none\n"),
        ("", "  forbidden: [z z]\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_merging_adds_forms_in_the_style_of_the_entry(tmp_path: Path, before: str, after: str, newline: str) -> None:
    frame = "# top\n- source: a\n  target: b # right\n{}  note: n # why\n\n- {{source: c, target: d}}\n"
    path = write(tmp_path, frame.format(before).replace("\n", newline))
    new = TermEntry("a", "b", forbidden=(Forbidden("X"), Forbidden("z z")))
    if "x" not in before:
        new = replace(new, forbidden=(Forbidden("z z"),))
    assert add_entry(path, new, merge=True) == 2
    assert content(path) == frame.format(after).replace("\n", newline)


def test_merging_into_an_entry_in_braces(tmp_path: Path) -> None:
    path = write(tmp_path, "- {source: a, target: b}\n")
    add_entry(path, TermEntry("a", "b", forbidden=(Forbidden("c, d"),)), merge=True)
    assert content(path) == '- {source: a, target: b, forbidden: ["c, d"]}\n'


def test_merging_nothing_new_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    add_entry(path, TermEntry("快手", "Kuaishou", forbidden=(Forbidden("Fast Hands"),)), merge=True)
    assert content(path) == FILE


def test_remove_cuts_out_the_lines_of_the_entry(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    removed = remove_entry(path, "带货")
    assert (removed.target, removed.note) == ("sell goods", "folded text")
    start = FILE.index("- target: sell goods")
    assert content(path) == FILE[:start] + "\n# the end\n"


def test_remove_the_first_of_two(tmp_path: Path) -> None:
    path = write(tmp_path, "- source: a\n  target: b\n\n- source: c\n  target: d\n")
    remove_entry(path, "a")
    assert content(path) == "- source: c\n  target: d\n"
    remove_entry(path, "c")
    assert content(path) == ""
    assert read_yaml(path) == ()


def test_remove_names_the_file_that_has_no_such_entry(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    with pytest.raises(GlossaryError) as caught:
        remove_entry(path, "抖音")
    assert str(caught.value) == f"{path}: has no entry '抖音'"


@pytest.mark.parametrize("text", ["[{source: a, target: b}]\n", "[\n  {source: a, target: b}\n]\n"])
def test_a_list_in_brackets_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GlossaryError, match="is one list in brackets"):
        add_entry(path, STREAMER)
    with pytest.raises(GlossaryError, match="is one list in brackets"):
        remove_entry(path, "a")
    assert content(path) == text


def test_an_addition_that_would_not_read_back_leaves_the_file(tmp_path: Path) -> None:
    text = "- {source: a, target: b}\n...\n"
    path = write(tmp_path, text)
    with pytest.raises(GlossaryError):
        add_entry(path, STREAMER)
    assert content(path) == text


@pytest.mark.parametrize("entry", [TermEntry("", "b"), TermEntry("a", " "), TermEntry("a", "b\nc")])
def test_an_invalid_entry_is_refused(tmp_path: Path, entry: TermEntry) -> None:
    path = write(tmp_path, FILE)
    with pytest.raises(GlossaryError, match=r"needs a|on one line"):
        add_entry(path, entry)
    assert content(path) == FILE


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, FILE)

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match=r"cannot be written \(no space left on device\)"):
        add_entry(path, STREAMER)
    assert content(path) == FILE
    assert [each.name for each in tmp_path.iterdir()] == ["terms.yaml"]


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    add_entry(link, STREAMER)
    assert link.is_symlink()
    assert content(path).startswith(FILE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_full_entry_is_rendered_in_the_order_of_the_design() -> None:
    guard = Guard(unless=("boxing", "goalkeeper"), before=("^",))
    entry = TermEntry(
        source="快手",
        target="Kuaishou",
        admitted=("Kwai",),
        forbidden=(
            Forbidden("quick hands"),
            Forbidden("fast hand", "the app", Kind.NOUN, Guard(when=("app",)), exact=True),
        ),
        kind=Kind.NAME,
        case=CaseRule.SENTENCE,
        domain="short-video",
        guard=guard,
        note="A platform: #1.",
        examples=(Example(wrong="A.", right="B.", source="乙。"), Example(keep='Say "a".')),
    )
    text = render_entry(entry)
    assert text == (
        "- source: 快手\n"
        "  target: Kuaishou\n"
        "  admitted: [Kwai]\n"
        "  forbidden:\n"
        "    - quick hands\n"
        "    - {form: fast hand, target: the app, kind: noun, guard: {when: [app]}, exact: true}\n"
        "  kind: name\n"
        "  case: sentence\n"
        "  domain: short-video\n"
        '  guard: {unless: [boxing, goalkeeper], before: ["^"]}\n'
        '  note: "A platform: #1."\n'
        "  examples:\n"
        '    - {wrong: "A.", right: "B.", source: "乙。"}\n'
        '    - {keep: "Say \\"a\\"."}\n'
    )
    (found,) = parse_yaml(text, Path("x.yaml"))
    assert plain(found.entry) == plain(entry)


LINES = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
    .map(str.strip)
    .filter(lambda text: len(text.splitlines()) == 1 and not set(text) & set("\ufffe\uffff"))
)


@given(LINES, LINES, st.lists(LINES, max_size=3), LINES)
def test_any_text_survives_rendering(source: str, target: str, forms: list[str], note: str) -> None:
    entry = TermEntry(source, target, forbidden=tuple(map(Forbidden, forms)), note=note)
    (found,) = parse_yaml(render_entry(entry), Path("x.yaml"))
    assert plain(found.entry) == plain(entry)


def test_write_yaml_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    entries = (STREAMER, TermEntry("快手", "Kuaishou", kind=Kind.NAME, case=CaseRule.FIXED, domain="video"))
    write_yaml(path, entries)
    assert [entry.domain for entry in read_yaml(path)] == ["out", "video"]
    write_yaml(path, ())
    assert read_yaml(path) == ()


def test_a_form_without_the_entry_s_guard_survives_writing(tmp_path):
    path = tmp_path / "terms.yaml"
    text = "- source: 快手\n  target: Kuaishou\n  forbidden: [{form: Kaishou, guard: none}, quick hand]\n"
    path.write_text(text + "  guard: {unless: [boxer]}\n", encoding="utf-8")
    (entry,) = read_yaml(path)
    assert [form.unguarded for form in entry.forbidden] == [True, False]
    again = tmp_path / "again.yaml"
    add_entry(again, entry)
    (written,) = read_yaml(again)
    assert written.forbidden == entry.forbidden
