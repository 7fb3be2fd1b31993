"""Undo of a run, of one file, of one term: exact bytes each time, in any order, and whatever happened in between."""

import contextlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regloss.batch import undo
from regloss.batch.fixing import fix_into
from regloss.batch.items import read_items
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.undo import undo_run
from regloss.config import Config
from regloss.document import Edit, Tier, apply_edits
from regloss.errors import InputError, UsageError
from regloss.formats import read_document, read_records
from regloss.formats.discover import discover
from regloss.formats.registry import known_suffixes
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer, RepairOptions
from regloss.repair.undo import FileRecord, digest
from regloss.run import repair_signature
from regloss.run.record import run_record

TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"
WRONG = "Kaishou and shake-sound-app grow.\r\nIt likes shake-sound-app and Kaishou.\r\n"
FILES = {
    "a.txt": ("\ufeff" + WRONG).encode(),
    "deep/b.md": b"# Kaishou\n\n*shake-sound-app* &amp; Kaishou\n",
    "c.jsonl": b'{"id": 1, "target": "Kaishou, shake-sound-app", "x": 1.50}\n\n{"id": 1, "target": "\\u4e2d Kaishou"}',
    "d.csv": 'target;note\n"Kaishou, ""shake-sound-app""";Kaishou\nplain Kaishou;x\n'.encode("utf-16"),
    "e.html": b"<p title='Kaishou'>Kaishou &amp; <b>shake-sound-app</b> &#8212; Kaishou</p><p>Fine.</p>",
    "f.json": b'[{"target": "\\u201cKaishou\\u201d \\/ shake-sound-app"}]',
}


def _make_files(folder: Path) -> Path:
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def repairer(tmp_path_factory: pytest.TempPathFactory) -> Repairer:
    terms = tmp_path_factory.mktemp("glossary") / "terms.tsv"
    terms.write_text(TERMS, encoding="utf-8")
    return Repairer(load_glossary((str(terms),)), RepairOptions(artefacts_off=frozenset({"all"})))


