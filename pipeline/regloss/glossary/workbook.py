"""Glossaries as spreadsheets: XLSX (Office Open XML, ECMA-376) in and out, with the columns of `tabular`.

Read is the first sheet, values only: formulas are never worked out, links never followed. Written is one sheet whose
cells are all text, so that no spreadsheet program takes a term for a formula.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from regloss.errors import GlossaryError
from regloss.formats.files import read_bytes, write_atomic
from regloss.glossary.entry import TermEntry
from regloss.glossary.tabular import entries_of_rows, rows_of_entries
from regloss.glossary.xml_input import local_name, parse_xml

__all__ = ["export_workbook", "read_workbook"]

_LARGEST = 64 * 1024 * 1024
"""Most that one part may unpack to, in bytes: a glossary of a million terms fits, an archive made to swell does not."""

# What reading an archive raises, and what missing or senseless parts of a workbook lead to.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_workbook(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the entries on the first sheet of an XLSX file.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is no XLSX file, or wrong in the ways of a table; names the row as line.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
            strings = _shared_strings(archive, path)
            sheet = parse_xml(_part(archive, _first_sheet(archive, path), path), path)
            rows = list(_rows(sheet, strings))
    except _BROKEN as exc:
        raise GlossaryError("is no XLSX workbook, or a damaged one; save it as XLSX, or as CSV", path) from exc
    return entries_of_rows(path, rows, layer)


def export_workbook(entries: Iterable[TermEntry], path: Path) -> tuple[str, ...]:
    """Write `entries` as an XLSX file with one sheet.

    Returns:
        One sentence for each entry that holds what a table cannot.

    Raises:
        InputError: the file cannot be written.
    """
    rows, losses = rows_of_entries(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in _parts(rows):
            # A fixed date keeps the file the same from run to run.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    write_atomic(path, out.getvalue())
    return losses


def _part(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST:
        raise GlossaryError(f"holds a part of more than {_LARGEST >> 20} MB; split it", path)
    with archive.open(name) as part:
        # What the directory says about a size need not be so.
        data = part.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise GlossaryError(f"holds a part of more than {_LARGEST >> 20} MB; split it", path)
    return data


def _first_sheet(archive: zipfile.ZipFile, path: Path) -> str:
    workbook = parse_xml(_part(archive, "xl/workbook.xml", path), path)
    sheets = [element for element in workbook.iter() if local_name(element) == "sheet"]
    wanted = [value for key, value in sheets[0].items() if key.endswith("}id")][0]  # noqa: RUF015 - IndexError is caught
    for link in parse_xml(_part(archive, "xl/_rels/workbook.xml.rels", path), path):
        if link.get("Id") == wanted:
            target = str(link.get("Target"))
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(wanted)


def _shared_strings(archive: zipfile.ZipFile, path: Path) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_text(item) for item in parse_xml(_part(archive, "xl/sharedStrings.xml", path), path)]


def _text(element: Any) -> str:
    """Return the text of a cell or string, without the readings that East Asian workbooks put beside it."""
    pieces = (
        child.text or ""
        for child in element.iter()
        if local_name(child) == "t" and local_name(child.getparent()) != "rPh"
    )
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), "".join(pieces))


def _rows(sheet: Any, strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in sheet.iter():
        if local_name(row) != "row":
            continue
        number = int(row.get("r") or number + 1)
        cells: list[str] = []
        for cell in row:
            place = _REFERENCE.fullmatch(cell.get("r") or "")
            column = _column(place[1]) if place else len(cells)
            cells += [""] * (column - len(cells))
            cells.append(" ".join(_value(cell, strings).split()))
        if any(cells):
            yield number, cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: Any, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = next((child.text or "" for child in cell if local_name(child) == "v"), "")
    if cell.get("t") == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    return value


def _parts(rows: Iterable[Iterable[str]]) -> Iterator[tuple[str, str]]:
    relations = f"{_PACKAGE}/relationships"
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'{_HEAD}<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            '<sheets><sheet name="glossary" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_HEAD}<Relationships xmlns="{relations}">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
    )
    lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    yield (
        "xl/worksheets/sheet1.xml",
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>',
    )


def _cell(text: str) -> str:
    # What looks like an escape must be escaped itself, or a reader would take it for one.
    plain = _FORBIDDEN.sub("\ufffd", _ESCAPED.sub(r"_x005F_x\1_", text))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(plain)}</t></is></c>'
