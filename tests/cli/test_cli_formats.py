"""`regloss fix` on files of every format: sources of their own, offsets into the file, and the exact way back."""

import contextlib
import io
import json
import sys
from pathlib import Path
from unittest import mock

import pytest

from regloss.cli import main
from regloss.formats import decode

DATA = Path(__file__).parents[1] / "formats" / "data"
PACKED = (".docx", ".xlsx", ".parquet")
FILES = sorted(path for path in DATA.iterdir() if not path.name.startswith("."))


def regloss(*arguments: str) -> str:
    """Return what a command that succeeds writes to stdout."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with (
        mock.patch.object(sys, "argv", ["regloss", *arguments]),
        contextlib.redirect_stdout(out),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert ended.value.code == 0
    out.seek(0)
    return out.read()


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fixed") / "out"
    regloss("fix", str(DATA), "-o", str(out))
    return out


def edits_of(out: Path, name: str) -> list[dict[str, object]]:
    lines = map(json.loads, (out / "edits.jsonl").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line["file"] == name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_edits_name_their_unit_and_their_place_in_the_file(fixed: Path, path: Path) -> None:
    edits = edits_of(fixed, path.name)
    assert edits or path.name == "page-gb.html"
    assert all(edit["unit"] for edit in edits)
    if path.suffix in PACKED:
        return
    text, _ = decode(path.read_bytes(), path)
    pieces, position = [], 0
    for edit in sorted(edits, key=lambda edit: edit["start"]):
        # A string of a catalogue may go on in the next line.
        assert text[edit["start"] : edit["end"]].replace('"\n"', "") == edit["before"]
        pieces.append(text[position : edit["start"]])
        position = edit["end"]
    after = decode((fixed / path.name).read_bytes(), path)[0]
    for piece in (*pieces, text[position:]):
        # What no edit touched stands in the result, in order.
        assert piece.rstrip('"\n') in after
        after = after[after.index(piece.rstrip('"\n')) :]


def test_the_source_of_a_unit_decides(fixed: Path) -> None:
    targets = (fixed / "strings.xlf").read_text(encoding="utf-8")
    assert "The loyal fans of Kuaishou</target>" in targets
    # The boxer's source has no 快手.
    assert "The boxer has quick hands & feet" in targets


def test_undo_gives_every_byte_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    regloss("fix", str(DATA), "-o", str(out))
    regloss("undo", str(out))
    assert {path.name: (out / path.name).read_bytes() for path in FILES} == {
        path.name: path.read_bytes() for path in FILES
    }


def test_the_column_may_be_named(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("text,zh\nThe quick hands have turned a profit.,快手盈利了。\n", encoding="utf-8")
    result = regloss("fix", str(table), "--target-field", "text", "--source-field", "zh")
    assert result == "text,zh\nKuaishou has turned a profit.,快手盈利了。\n"


def test_a_multi_sentence_unit_is_aligned_with_its_own_source(tmp_path: Path) -> None:
    table = tmp_path / "a.json"
    unit = {
        "source": "他的双手很快。快手盈利了。",
        "target": "The boxer has quick hands. The quick hands have turned a profit.",
    }
    table.write_text(json.dumps([unit], ensure_ascii=False), encoding="utf-8")
    result = regloss("fix", str(table))
    assert "The boxer has quick hands. Kuaishou has turned a profit." in result
