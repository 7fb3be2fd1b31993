"""Every fault of a YAML glossary is one line that names file, line and remedy."""

from pathlib import Path

import pytest

from regloss.errors import GlossaryError, InputError
from regloss.glossary.entry import CaseRule, Context, Example, Forbidden, Guard, Kind
from regloss.glossary.yaml_file import ENTRY_KEYS, read_contexts, read_yaml

FULL = """\
# Short-video platforms.
- source: 快手
  target: Kuaishou
  admitted: [Kwai]
  forbidden:
    - quick hands
    - {form: fast hand, target: Kuaishou app, kind: noun, exact: true, guard: {unless: [boxer], before: ["^"]}}
  kind: name
  case: fixed
  domain: video
  guard: {unless: [goalkeeper], when: [app, 618], after: [$]}
  note: Short-video platform.
  examples:
    - {wrong: The quick hands grew., right: Kuaishou grew., source: 快手增长了。}
    - {keep: "His quick hands: a gift."}

- source: 618
  target: no
"""


def write(folder: Path, text: str, name: str = "short-video.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    entry, _ = read_yaml(write(tmp_path, FULL), "project")
    guard = Guard(unless=("boxer",), before=("^",))
    assert (entry.source, entry.target, entry.admitted) == ("快手", "Kuaishou", ("Kwai",))
    assert entry.forbidden == (
        Forbidden("quick hands"),
        Forbidden("fast hand", "Kuaishou app", Kind.NOUN, guard, exact=True),
    )
    assert (entry.kind, entry.case, entry.domain) == (Kind.NAME, CaseRule.FIXED, "video")
    assert entry.guard == Guard(unless=("goalkeeper",), when=("app", "618"), after=("$",))
    assert entry.note == "Short-video platform."
    assert entry.examples == (
        Example(wrong="The quick hands grew.", right="Kuaishou grew.", source="快手增长了。"),
        Example(keep="His quick hands: a gift."),
    )
    assert (entry.path, entry.line, entry.layer) == (tmp_path / "short-video.yaml", 2, "project")


def test_what_looks_like_a_number_or_a_truth_value_is_text(tmp_path: Path) -> None:
    entry = read_yaml(write(tmp_path, FULL))[1]
    assert (entry.source, entry.target) == ("618", "no")


def test_defaults(tmp_path: Path) -> None:
    text = "- {source: 主播, target: streamer}\n- {source: 快手, target: Kuaishou, kind: name}\n"
    noun, name = read_yaml(write(tmp_path, text))
    assert (noun.kind, noun.case, noun.domain, noun.forbidden) == (Kind.NOUN, CaseRule.SENTENCE, "short-video", ())
    assert name.case is CaseRule.FIXED


def test_a_key_left_empty_has_its_default(tmp_path: Path) -> None:
    (entry,) = read_yaml(write(tmp_path, "- source: 主播\n  target: streamer\n  forbidden:\n  note:\n  kind: ~\n"))
    assert (entry.forbidden, entry.note, entry.kind) == ((), "", Kind.NOUN)


def test_a_stem_with_a_dot_names_no_domain(tmp_path: Path) -> None:
    (entry,) = read_yaml(write(tmp_path, "- {source: a, target: b}\n", "regloss.glossary.yaml"))
    assert entry.domain == ""


@pytest.mark.parametrize("text", ["", "# only a comment\n", "[]\n", "~\n"])
def test_a_file_without_entries_is_empty(tmp_path: Path, text: str) -> None:
    assert read_yaml(write(tmp_path, text)) == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path, newline: str) -> None:
    first, second = read_yaml(write(tmp_path, "\ufeff" + FULL.replace("\n", newline)))
    assert (first.line, second.line, second.target) == (2, 17, "no")


