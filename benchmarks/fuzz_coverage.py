"""Coverage-guided fuzzing of every reader with Atheris: it keeps what reaches new code and mutates that further.

    pip install atheris
    python benchmarks/fuzz_coverage.py [--seconds 60] [--only docx]

Starts from the sample files of `tests/formats/data`; what a reader must hold to is what `fuzz_formats.py` says. Each
format runs in a process of its own. A crash stops its process and is printed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "tests" / "formats" / "data"
DONE = re.compile(r"Done (\d+) (?:runs )?in (\d+) second")
COVERED = re.compile(r"cov: (\d+)")
LARGEST = 20_000  # bytes of an input


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="time for each sample file")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    parser.add_argument("--fuzz", metavar="NAME", help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.fuzz:
        fuzz(options.fuzz, rest)
        return
    print("| file | inputs | branches reached | crashes |\n|---|---|---|---|")
    crashed = False
    for path in sorted(DATA.iterdir()):
        if not path.name.startswith(".") and options.only in path.name:
            crashed |= campaign(path, options.seconds)
    sys.exit(1 if crashed else 0)


def campaign(path: Path, seconds: int) -> bool:
    """Fuzz one format and print its row; tell whether it crashed."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        shutil.copy(path, corpus)
        command = [
            sys.executable, __file__, "--fuzz", path.name, str(corpus), f"-max_total_time={seconds}", "-seed=1",
            f"-max_len={LARGEST}", f"-artifact_prefix={folder}/", "-timeout=20", "-rss_limit_mb=2048",
        ]  # fmt: skip
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done, covered = DONE.search(ended.stderr), COVERED.findall(ended.stderr)
    failed = ended.returncode != 0 or done is None
    print(
        f"| {path.name} | {done[1] if done else '?'} | {covered[-1] if covered else '?'} | {int(failed)} |", flush=True
    )
    if failed:
        print(ended.stdout[-4000:], ended.stderr[-4000:], file=sys.stderr)
    return failed


def fuzz(name: str, arguments: list[str]) -> None:
    """Run the fuzzer in this process until its time is over."""
    import atheris

    with atheris.instrument_imports(include=["regloss"]):
        import fuzz_formats

    form = fuzz_formats.format_for(name)

    def one(data: bytes) -> None:
        fuzz_formats.outcome(form, data, name)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
