"""Memory and time that large files of many small units take, format by format.

    python benchmarks/large_formats.py [--only xlf] [--megabytes 10] [--fix]

Each file holds one short sentence a unit, every twentieth with a term to repair, and is made here. It is read and
written back, or with `--fix` repaired as `regloss fix` does, in a process of its own, whose peak of memory is told; the
line ``nothing`` is what the process takes without a file. Units are counted as the reader gives them.
"""

import argparse
import hashlib
import io
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from regloss.formats import format_for

WORDS = (
    "the shop sells fresh fruit from every farm in our valley at a fair price each morning of this long year".split()
)
PLAIN = "本店每天早上出售新鲜水果"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXT = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def units() -> Iterator[tuple[int, str, str]]:
    """Yield number, source and target of unit after unit, without end."""
    for number in count(1):
        words = [WORDS[(number * step + step) % len(WORDS)] for step in range(1, 4 + number % 4)]
        if number % 20:
            yield number, f"{PLAIN}{number}", f"{' '.join(words).capitalize()} {number}."
        else:
            yield number, f"快手{PLAIN}{number}", f"The quick hands sells {words[0]} {number}."


def repeated(head: str, unit: Callable[[int, str, str], str], tail: str, size: int) -> bytes:
    """Return a text of about `size` bytes, unit by unit."""
    parts, length = [head.encode()], 0
    for number, source, target in units():
        parts.append(unit(number, source, target).encode())
        length += len(parts[-1])
        if length >= size:
            break
    return b"".join((*parts, tail.encode()))


def package(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def docx(size: int) -> bytes:
    head, tail = f'<w:document xmlns:w="{TEXT}"><w:body>', "</w:body></w:document>"
    body = repeated(head, lambda _n, _s, t: f"<w:p><w:r><w:t>{t}</w:t></w:r></w:p>", tail, size)
    return package({"[Content_Types].xml": b"<Types/>", "word/document.xml": body})


def xlsx(size: int) -> bytes:
    """A sheet whose cells point to a table of strings; both together have about the size."""
    strings = [b"<si><t>source</t></si><si><t>target</t></si>"]
    rows = [b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>']
    length = 0
    for number, source, target in units():
        row, one = number + 1, 2 * number
        strings.append(f"<si><t>{source}</t></si><si><t>{target}</t></si>".encode())
        cells = f'<c r="A{row}" t="s"><v>{one}</v></c><c r="B{row}" t="s"><v>{one + 1}</v></c>'
        rows.append(f'<row r="{row}">{cells}</row>'.encode())
        length += len(strings[-1]) + len(rows[-1])
        if length >= size:
            break
    book = (
        f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>"
    )
    relations = (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData>'.encode() + b"".join(rows) + b"</sheetData></worksheet>"
    table = f'<sst xmlns="{SHEET}">'.encode() + b"".join(strings) + b"</sst>"
    return package(
        {
            "xl/workbook.xml": book.encode(),
            "xl/_rels/workbook.xml.rels": relations.encode(),
            "xl/worksheets/sheet1.xml": sheet,
            "xl/sharedStrings.xml": table,
        }
    )


def text(head: str, unit: Callable[[int, str, str], str], tail: str = "") -> Callable[[int], bytes]:
    return lambda size: repeated(head, unit, tail, size)


XLIFF = '<xliff version="1.2"><file source-language="zh" target-language="en"><body>'
FILES: dict[str, Callable[[int], bytes]] = {
    "txt": text("", lambda _n, _s, t: f"{t}\n"),
    "md": text("", lambda _n, _s, t: f"{t}\n\n"),
    "html": text("<body>", lambda _n, _s, t: f"<p>{t.replace(' ', ' <b>', 1).replace('.', '</b>.')}</p>\n", "</body>"),
    "xlf": text(
        XLIFF,
        lambda n, s, t: f'<trans-unit id="{n}"><source>{s}</source><target>{t}</target></trans-unit>\n',
        "</body></file></xliff>",
    ),
    "tmx": text(
        '<tmx version="1.4"><header/><body>',
        lambda _n, s, t: (
            f'<tu><tuv xml:lang="zh"><seg>{s}</seg></tuv><tuv xml:lang="en"><seg>{t}</seg></tuv></tu>\n'
        ),
        "</body></tmx>",
    ),
    "po": text("", lambda _n, s, t: f'msgid "{s}"\nmsgstr "{t}"\n\n'),
    "srt": text("", lambda n, _s, t: f"{n}\n00:00:01,000 --> 00:00:02,000\n{t}\n\n"),
    "vtt": text("WEBVTT\n\n", lambda _n, _s, t: f"00:01.000 --> 00:02.000\n{t}\n\n"),
    "csv": text("source,target\n", lambda _n, s, t: f'{s},"{t}"\n'),
    "json": text("[", lambda _n, s, t: f'{{"source": "{s}", "target": "{t}"}},\n', "{}]"),
    "docx": docx,
    "xlsx": xlsx,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="formats, by comma")
    parser.add_argument("--megabytes", type=float, default=10, help="size of each file, packages unpacked")
    parser.add_argument("--fix", action="store_true", help="repair too")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one, fix=options.fix)
        return
    print("| file | units | CPU | peak memory | result |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for suffix, make in {"nothing": lambda _size: b"x", **FILES}.items():
            if not options.only or suffix in options.only.split(","):
                path = Path(folder) / f"large.{suffix}"
                path.write_bytes(make(int(options.megabytes * 1_000_000)))
                more = ["--fix"] if options.fix else []
                subprocess.run([sys.executable, __file__, "--one", str(path), *more], check=True)
                path.unlink()


def measure(path: Path, *, fix: bool) -> None:
    """Read one file, write it back, and print what that took."""
    if fix:
        written, units = repaired(path)
    else:
        form = format_for(path)
        data = path.read_bytes()
        document = form.parse(data, path.name)
        written, units = form.encode(document, document.text + ""), len(document.units) or len(document.blocks)
        if written != data:
            raise AssertionError("an unedited file did not keep its bytes")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    short = hashlib.sha256(written).hexdigest()[:8]
    cpu = f"{usage.ru_utime + usage.ru_stime:.1f} s"
    print(f"| {path.suffix} | {units} | {cpu} | {usage.ru_maxrss // 1024} MB | {short} |", flush=True)


def repaired(path: Path) -> tuple[bytes, int]:
    """Return the file as `regloss fix` writes it, and its units."""
    from regloss.batch.fixing import fix_into
    from regloss.formats.discover import InputFile
    from regloss.glossary.store import load_glossary
    from regloss.repair import Repairer

    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    outcomes, _ = fix_into([InputFile(path, path.name)], out, Repairer(load_glossary(())))
    return (out / path.name).read_bytes(), outcomes[0].segments


if __name__ == "__main__":
    main()
