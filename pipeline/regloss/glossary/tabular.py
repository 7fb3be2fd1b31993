"""Glossaries as tables: CSV and TSV in, CSV and TSV out; the rows serve spreadsheets too.

Only `source_term` and `target` are needed; columns may stand in any order, and unknown columns are passed over. The
headers of Weblate's CSV are understood, and language names (``zh``, ``English``) for the two terms.

| column | also called | holds |
|---|---|---|
| source_term | source, zh, Chinese | the source term |
| target | target_term, en, English | preferred target; further ones after ``|`` are admitted |
| wrong_variants | forbidden, deprecated | forbidden forms, separated by ``|`` |
| also_ok | admitted, synonyms | admitted targets, separated by ``|`` |
| kind | pos_or_entity_type, part_of_speech | a kind, or words such as ``entity: platform`` (name), ``idiom`` (phrase) |
| case_rule | case | ``fixed`` or ``sentence``, or words such as ``name: …`` (fixed) and ``common: …`` (sentence) |
| domain | | subject field; ``short video`` is read as ``short-video`` |
| note | comment, definition, explanation, … | for people; several such columns are joined |

Where no kind is given, a target whose long words all begin with a capital is a name, any other a noun. A table holds
no guards, examples or targets of single forms: `export_table` returns what it had to leave out, and a column that
rates ambiguity is not read. Rows of one source term and one target are merged.

OmegaT's glossaries (.txt, .utf8, .tab) have no header: source, target and comment stand in this order, a line that
begins with ``#`` is a remark, and further targets of one source term are admitted.

Encodings: UTF-8 and GB18030, with or without byte order mark, and UTF-16 with one.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regloss.errors import FormatError, GlossaryError
from regloss.formats.encoding import BOM, decode
from regloss.formats.files import read_bytes, write_atomic
from regloss.glossary.entry import CaseRule, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.yaml_file import default_case
from regloss.text import words

__all__ = [
    "COLUMNS",
    "OMEGAT_SUFFIXES",
    "entries_of_rows",
    "export_table",
    "guess_kind",
    "kind_of",
    "read_omegat",
    "read_table",
    "rows_of_entries",
]

COLUMNS = ("source_term", "target", "wrong_variants", "also_ok", "kind", "case_rule", "domain", "note")
_SYNONYMS = {
    **dict.fromkeys(("source", "zh", "zh-cn", "zh_cn", "zh-hans", "chinese", "中文"), "source_term"),
    **dict.fromkeys(("target_term", "en", "en-us", "en_us", "en-gb", "english", "英文"), "target"),
    **dict.fromkeys(("forbidden", "deprecated", "forbidden_terms", "do_not_use"), "wrong_variants"),
    **dict.fromkeys(("admitted", "synonyms", "admitted_terms"), "also_ok"),
    **dict.fromkeys(("pos_or_entity_type", "part_of_speech", "pos"), "kind"),
    "case": "case_rule",
    "subject_field": "domain",
    **dict.fromkeys(
        ("notes", "comment", "comments", "definition", "explanation", "translator_comments", "developer_comments"),
        "note",
    ),
}
OMEGAT_SUFFIXES = (".txt", ".utf8", ".tab")
_KINDS = (
    (Kind.NAME, ("name", "entity", "propernoun", "proper noun", "proper-noun")),
    (Kind.NOUN, ("noun", "n.")),
    (Kind.VERB, ("verb", "v.")),
    (Kind.ADJECTIVE, ("adj",)),
    (Kind.PHRASE, ("phrase", "idiom", "formula", "adverb", "byline")),
)
_FIXED = ("fixed", "name", "as ", "title")
_SENTENCE = ("sentence", "common", "lower", "follow")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def read_table(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the entries of a CSV or TSV file in the order of their first rows.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is no text, a needed column is missing, a row has too many or too few cells or an
            empty source or target, or two rows give one source term different targets; names the line.
    """
    return entries_of_rows(path, _split(path, _decode(path)), layer)


