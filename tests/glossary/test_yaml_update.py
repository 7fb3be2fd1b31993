"""Changing an entry touches the text of what differs, and nothing else in the file."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.errors import GlossaryError
from regloss.glossary.entry import CaseRule, Example, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.yaml_edit import update_entry, write_yaml
from regloss.glossary.yaml_file import read_yaml

FILE = """\
# Platforms.
- source: 快手     # odd spacing
  target: "Kuaishou"
  kind: name
  forbidden: [ quick hands,   'fast hands', quick player ]  # three so far
  guard: {unless: [boxing]}
  examples:
    - {keep: "Quick hands win."}   # from a reader

# The next one.
- target: sell goods
  source: 带货
  kind: verb
  forbidden:
    # seen often
    - bring goods
    - take goods
    # seen once
    - carry goods
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "terms.yaml"
    file.write_text(FILE, encoding="utf-8")
    return file


def entry(path: Path, source: str = "快手") -> TermEntry:
    return next(each for each in read_yaml(path) if each.source == source)


def check(path: Path, wanted: TermEntry, *changes: tuple[str, str]) -> None:
    update_entry(path, wanted)
    text = FILE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    assert path.read_text(encoding="utf-8") == text


def test_nothing_to_change_changes_nothing(path: Path) -> None:
    assert update_entry(path, entry(path)) == 2
    assert path.read_text(encoding="utf-8") == FILE


def test_a_guard_and_an_example_are_put_in(path: Path) -> None:
    old = entry(path)
    wanted = replace(
        old, guard=Guard(unless=("boxing", "judo")), examples=(*old.examples, Example(keep="Quick hands lose."))
    )
    reader = '    - {keep: "Quick hands win."}   # from a reader\n'
    check(path, wanted, ("[boxing]", "[boxing, judo]"), (reader, reader + '    - {keep: "Quick hands lose."}\n'))


def test_an_item_changes_alone(path: Path) -> None:
    old = entry(path)
    guarded = Forbidden("fast hands", guard=Guard(unless=("piano",)))
    forms = tuple(guarded if form.form == "fast hands" else form for form in old.forbidden)
    check(path, replace(old, forbidden=forms), ("'fast hands'", "{form: fast hands, guard: {unless: [piano]}}"))


@pytest.mark.parametrize(
    ("gone", "before", "after"),
    [
        ("quick hands", "quick hands,   'fast", "'fast"),
        ("fast hands", ",   'fast hands'", ""),
        ("quick player", ", quick player", ""),
    ],
)
def test_an_item_leaves_alone(path: Path, gone: str, before: str, after: str) -> None:
    old = entry(path)
    check(path, replace(old, forbidden=tuple(f for f in old.forbidden if f.form != gone)), (before, after))


def test_an_item_of_a_list_of_lines_leaves_with_its_line(path: Path) -> None:
    old = entry(path, "带货")
    forms = tuple(form for form in old.forbidden if form.form != "take goods")
    check(path, replace(old, forbidden=forms), ("    - take goods\n", ""))


def test_keys_come_and_go(path: Path) -> None:
    old = entry(path, "带货")
    update_entry(path, replace(old, note="a: b", case=CaseRule.FIXED))
    assert path.read_text(encoding="utf-8") == FILE + '  case: fixed\n  note: "a: b"\n'
    update_entry(path, old)
    assert path.read_text(encoding="utf-8") == FILE


def test_a_comment_is_never_lost(path: Path) -> None:
    old = entry(path, "带货")
    with pytest.raises(GlossaryError, match="a comment stands within '带货' where it changes; edit it by hand"):
        update_entry(path, replace(old, forbidden=()))
    assert path.read_text(encoding="utf-8") == FILE


def test_an_entry_in_braces_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text("- {source: a, target: b}\n- {source: c, target: d}\n")
    update_entry(file, replace(entry(file, "a"), kind=Kind.VERB))
    assert file.read_text() == "- source: a\n  target: b\n  kind: verb\n- {source: c, target: d}\n"


def test_an_unknown_entry_is_refused(path: Path) -> None:
    with pytest.raises(GlossaryError, match="has no entry 'x'"):
        update_entry(path, TermEntry("x", "y"))


WORD = st.text("abc 中'\"#:,[]{}-", min_size=1, max_size=6).map(str.strip).filter(bool)
WORDS = st.lists(WORD, max_size=3, unique=True).map(tuple)
ENTRY = st.builds(
    TermEntry,
    source=st.just("快手"),
    target=WORD,
    admitted=WORDS,
    forbidden=st.lists(
        st.builds(Forbidden, WORD, target=st.just("") | WORD, exact=st.booleans()),
        max_size=3,
        unique_by=lambda f: f.form,
    ).map(tuple),
    kind=st.sampled_from(Kind),
    case=st.sampled_from(CaseRule),
    domain=st.sampled_from(["terms", "video"]),
    guard=st.builds(Guard, WORDS, WORDS),
    note=st.just("") | WORD,
    examples=st.lists(st.builds(Example, keep=WORD), max_size=2).map(tuple),
)


@given(old=ENTRY, new=ENTRY)
def test_any_entry_can_become_any_other(
    tmp_path_factory: pytest.TempPathFactory, old: TermEntry, new: TermEntry
) -> None:
    file = tmp_path_factory.mktemp("update") / "terms.yaml"
    others = TermEntry("a", "b", domain="terms"), TermEntry("z", "y", domain="terms")
    try:
        write_yaml(file, (others[0], old, others[1]))
        update_entry(file, new)
    except GlossaryError as exc:
        # Refused is allowed; wrong is not.
        if "a comment stands within" not in str(exc):
            raise
        return
    bare = [replace(each, path=None, line=None, layer="bundled") for each in read_yaml(file)]
    assert bare == [others[0], new, others[1]]