FAULTS = {
    "unknown key": (
        "- source: a\n  target: b\n  forbiden: [c]\n",
        3,
        f"unknown key 'forbiden' in a term entry; did you mean 'forbidden'? known keys: {', '.join(ENTRY_KEYS)}",
    ),
    "unknown guard key": (
        "- {source: a, target: b, guard: {never: [c]}}\n",
        1,
        "unknown key 'never' in a guard; known keys: unless, when, before, after",
    ),
    "unknown key of a form": (
        "- source: a\n  target: b\n  forbidden:\n    - form: c\n      targt: d\n",
        5,
        "unknown key 'targt' in a forbidden form; did you mean 'target'? known keys: form, target, kind, guard, exact",
    ),
    "unknown example key": (
        "- source: a\n  target: b\n  examples:\n    - {bad: c}\n",
        4,
        "unknown key 'bad' in an example; known keys: wrong, right, keep, source",
    ),
    "key twice": (
        "- source: a\n  target: b\n  target: c\n",
        3,
        "key 'target' stands twice in this term entry; keep one",
    ),
    "source twice": (
        "- {source: a, target: b}\n\n- {source: a, target: c}\n",
        3,
        "'a' already has an entry on line 1; merge the two entries",
    ),
    "no target": ("- source: a\n", 1, "a term entry needs a 'target'; add 'target: …'"),
    "empty target": ("- source: a\n  target: ''\n", 2, "a term entry needs a 'target'; add 'target: …'"),
    "no source": ("- target: a\n", 1, "a term entry needs a 'source'; add 'source: …'"),
    "no form": (
        "- {source: a, target: b, forbidden: [{target: c}]}\n",
        1,
        "a forbidden form needs a 'form'; add 'form: …'",
    ),
    "target is a list": ("- source: a\n  target: [b, c]\n", 2, "'target' must be text, not a list"),
    "target on two lines": ('- source: a\n  target: "b\\nc"\n', 2, "'target' must stand on one line"),
    "admitted is text": (
        "- source: a\n  target: b\n  admitted: c\n",
        3,
        "'admitted' must be a list of texts, such as [c]",
    ),
    "forbidden is text": ("- source: a\n  target: b\n  forbidden: c\n", 3, "'forbidden' must be a list, not a text"),
    "empty item": ("- source: a\n  target: b\n  admitted: [c, '']\n", 3, "an item of 'admitted' is empty or not text"),
    "empty form": ("- source: a\n  target: b\n  forbidden: ['']\n", 3, "an item of 'forbidden' is empty or not text"),
    "unknown kind": (
        "- source: a\n  target: b\n  kind: nuon\n",
        3,
        "'kind' cannot be 'nuon'; choose from name, noun, verb, adjective, phrase",
    ),
    "unknown case": (
        "- source: a\n  target: b\n  case: upper\n",
        3,
        "'case' cannot be 'upper'; choose from fixed, sentence",
    ),
    "exact is no truth value": (
        "- {source: a, target: b, forbidden: [{form: c, exact: maybe}]}\n",
        1,
        "'exact' cannot be 'maybe'; choose from true, false",
    ),
    "guard is a list": (
        "- source: a\n  target: b\n  guard: [c]\n",
        3,
        "a guard is a mapping of keys and values, not a list",
    ),
    "example without right": (
        "- source: a\n  target: b\n  examples:\n    - {wrong: c}\n",
        4,
        "an example is either {wrong: …, right: …} or {keep: …}",
    ),
    "example with all": (
        "- source: a\n  target: b\n  examples:\n    - {wrong: c, right: d, keep: e}\n",
        4,
        "an example is either {wrong: …, right: …} or {keep: …}",
    ),
    "example without effect": (
        "- source: a\n  target: b\n  examples:\n    - {wrong: c, right: c}\n",
        4,
        "'wrong' and 'right' are the same sentence; write {keep: …} instead",
    ),
    "entry is text": ("- 快手\n", 1, "a term entry is a mapping of keys and values, not a text"),
    "top is a mapping": (
        "快手: Kuaishou\n",
        1,
        "a glossary is a list of term entries; begin each with '- source: …'",
    ),
    "alias": (
        "- source: a\n  target: &t b\n- source: c\n  target: *t\n",
        2,
        "YAML aliases (&name, *name) are not read; write the value out",
    ),
    "tag": (
        "- source: a\n  target: !!python/object/apply:os.system [ls]\n",
        2,
        "YAML tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read; remove it",
    ),
    "control character": ("- source: a\n  target: b\x00\n", 2, "holds the control character U+0000; remove it"),
}