def entries_of_rows(path: Path, lines: Sequence[tuple[int, list[str]]], layer: str) -> tuple[TermEntry, ...]:
    """Return the entries of a table whose first row names the columns.

    Args:
        path: the file, for messages.
        lines: line number and cells of each row that is not blank.

    Raises:
        GlossaryError: as `read_table`.
    """
    found: dict[str, TermEntry] = {}
    for row in _rows(path, lines):
        entry = _entry(path, row, layer)
        first = found.get(entry.source)
        found[entry.source] = entry if first is None else _merged(first, entry)
    return tuple(found.values())


def read_omegat(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the entries of a glossary in OmegaT's form: lines of source, tab, target and, if need be, tab, comment.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is no text, or a line has no tab, or an empty source or target; names the line.
    """
    found: dict[str, TermEntry] = {}
    for number, line in enumerate(_decode(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        if len(cells) < 2:
            raise GlossaryError("has no tab; each line holds source, tab, target", path, number)
        names = ("source_term", "target", "note")
        row = _Row(number, {name: cell.replace("|", "/") for name, cell in zip(names, cells, strict=False)})
        entry = _entry(path, row, layer)
        first = found.setdefault(entry.source, entry)
        if first is not entry:
            others = dict.fromkeys(text for text in (*first.admitted, entry.target) if text != first.target)
            found[entry.source] = replace(first, admitted=tuple(others))
    return tuple(found.values())


def export_table(entries: Iterable[TermEntry], path: Path) -> tuple[str, ...]:
    """Write `entries` as CSV or, where the suffix of `path` is .tsv, as TSV (UTF-8).

    Returns:
        One sentence for each entry that holds what a table cannot.

    Raises:
        InputError: the file cannot be written.
    """
    out = io.StringIO()
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    rows, losses = rows_of_entries(entries)
    writer.writerows(rows)
    write_atomic(path, out.getvalue().encode("utf-8"))
    return losses


def rows_of_entries(entries: Iterable[TermEntry]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Return the rows of a table, the header first, and a sentence for each entry that holds what a table cannot."""
    known = tuple(entries)
    losses = ((entry, _lost(entry)) for entry in known)
    rows = (COLUMNS, *(_cells(entry) for entry in known))
    return rows, tuple(f"{entry.source}: left out {', '.join(lost)}" for entry, lost in losses if lost)


def kind_of(text: str) -> Kind | None:
    """Return the kind that a word for a part of speech or a sort of entity stands for, None where it says nothing."""
    wanted = text.strip().lower()
    return next((kind for kind, starts in _KINDS if wanted.startswith(starts)), None)


def guess_kind(target: str) -> Kind:
    """Return NAME where `target` and all its words of four letters or more begin with a capital, else NOUN."""
    long = [target[start] for start, end in words(target) if end - start >= 4]
    return Kind.NAME if target[:1].isupper() and all(letter.isupper() for letter in long) else Kind.NOUN


def _decode(path: Path) -> str:
    try:
        return decode(read_bytes(path), path)[0].removeprefix(BOM)
    except FormatError as exc:
        raise GlossaryError("is no text in UTF-8, UTF-16 or GB18030; save the table as UTF-8", path) from exc


def _rows(path: Path, lines: Sequence[tuple[int, list[str]]]) -> list[_Row]:
    if not lines:
        raise GlossaryError("is empty; the first line names the columns, source_term and target among them", path)
    (header_line, header), *body = lines
    names = _columns(path, header_line, header)
    rows = []
    for line, cells in body:
        # Spreadsheets pad rows with empty cells; only a cell with something in it is one too many.
        if len(cells) < len(names) or any(cells[len(names) :]):
            raise GlossaryError(f"has {len(cells)} cells where the header has {len(names)}", path, line)
        filled = dict(zip(names, cells, strict=False))
        notes = (cell for name, cell in zip(names, cells, strict=False) if name == "note" and cell)
        rows.append(_Row(line, {**filled, "note": "; ".join(dict.fromkeys(notes))}))
    return rows


def _split(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of each row that is not blank."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    try:
        return _parse(text, delimiter, csv.QUOTE_MINIMAL)
    except csv.Error as exc:
        if delimiter != "\t":
            raise GlossaryError(f"is not valid CSV: {exc}", path) from exc
    try:
        # Many programs write TSV without quoting, and a quotation mark is then only a character.
        return _parse(text, delimiter, csv.QUOTE_NONE)
    except csv.Error as exc:
        raise GlossaryError(f"is not valid TSV: {exc}", path) from exc


def _parse(text: str, delimiter: str, quoting: int) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)  # type: ignore[arg-type]
    rows = []
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((line, [" ".join(cell.split()) for cell in cells]))
        line = reader.line_num + 1
    return rows


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _columns(path: Path, line: int, header: list[str]) -> list[str]:
    plain = [cell.strip().lower().replace(" ", "_") for cell in header]
    names = [_SYNONYMS.get(cell, cell) for cell in plain]
    while names and not names[-1]:
        names.pop()
    for needed in COLUMNS[:2]:
        if needed not in names:
            raise GlossaryError(
                f"has no column {needed!r}; its columns are {', '.join(filter(None, plain))}", path, line
            )
    for name in COLUMNS:
        if name != "note" and names.count(name) > 1:
            raise GlossaryError(f"has two columns for {name!r}; keep one", path, line)
    return names


def _entry(path: Path, row: _Row, layer: str) -> TermEntry:
    source = row.cells["source_term"]
    target, *more = _several(row.cells["target"]) or ("",)
    for name, value in (("source_term", source), ("target", target)):
        if not value:
            raise GlossaryError(f"the {name} is empty; fill it in or delete the row", path, row.line)
    kind = kind_of(row.cells.get("kind", "")) or guess_kind(target)
    admitted = dict.fromkeys((*more, *_several(row.cells.get("also_ok", ""))))
    return TermEntry(
        source=source,
        target=target,
        admitted=tuple(text for text in admitted if text != target),
        forbidden=tuple(Forbidden(form) for form in _several(row.cells.get("wrong_variants", ""))),
        kind=kind,
        case=_case(row.cells.get("case_rule", ""), kind),
        domain=_domain(row.cells.get("domain", "")) or path.stem,
        note=row.cells.get("note", ""),
        path=path,
        line=row.line,
        layer=layer,
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for raw in cell.split("|") if (part := raw.strip())))


