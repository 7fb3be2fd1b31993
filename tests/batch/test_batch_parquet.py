"""Parquet is repaired some rows at a time, each row a document of its own, with the bytes of one repaired at once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from regloss.batch.fixing import EditLog, FileOutcome, fix_document, fix_file
from regloss.batch.undo import undo_run
from regloss.cli.options import repair_options
from regloss.document import Tier
from regloss.errors import FormatError, InputError
from regloss.formats import parquet as rows
from regloss.formats.discover import InputFile
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer
from regloss.repair.undo import FileRecord
from regloss.run.record import run_record

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra parquet")
from pyarrow import parquet  # noqa: E402

TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"


@pytest.fixture
def repairer(tmp_path: Path) -> Repairer:
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    return Repairer(load_glossary([str(tmp_path / "terms.tsv")]), repair_options(Tier.AUTO, ()))


def _table(path: Path, texts: list[str | None], **more: Any) -> InputFile:
    columns = {"id": list(range(len(texts))), "target": pyarrow.array(texts, pyarrow.string())}
    parquet.write_table(pyarrow.table(columns), path, **more)
    return InputFile(path, path.name)


def _fixed(file: InputFile, out: Path, repairer: Repairer) -> tuple[FileOutcome, FileRecord, list[dict[str, Any]]]:
    edits, proposals = io.StringIO(), io.StringIO()
    outcome, record = fix_file(file, out, repairer, None, EditLog(edits, proposals, repairer.options.applied))
    return outcome, record, [json.loads(line) for line in edits.getvalue().splitlines()]


TEXTS = [
    None,
    "Kaishou grows.",
    "",
    "  Kaishou!\u2029\n ",
    "good",
    *(f"Kaishou {n}" for n in range(9)),
    "shake-sound-app",
]


@pytest.mark.parametrize("at_once", [1, 4, 256])
def test_some_rows_at_a_time_give_what_all_at_once_give(
    tmp_path: Path, repairer: Repairer, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(rows, "_ROWS", at_once)
    file = _table(tmp_path / "a.parquet", TEXTS, row_group_size=6, compression="zstd")
    whole = fix_document(file, repairer)
    outcome, record, edits = _fixed(file, tmp_path / "out", repairer)
    assert (tmp_path / "out/a.parquet").read_bytes() == whole.after
    assert whole.after != whole.before
    places = [(edit["start"], edit["end"], edit["before"], edit["segment"]) for edit in edits]
    assert places == [(edit.start, edit.end, edit.before, edit.segment) for edit in whole.repaired.edits]
    assert [edit["unit"] for edit in edits[:2]] == ["row2", "row4"]
    assert (outcome.documents, outcome.changed, outcome.edits) == (13, 12, 12)
    assert outcome.segments == len(whole.repaired.segments)
    assert record.original == ".originals/a.parquet.gz"


def test_one_term_can_be_taken_back(tmp_path: Path, repairer: Repairer) -> None:
    file = _table(tmp_path / "a.parquet", TEXTS, row_group_size=6)
    out = tmp_path / "out"
    _, record, edits = _fixed(file, out, repairer)
    (out / "edits.jsonl").write_text("".join(json.dumps(edit) + "\n" for edit in edits), encoding="utf-8")
    (out / "run.json").write_text(json.dumps(run_record("fix", "", [record], {})), encoding="utf-8")
    undo_run(out, terms=("抖音",))
    texts = parquet.read_table(out / "a.parquet").column("target").to_pylist()
    assert (texts[-1], texts[1]) == ("shake-sound-app", "Kuaishou grows.")
    undo_run(out)
    assert (out / "a.parquet").read_bytes() == file.path.read_bytes()


def test_rows_do_not_speak_for_each_other(tmp_path: Path) -> None:
    repairer = Repairer(load_glossary(), repair_options(Tier.AUTO, ()))
    video = "Douyin and Kuaishou streamers sell by livestream, and a short video platform lives on e-commerce."
    boxer = "He has very quick hands."
    file = _table(tmp_path / "a.parquet", [video] * 20 + [boxer])
    assert fix_document(file, repairer).repaired.text.endswith(boxer)
    # As one document they would: it would be one about short video.
    (tmp_path / "a.txt").write_text("\n\n".join([video] * 20 + [boxer]), encoding="utf-8")
    assert not fix_document(InputFile(tmp_path / "a.txt", "a.txt"), repairer).repaired.text.endswith(boxer)


def test_an_unchanged_table_keeps_its_bytes(tmp_path: Path, repairer: Repairer) -> None:
    file = _table(tmp_path / "a.parquet", ["good", None], compression="gzip", use_dictionary=False)
    _fixed(file, tmp_path / "out", repairer)
    assert (tmp_path / "out/a.parquet").read_bytes() == file.path.read_bytes()


def test_tables_without_text_or_damaged_are_refused(tmp_path: Path, repairer: Repairer) -> None:
    for number, texts in enumerate(([], [None, " "])):
        file = _table(tmp_path / f"{number}.parquet", texts)
        with pytest.raises(InputError, match=r"\d\.parquet: the document is empty"):
            _fixed(file, tmp_path / "out", repairer)
    path = tmp_path / "damaged.parquet"
    file = _table(path, [f"Kaishou {n}" for n in range(2000)], compression="none")
    data = path.read_bytes()
    place = data.index(b"Kaishou 5")
    path.write_bytes(data[:place] + b"\xff" * 2000 + data[place + 2000 :])
    with pytest.raises(FormatError, match="is damaged"):
        _fixed(file, tmp_path / "out", repairer)