@pytest.mark.parametrize(("text", "line", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_file_line_and_remedy(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GlossaryError) as caught:
        read_yaml(path)
    assert str(caught.value) == f"{path}:{line}: {message}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- source: a\n  target: 'b\n", 3),
        ("- {source: a\n- b\n", 3),
        ("- source: a\n target: b\n", 2),
        ("- source: a\n  target: b: c\n", 2),
        ("- source: *nothing\n", 1),
        ("- a\n---\n- b\n", 2),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, line: int) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GlossaryError, match="is not valid YAML: ") as caught:
        read_yaml(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["note: see: c", "forbidden: [Text:, c]"])
def test_a_colon_in_plain_text_is_explained(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, f"- source: a\n  target: b\n  {line}\n")
    with pytest.raises(GlossaryError) as caught:
        read_yaml(path)
    assert str(caught.value) == (
        f"{path}:3: is not valid YAML: there is one colon too many; put the text that holds it in quotes"
    )


def test_an_open_bracket_is_traced_to_its_beginning(tmp_path: Path) -> None:
    path = write(tmp_path, "- source: a\n  target: b\n- {source: c\n- source: d\n")
    with pytest.raises(GlossaryError, match="that begins on line 3"):
        read_yaml(path)


@pytest.mark.parametrize("bomb", ["[" * 100_000, "- " * 100_000 + "a", "{a: " * 100_000])
def test_deep_nesting_is_refused(tmp_path: Path, bomb: str) -> None:
    with pytest.raises(GlossaryError, match="is not valid YAML"):
        read_yaml(write(tmp_path, bomb))


def test_null_in_quotes_is_text(tmp_path: Path) -> None:
    (entry,) = read_yaml(write(tmp_path, "- {source: '~', target: 'null', forbidden: ['null']}\n"))
    assert (entry.source, entry.target, entry.forbidden) == ("~", "null", (Forbidden("null"),))


def test_aliases_that_would_multiply_are_refused(tmp_path: Path) -> None:
    rows = ["- source: a", "  target: b", "  note: &l0 [x]"]
    rows += [f"  n{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 40)]
    with pytest.raises(GlossaryError, match="aliases"):
        read_yaml(write(tmp_path, "\n".join(rows)))


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("- source: a\n  target: 快手\n".encode("gb18030"))
    with pytest.raises(GlossaryError) as caught:
        read_yaml(path)
    assert str(caught.value) == f"{path}:2: is not UTF-8 text; save the file as UTF-8"


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_yaml(tmp_path / "nothing.yaml")
    with pytest.raises(InputError, match="a folder, where a file is meant"):
        read_yaml(tmp_path)


def test_contexts(tmp_path: Path) -> None:
    path = write(tmp_path, "general: {strong: [yuan], weak: [user, 618]}\nmedia:\n  strong: [WeChat]\n")
    assert read_contexts(path) == {"general": Context(("yuan",), ("user", "618")), "media": Context(("WeChat",))}


def test_a_fault_in_contexts_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, "general: {strong: [yuan]}\nmedia: {stong: [x]}\n")
    with pytest.raises(GlossaryError) as caught:
        read_contexts(path)
    assert str(caught.value) == (
        f"{path}:2: unknown key 'stong' in a context; did you mean 'strong'? known keys: strong, weak"
    )
