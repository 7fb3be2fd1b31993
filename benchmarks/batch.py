"""Batches: throughput on this machine, and thirty kills.

    python benchmarks/batch.py [--documents N] [--kills N]

The documents are the seed article, cut into pieces of different length. Kills are SIGKILL to the whole process group at
random times; after each the batch is resumed, and at the end its results are compared with those of an undisturbed one.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--kills", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_documents(folder / "in", options.documents)
        throughput(folder, options.documents)
        kills(folder, options.kills)


def make_documents(folder: Path, count: int) -> None:
    folder.mkdir()
    lines = (ROOT / "seeds" / "article.en.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    pick = random.Random(1)
    for number in range(count):
        start, length = pick.randrange(len(lines) - 40), pick.randrange(10, 40)
        (folder / f"{number:05d}.en.txt").write_text("".join(lines[start : start + length]), encoding="utf-8")


def command(folder: Path, out: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "regloss", "batch", str(folder / "in"), "-o", str(folder / out), *more]


def throughput(folder: Path, documents: int) -> None:
    for jobs in (1, 2):
        out = f"jobs{jobs}"
        start = time.perf_counter()
        subprocess.run(command(folder, out, "--jobs", str(jobs)), check=True, capture_output=True)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{jobs} jobs: {60 * documents / seconds:.0f} documents a minute, largest process so far {peak:.0f} MB")


def kills(folder: Path, wanted: int) -> None:
    whole = content(folder / "jobs1")
    pick, done, rounds = random.Random(2), 0, 0
    while done < wanted:
        out = folder / "killed"
        shutil.rmtree(out, ignore_errors=True)
        rounds += 1
        while True:
            begun = (out / ".batch" / "journal.jsonl").exists()
            process = subprocess.Popen(
                command(folder, "killed", "--jobs", "2", "--resume" if begun else "--force"),
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(pick.uniform(0.3, 6.0))
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                done += 1
        assert process.returncode == 0, process.returncode
        assert content(out) == whole, "a resumed batch differs from an undisturbed one"
    print(f"{done} kills in {rounds} batches: every result identical to that of an undisturbed batch")


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".batch" not in path.parts
    }


if __name__ == "__main__":
    main()
