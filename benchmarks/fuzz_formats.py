"""Damaged and hostile files for every reader: how many were tried, what became of them, how long the slowest took.

    python benchmarks/fuzz_formats.py [--seconds 60] [--only docx] [--large]

Each sample file of `tests/formats/data` is mutated (bytes dropped, doubled, flipped, and hostile pieces put in; in
packages also inside their XML parts) by Hypothesis with a fixed seed. A mutant must be read or refused with one line;
what is read must come back byte for byte, and with words replaced in it must be readable again and show just that.
Anything else is a crash and is printed with its bytes. `--seconds` is for each sample file. `--large` reads files of
ten megabytes in shapes that a careless reader takes very long for, each in its own process, and tells time and memory.
"""

import argparse
import io
import re
import resource
import subprocess
import sys
import time
import traceback
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from regloss.document import Document, Span
from regloss.errors import ReglossError
from regloss.formats import FileFormat, format_for

DATA = Path(__file__).resolve().parents[1] / "tests" / "formats" / "data"
PACKAGES = (".docx", ".xlsx")
TEXTS = (
    "\0", "\ufeff", "\u2029\n", "\r", "\r\n", "\n\n", '"', '""', "'", "\\", "\\u", "\\ud800", "&", "&amp;", "&#0;",
    "&#x110000;", "&bomb;", "<", ">", "<!--", "-->", "<![CDATA[", "]]>", '<!DOCTYPE a [<!ENTITY b "c">]>', "<?",
    "</", "<b>", "</b>", "<g id='1'>", "<target>", "</target>", "<script>", "{", "}", "[", "]", "[[[[[[[[", ",", ";",
    "\t", "=", "+1", "@", "00:00:01,000 --> 00:00:02,000", "WEBVTT", "msgid", 'msgstr "', "#~", "quick hands",
    "快手", "\U0001f600", "\u0338", "a" * 300, "PK\x05\x06", "PK\x03\x04", "encoding='utf-7'", "encoding='latin-1'",
)  # fmt: skip
HOSTILE = (*(text.encode() for text in TEXTS), b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xc3", b"\x81", b"\xed\xa0\x80")
LARGE = 10_000_000
LINE = "quick hands and vibrato "
SHAPES = (
    ("a.txt", "one line", "", LINE, ""),
    ("a.md", "one line", "", LINE, ""),
    ("a.srt", "one cue", "1\n00:00:01,000 --> 00:00:02,000\n", LINE, ""),
    ("a.srt", "many cues", "", "1\n00:00:01,000 --> 00:00:02,000\nquick hands\n\n", ""),
    ("a.vtt", "one cue", "WEBVTT\n\n00:01.000 --> 00:02.000\n", LINE, ""),
    ("a.json", "one string", '{"target": "', LINE, '"}'),
    ("a.json", "many objects", "[", '{"source": "快手", "target": "quick hands"},', "{}]"),
    ("a.json", "brackets nested", "", "[", ""),
    ("a.csv", "one cell", "target\n", LINE, ""),
    ("a.csv", "many rows", "source,target\n", '快手,"quick ""hands"""\n', ""),
    ("a.csv", "quotes alone", "target\n", '"', ""),
    ("a.po", "one string", 'msgid "a"\nmsgstr "', LINE, '"'),
    ("a.html", "one paragraph", "<p>", LINE, ""),
    ("a.html", "many paragraphs", "", "<p>The <b>quick</b> hands &amp; vibrato\n", ""),
    ("a.html", "elements nested", "", "<div>", ""),
    ("a.html", "tags that do not end", "", "<a b='c ", ""),
    ("a.html", "references", "", "&amp;", ""),
    ("a.tmx", "one segment", '<tmx><tu><tuv xml:lang="en"><seg>', LINE, "</seg></tuv></tu></tmx>"),
    ("a.tmx", "many units", "<tmx>", '<tu><tuv xml:lang="en"><seg>quick hands</seg></tuv></tu>', "</tmx>"),
    ("a.tmx", "elements nested", "", "<tmx>", ""),
)  # fmt: skip
WORD = re.compile(r"[A-Za-z]{3,12}")


@dataclass
class Tally:
    """What became of the mutants of one file."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    crashes: list[tuple[bytes, str]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="time for each sample file")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    parser.add_argument("--large", action="store_true", help="time and memory of large files, instead of mutants")
    parser.add_argument("--shape", type=int, default=-1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.shape >= 0:
        measure(*SHAPES[options.shape])
    elif options.large:
        large(options.only)
    else:
        mutate(options)


def mutate(options: argparse.Namespace) -> None:
    total = Tally()
    print("| file | tried | read | refused | crashes | slowest |\n|---|---|---|---|---|---|")
    for path in sorted(DATA.iterdir()):
        if path.name.startswith(".") or options.only not in path.name:
            continue
        tally = campaign(path, options.seconds)
        print(row(path.name, tally), flush=True)
        total.outcomes += tally.outcomes
        total.slowest = max(total.slowest, tally.slowest)
        total.crashes += tally.crashes
    print(row("all", total))
    for data, trace in total.crashes[:5]:
        print(repr(data[:2000]), trace, sep="\n", file=sys.stderr)
    sys.exit(1 if total.crashes else 0)


def large(only: str) -> None:
    """Print time and memory for each large file."""
    print("| file | shape | outcome | CPU | peak memory |\n|---|---|---|---|---|")
    for number, shape in enumerate(SHAPES):
        if only in shape[0]:
            subprocess.run([sys.executable, __file__, "--shape", str(number)], check=True)


def measure(name: str, shape: str, head: str, repeated: str, tail: str) -> None:
    """Read one large file, write it back, and print what that took."""
    data = (head + repeated * (LARGE // len(repeated)) + tail).encode()
    form = format_for(name)
    begin = time.process_time()
    try:
        document = form.parse(data, name)
    except ReglossError:
        what = "refused"
    else:
        what = "read"
        if form.encode(document, document.text + "") != data:
            raise AssertionError("an unedited file did not keep its bytes")
    taken = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"| {name.removeprefix('a')} | {shape} | {what} | {taken:.1f} s | {peak} MB |", flush=True)


def row(name: str, tally: Tally) -> str:
    counts = tally.outcomes
    tried = sum(counts.values())
    cells = (name, tried, counts["read"], counts["refused"], counts["crash"], f"{1000 * tally.slowest:.0f} ms")
    return f"| {' | '.join(map(str, cells))} |"


def campaign(path: Path, seconds: float) -> Tally:
    """Try mutants of one file until the time is over."""
    original = path.read_bytes()
    form = format_for(path)
    tally = Tally()
    end = time.monotonic() + seconds

    def one(mutant: bytes) -> None:
        if time.monotonic() < end:
            attempt(form, mutant, path.name, tally)

    rounds = 0
    while time.monotonic() < end:
        # A fresh seed each round, so that the campaign goes on as long as it may and is the same each time.
        run = settings(
            max_examples=2_000, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(mutants(original, path.suffix))(one))  # fmt: skip
        seed(rounds)(run)()
        rounds += 1
    return tally


def attempt(form: FileFormat, data: bytes, name: str, tally: Tally) -> None:
    """Read one mutant, write it unchanged and changed, and note what happened."""
    begin = time.perf_counter()
    try:
        tally.outcomes[outcome(form, data, name)] += 1
    except Exception:  # noqa: BLE001 - whatever it is, it is the finding
        tally.outcomes["crash"] += 1
        tally.crashes.append((data, traceback.format_exc()))
    tally.slowest = max(tally.slowest, time.perf_counter() - begin)


def outcome(form: FileFormat, data: bytes, name: str) -> str:
    """Return ``read`` or ``refused``; raises whatever a reader must not raise."""
    try:
        document = form.parse(data, name)
    except ReglossError as refusal:
        if "\n" in str(refusal):
            raise AssertionError("a message of several lines") from refusal
        return "refused"
    if form.encode(document, document.text) != data:
        raise AssertionError("an unedited file did not keep its bytes")
    new = with_words_replaced(document)
    try:
        written = form.encode(document, new)
    except ReglossError:
        return "refused"
    seen = form.parse(written, name).text
    if seen != new:
        raise AssertionError(f"the edited file shows {seen!r}, not {new!r}")
    return "read"


def with_words_replaced(document: Document) -> str:
    """Return the text with every third unprotected word of each block replaced by one that needs escapes."""
    parts: list[str] = []
    position = 0
    # GB18030 is known by its common characters; a rare one in a mutant that has few would make it unknown.
    replacement = 'Kuai "A&B"' if document.encoding == "gb18030" else 'Kuai "A&B" Ā'
    for block in document.blocks:
        for number, match in enumerate(WORD.finditer(document.text, block.start, block.end)):
            span = Span(*match.span())
            alone = not any(c.isalnum() or c in "&#;\\" for c in around(document.text, span))
            if number % 3 == 0 and alone and not any(span.overlaps(other) for other in document.protected):
                parts += (document.text[position : span.start], replacement)
                position = span.end
    return "".join((*parts, document.text[position:]))


def around(text: str, span: Span) -> str:
    return text[max(span.start - 1, 0) : span.start] + text[span.end : span.end + 1]


def mutants(original: bytes, suffix: str) -> st.SearchStrategy[bytes]:
    """Return damaged copies of a file; of a package, half of them are damaged inside."""
    damaged = st.builds(damage, st.just(original), st.integers(0, 2**32), st.integers(1, 6))
    if suffix not in PACKAGES:
        return damaged
    inside = st.builds(damage_part, st.just(original), st.integers(0, 2**32), st.integers(1, 4))
    return st.one_of(damaged, inside)


def damage(data: bytes, chosen: int, times: int) -> bytes:
    """Return `data` with some damage done."""
    random = Random(chosen)
    for _ in range(times):
        place, length = random.randrange(len(data) + 1), random.choice((1, 1, 2, 5, 20, 100))
        piece = data[place : place + length]
        kind = random.randrange(5)
        if kind == 0:
            data = data[:place] + data[place + length :]
        elif kind == 1:
            data = data[:place] + piece * random.choice((2, 3, 20)) + data[place + length :]
        elif kind == 2:
            data = data[:place] + bytes(random.randrange(256) for _ in piece[:3]) + data[place + 3 :]
        elif kind == 3:
            other = random.randrange(len(data) + 1)
            data = data[:other] + piece + data[other:]
        else:
            data = data[:place] + random.choice(HOSTILE) + data[place:]
    return data


def damage_part(package: bytes, chosen: int, times: int) -> bytes:
    """Return a package, intact as such, with damage done to one of its XML parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        wanted = Random(chosen).choice(names)
        for name in old.namelist():
            content = old.read(name)
            new.writestr(zipfile.ZipInfo(name), damage(content, chosen, times) if name == wanted else content)
    return out.getvalue()


if __name__ == "__main__":
    main()