@pytest.fixture
def run(tmp_path: Path, repairer: Repairer) -> Path:
    """A finished `fix` of files of many formats."""
    out = tmp_path / "out"
    out.mkdir()
    files = discover([_make_files(tmp_path / "in")], known_suffixes())
    _, records = fix_into(files, out, repairer)
    record = run_record("fix", repair_signature(repairer.glossary, repairer.options), records, {})
    (out / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert all((out / name).read_bytes() != data for name, data in FILES.items())
    return out


def _texts(run: Path) -> dict[str, str]:
    return {
        name: " | ".join(record.target for record in read_records(run / name))
        if name.endswith(".jsonl")
        else read_document(run / name).text
        for name in FILES
    }


def _bytes(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in FILES}


def test_one_file_gets_its_bytes_back_and_the_others_keep_their_edits(run: Path) -> None:
    before = _bytes(run)
    restored = undo_run(run, files=["c.jsonl", "deep"])
    assert {each.path.name: each.edits for each in restored} == {"c.jsonl": 3, "b.md": 3}
    assert _bytes(run) == before | {name: FILES[name] for name in ("c.jsonl", "deep/b.md")}
    assert undo_run(run, files=["c.jsonl"]) == ()
    assert {each.path.name for each in undo_run(run)} == {"a.txt", "d.csv", "e.html", "f.json"}
    assert _bytes(run) == FILES


def test_a_file_may_be_named_by_its_path(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.parent)
    (restored,) = undo_run(Path("out"), files=["out/deep/b.md"])
    assert restored.path == Path("out/deep/b.md")


def test_the_edits_of_one_term_go_and_the_others_stay_in_every_format(run: Path) -> None:
    fixed = _texts(run)
    undo_run(run, terms=["快手"])
    assert _texts(run) == {name: text.replace("Kuaishou", "Kaishou") for name, text in fixed.items()}
    assert b"Kaishou &amp; <b>Douyin</b> &#8212; Kaishou" in (run / "e.html").read_bytes()
    lines = [json.loads(line) for line in (run / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [[edit["term"] for edit in line["edits"]] for line in lines] == [["抖音"], []]
    assert undo_run(run, terms=["快手"]) == ()
    undo_run(run)
    assert _bytes(run) == FILES


def test_one_term_in_one_file(run: Path) -> None:
    before = _bytes(run)
    (restored,) = undo_run(run, files=["a.txt"], terms=["抖音"])
    assert restored.edits == 2
    assert (run / "a.txt").read_bytes().decode() == "\ufeff" + WRONG.replace("Kaishou", "Kuaishou")
    assert _bytes(run) | {"a.txt": b""} == before | {"a.txt": b""}


def test_terms_undone_one_after_the_other_in_any_order_leave_the_original(run: Path) -> None:
    undo_run(run, files=["a.txt", "e.html"], terms=["抖音"])
    undo_run(run, terms=["快手"])
    undo_run(run, terms=["抖音"])
    for name in ("a.txt", "deep/b.md", "d.csv", "e.html", "f.json"):
        assert (run / name).read_bytes() == FILES[name]
    # Of JSONL, a line without edits is as `fix` writes it.
    assert _texts(run)["c.jsonl"] == "Kaishou, shake-sound-app | 中 Kaishou"
    undo_run(run)
    assert _bytes(run) == FILES


def test_an_undo_that_is_killed_can_be_gone_on_with_or_turned_into_another(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = undo.write_atomic
    for allowed in range(len(FILES) + 1):
        written: list[Path] = []

        def write(path: Path, data: bytes, allowed: int = allowed, written: list[Path] = written) -> None:
            if len(written) == allowed:
                raise KeyboardInterrupt
            written.append(path)
            real(path, data)

        monkeypatch.setattr(undo, "write_atomic", write)
        term = "快手" if allowed % 2 else "抖音"
        with contextlib.suppress(KeyboardInterrupt):
            undo_run(run, terms=[term])
        monkeypatch.setattr(undo, "write_atomic", real)
    undo_run(run, terms=["快手"])
    assert not any("Kuaishou" in text for text in _texts(run).values())
    undo_run(run)
    assert _bytes(run) == FILES


@pytest.mark.parametrize("terms", [(), ("快手",)])
def test_a_file_that_was_edited_since_is_refused_and_nothing_is_touched(run: Path, terms: Sequence[str]) -> None:
    (run / "f.json").write_bytes(b"mine now")
    before = _bytes(run)
    with pytest.raises(InputError, match=r"f\.json: was changed since the run; nothing was undone"):
        undo_run(run, terms=terms)
    assert _bytes(run) == before
    undo_run(run, files=["a.txt"], terms=terms)
    assert (run / "a.txt").read_bytes() != before["a.txt"]


def test_an_edit_after_a_partial_undo_is_refused_too(run: Path) -> None:
    undo_run(run, terms=["快手"])
    with (run / "a.txt").open("ab") as stream:
        stream.write(b"mine")
    with pytest.raises(InputError, match="was changed since"):
        undo_run(run)


def test_what_is_not_there_is_named_with_what_is(run: Path) -> None:
    with pytest.raises(UsageError, match=r"has no file 'nowhere\.txt'; it has: a\.txt, c\.jsonl"):
        undo_run(run, files=["a.txt", "nowhere.txt"])
    with pytest.raises(UsageError, match="no edit of '小红书' was made there; those of most edits: 快手, 抖音"):
        undo_run(run, terms=["小红书"])
    assert "Kuaishou" in _texts(run)["a.txt"]


def test_a_term_of_a_file_whose_edits_cannot_be_made_anew_is_refused(run: Path) -> None:
    log = run / "edits.jsonl"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line.pop("offset", None)
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"undo the whole file \(leave out --term\)"):
        undo_run(run, files=["e.html"], terms=["快手"])
    undo_run(run, files=["e.html"])
    assert (run / "e.html").read_bytes() == FILES["e.html"]


def test_a_record_that_points_elsewhere_is_refused(run: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_bytes(b"after")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    for name in ("../victim.txt", str(victim)):
        record["files"] = [FileRecord(name, digest(b"before"), digest(b"after"), "utf-8").as_record()]
        (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
        with pytest.raises(UsageError, match="outside"):
            undo_run(run)


@pytest.mark.parametrize("task", [TaskName.FIX, TaskName.RUN])
def test_a_batch_is_undone_by_term_and_by_file_and_can_be_resumed_in_between(task: TaskName, tmp_path: Path) -> None:
    place, terms = tmp_path / "in", tmp_path / "terms.tsv"
    place.mkdir()
    terms.write_text(TERMS, encoding="utf-8")
    for name in "ab":
        (place / f"{name}.en.txt").write_bytes(WRONG.encode())
        (place / f"{name}.zh.txt").write_text("快手和抖音增长。\n它喜欢抖音和快手。\n", encoding="utf-8")
    setup = Setup(tmp_path / "out", Config(glossary=(str(terms),), model="echo"), task)
    names = [f"{name}.en.txt" + ("/fixed.txt" if task is TaskName.RUN else "") for name in "ab"]

    def batch(*, resume: bool) -> None:
        items = read_items(place, (".txt",))
        run_batch(items, setup, BatchOptions(resume=resume), lambda _entry, _fresh: None)

    def contents() -> list[bytes]:
        return [(setup.folder / name).read_bytes() for name in names]

    batch(resume=False)
    assert contents() == [WRONG.replace("Kaishou", "Kuaishou").replace("shake-sound-app", "Douyin").encode()] * 2
    undo_run(setup.folder, terms=["快手"])
    batch(resume=True)
    assert contents() == [WRONG.replace("shake-sound-app", "Douyin").encode()] * 2
    undo_run(setup.folder, files=["a.en.txt"])
    assert contents() == [WRONG.encode(), WRONG.replace("shake-sound-app", "Douyin").encode()]
    undo_run(setup.folder)
    assert contents() == [WRONG.encode()] * 2


_PIECES = st.text(alphabet='aB \n\r\té\u0301İ😀中\u2028\u200f\ufeff&<"\\', max_size=8)
_LABELS = ("快手", "抖音", "artefact.x")


@st.composite
def _edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """Draw a text and edits in it that do not overlap."""
    text, edits = draw(_PIECES), []
    for _ in range(draw(st.integers(1, 6))):
        before, after = draw(_PIECES), draw(_PIECES)
        label = draw(st.sampled_from(_LABELS))
        term, rule = ("", label) if label.startswith("artefact") else (label, "term")
        edits.append(Edit(len(text), len(text) + len(before), before, after, term, Tier.AUTO, rule, "why"))
        text += before + draw(_PIECES.filter(bool))
    return text, edits


@settings(max_examples=150, deadline=None)
@given(st.lists(_edited(), min_size=1, max_size=3), st.permutations(_LABELS), st.data())
def test_any_terms_of_any_files_undone_in_any_order_leave_just_the_other_edits(
    texts: list[tuple[str, list[Edit]]], order: list[str], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        run = Path(name)
        gone: dict[str, set[str]] = {}
        originals: dict[str, tuple[str, list[Edit]]] = {}
        files, lines = [], []
        for number, (text, edits) in enumerate(texts):
            # An editor's mark at the beginning would be taken for one of the file.
            original = f"x{text}"
            moved = [_moved(edit) for edit in edits]
            fixed = apply_edits(original, moved)
            (run / f"{number}.txt").write_bytes(fixed.encode())
            files.append(FileRecord(f"{number}.txt", digest(original.encode()), digest(fixed.encode()), "utf-8"))
            lines += [json.dumps({"file": f"{number}.txt", **edit.as_record()}, ensure_ascii=False) for edit in moved]
            gone[f"{number}.txt"], originals[f"{number}.txt"] = set(), (original, moved)
        (run / "edits.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        (run / "run.json").write_text(json.dumps(run_record("fix", "s", files, {})), encoding="utf-8")
        for label in order:
            chosen = data.draw(st.lists(st.sampled_from(sorted(gone)), unique=True, min_size=1))
            try:
                undo_run(run, files=chosen, terms=[label])
            except UsageError:
                continue
            for each in chosen:
                gone[each].add(label)
            for each, (original, edits) in originals.items():
                kept = [edit for edit in edits if (edit.term or edit.rule) not in gone[each]]
                assert (run / each).read_bytes().decode() == apply_edits(original, kept)
        undo_run(run)
        assert all((run / each).read_bytes().decode() == original for each, (original, _) in originals.items())


def _moved(edit: Edit) -> Edit:
    return Edit(edit.start + 1, edit.end + 1, edit.before, edit.after, edit.term, edit.tier, edit.rule, edit.reason)


def test_bytes_are_read_as_they_were_before_the_edits(tmp_path: Path, repairer: Repairer) -> None:
    # With the wide space the text is plausibly Chinese; without it, its one letter left is not.
    wrong = "Kaishou\u3000app öü grows.\n".encode("gb18030")
    (tmp_path / "a.txt").write_bytes(wrong)
    edit = Edit(0, 11, "Kaishou\u3000app", "Kuaishou", "快手", Tier.AUTO, "term", "")
    after = apply_edits(wrong.decode("gb18030"), [edit]).encode("gb18030")
    run = tmp_path / "out"
    run.mkdir()
    (run / "a.txt").write_bytes(after)
    record = FileRecord("a.txt", digest(wrong), digest(after), "gb18030")
    (run / "run.json").write_text(json.dumps(run_record("fix", "", [record], {})), encoding="utf-8")
    (run / "edits.jsonl").write_text(json.dumps({"file": "a.txt", **edit.as_record()}) + "\n", encoding="utf-8")
    undo_run(run)
    assert (run / "a.txt").read_bytes() == wrong


@pytest.mark.parametrize(
    "spoilt",
    [
        {"files": 5},
        {"files": [{"name": "a.txt", "before": "x", "after": "y"}]},
        {"files": [{"name": 5, "before": "x", "after": "y", "encoding": "utf-8"}]},
        {"files": [{"name": "a.txt", "before": "x", "after": "y", "encoding": "utf-8", "undone": 5}]},
        {"files": [{"name": "a.txt", "before": "x", "after": "y", "encoding": "utf-8", "more": 5}]},
        {"configuration": {"fields": {"more": 5}}},
        {"configuration": 5},
        {"runs": [5]},
        {"runs": 5},
    ],
)
def test_a_damaged_record_is_refused_in_one_line(run: Path, spoilt: dict) -> None:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps(record | spoilt), encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json: is not the record of a run, or is damaged"):
        undo_run(run)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"start"', '"begin"'), ('"auto"', '"x"'), ('"start": ', '"start": "x", "y": '), ("{", "[{"), ("{", "5 #")],
)
def test_damaged_edits_are_refused_in_one_line(run: Path, old: str, new: str) -> None:
    log = run / "edits.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"edits\.jsonl: is damaged: .*; without it the run cannot be undone"):
        undo_run(run)
    assert (run / "a.txt").read_bytes() != FILES["a.txt"]
