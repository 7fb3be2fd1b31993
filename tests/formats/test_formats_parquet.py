import builtins
import io
from typing import Any

import pytest
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError, MissingExtraError
from regloss.formats.fields import Fields

parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")
DATA_BYTES = (DATA / "table.parquet").read_bytes()


def test_all_but_the_target_column_stays() -> None:
    before = parquet.ParquetFile(io.BytesIO(DATA_BYTES))
    after = parquet.ParquetFile(io.BytesIO(rewrite(DATA_BYTES, "a.parquet", "quick hands", "K")))
    old, new = before.read(), after.read()
    assert new.schema == old.schema
    assert new.column("target").to_pylist() == ["The K have turned a profit.", "vibrato", None]
    assert new.drop_columns(["target"]).equals(old.drop_columns(["target"]))
    groups = [(g.num_rows, g.column(2).compression) for g in (after.metadata.row_group(n) for n in range(2))]
    assert groups == [(2, "ZSTD"), (1, "ZSTD")]


def test_units_are_the_cells_that_hold_text() -> None:
    document = parse(DATA_BYTES, "a.parquet")
    assert [(unit.id, unit.source) for unit in document.units] == [("row1", "快手盈利了。"), ("row2", "抖音")]
    assert texts(parse(DATA_BYTES, "a.parquet", Fields("source"))) == ["快手盈利了。", "抖音"]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("score", "column 'score' holds double, not strings"),
        ("x", "has no column 'x'; name one of its columns: id, so"),
    ],
)
def test_a_column_that_is_not_there_or_holds_no_text(column: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"a\.parquet: {message}"):
        parse(DATA_BYTES, "a.parquet", Fields(column))


@pytest.mark.parametrize("data", [b"", b"PAR1", DATA_BYTES[:-10], DATA_BYTES[:50] + b"\xff" * 40 + DATA_BYTES[90:]])
def test_what_is_no_parquet_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(FormatError, match=r"a\.parquet: is no Parquet file, or is damaged") as caught:
        parse(data, "a.parquet")
    assert "\n" not in str(caught.value)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return genuine(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"reading Parquet needs .* 'regloss\[parquet\]'"):
        parse(DATA_BYTES, "a.parquet")
