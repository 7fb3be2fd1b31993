"""Coverage-guided fuzzing of every reader with Atheris: it keeps what reaches new code and mutates that further.

    pip install atheris
    python benchmarks/fuzz_coverage.py [--seconds 60] [--only docx]

Starts from the sample files of `tests/formats/data`; what a reader must hold to is what `fuzz_formats.py` says. Each
format runs in a process of its own; of a package, also its main parts, in a package that is whole. A crash stops its
process and is printed.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "tests" / "formats" / "data"
DONE = re.compile(r"Done (\d+) (?:runs )?in (\d+) second")
COVERED = re.compile(r"cov: (\d+)")
PARTS = {".docx": ("word/document.xml",), ".xlsx": ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")}
LARGEST = 20_000  # bytes of an input


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="time for each sample file")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    parser.add_argument("--fuzz", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.fuzz:
        fuzz(options.fuzz, options.part, rest)
        return
    print("| file | inputs | branches reached | crashes |\n|---|---|---|---|")
    crashed = False
    for path in sorted(DATA.iterdir()):
        if not path.name.startswith(".") and options.only in path.name:
            for part in ("", *PARTS.get(path.suffix, ())):
                crashed |= campaign(path, part, options.seconds)
    sys.exit(1 if crashed else 0)


def campaign(path: Path, part: str, seconds: int) -> bool:
    """Fuzz one format and print its row; tell whether it crashed."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "seed").write_bytes(content_of(path, part) if part else path.read_bytes())
        limits = [f"-max_total_time={seconds}", f"-max_len={LARGEST}", "-timeout=20", "-rss_limit_mb=2048"]
        command = [sys.executable, __file__, "--fuzz", path.name, f"--part={part}"]
        command += [str(corpus), *limits, "-seed=1", f"-artifact_prefix={folder}/"]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done, covered = DONE.search(ended.stderr), COVERED.findall(ended.stderr)
    failed = ended.returncode != 0 or done is None
    cells = (
        f"{path.name}, {part}" if part else path.name,
        done[1] if done else "?",
        covered[-1] if covered else "?",
        str(int(failed)),
    )
    print(f"| {' | '.join(cells)} |", flush=True)
    if failed:
        print(ended.stdout[-4000:], ended.stderr[-4000:], file=sys.stderr)
    return failed


def content_of(path: Path, part: str) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read(part)


def with_content(package: bytes, part: str, content: bytes) -> bytes:
    """Return the package, whole as such, with other content for one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), content if name == part else old.read(name))
    return out.getvalue()


def fuzz(name: str, part: str, arguments: list[str]) -> None:
    """Run the fuzzer in this process until its time is over."""
    import atheris

    with atheris.instrument_imports(include=["regloss"]):
        import fuzz_formats

    form = fuzz_formats.format_for(name)
    package = (DATA / name).read_bytes()

    def one(data: bytes) -> None:
        fuzz_formats.outcome(form, with_content(package, part, data) if part else data, name)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