def _case(text: str, kind: Kind) -> CaseRule:
    wanted = f"{text.strip().lower()} "
    if wanted.startswith(_FIXED):
        return CaseRule.FIXED
    return CaseRule.SENTENCE if wanted.startswith(_SENTENCE) else default_case(kind)


def _domain(text: str) -> str:
    return re.sub(r"[\s_]+", "-", text.strip().lower())


def _merged(first: TermEntry, second: TermEntry) -> TermEntry:
    if first.target != second.target:
        raise GlossaryError(
            f"{second.source!r} has the target {second.target!r} here and {first.target!r} on line {first.line}; "
            "keep one, the other may go to also_ok",
            second.path,
            second.line,
        )
    return replace(
        first,
        admitted=tuple(dict.fromkeys((*first.admitted, *second.admitted))),
        forbidden=tuple(dict.fromkeys((*first.forbidden, *second.forbidden))),
        note="; ".join(dict.fromkeys(filter(None, (first.note, second.note)))),
    )


def _cells(entry: TermEntry) -> tuple[str, ...]:
    return (
        entry.source,
        entry.target,
        "|".join(forbidden.form for forbidden in entry.forbidden),
        "|".join(entry.admitted),
        entry.kind.value,
        entry.case.value,
        entry.domain,
        " ".join(entry.note.split()),
    )


def _lost(entry: TermEntry) -> list[str]:
    plain = all(forbidden == Forbidden(forbidden.form) for forbidden in entry.forbidden)
    texts = (entry.target, *entry.admitted, *(forbidden.form for forbidden in entry.forbidden))
    losses = (
        ("the guard", entry.guard != Guard()),
        ("guards, targets and kinds of single forms", not plain),
        ("the examples", bool(entry.examples)),
        ("the bar in a term, which separates terms in a table", any("|" in text for text in texts)),
        ("line breaks and runs of spaces in the note", entry.note != " ".join(entry.note.split())),
    )
    return [what for what, lost in losses if lost]
