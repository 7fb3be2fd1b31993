"""Batches: throughput and memory on this machine, where the time goes, and thirty kills.

    python benchmarks/batch.py [--documents N] [--kills N] [--only throughput|profile|parent|kills]

The documents are pieces of 10 to 40 lines of the seed article. Pairs are pieces of the Chinese seed article, repeated,
and of its translation by the embedded model, line by line, so that they are parallel; every second line has one of the
glossary's wrong renderings put in.

CPU seconds are those of all processes, the start of the workers taken off; other work on the machine hardly changes
them, while it does change the wall-clock time. Kills are SIGKILL to the whole process group at random times; after each
the batch is resumed, and at the end its results are compared with those of an undisturbed one.
"""

import argparse
import cProfile
import os
import pstats
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from regloss.batch.items import Item, read_items
from regloss.batch.journal import Entry
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.work import Worker
from regloss.config import Config
from regloss.formats import read_document
from regloss.glossary.store import load_glossary
from regloss.translation import load_translator, translate_document

ROOT = Path(__file__).resolve().parents[1]
WARM_UP = 2
PROFILED = 8
WORK = ((TaskName.FIX, "texts"), (TaskName.FIX, "pairs"), (TaskName.SCORE, "pairs"), (TaskName.RUN, "pairs"))
# Functions whose time is told, by file and name; one inside another counts in both.
STAGES = (
    ("read", "files.py", "read_document"),
    ("align", "aligner.py", "align"),
    ("repair", "repairing.py", "repair_document"),
    ("  find and judge edits", "engine.py", "edits"),
    ("retranslate", "job.py", "document"),
    ("retranslate aligned units", "job.py", "units"),
    ("score", "comparison.py", "compare"),
    ("choose", "choice.py", "choose_all"),
    ("report and files", "writing.py", "write_results"),
    ("fsync and rename", "files.py", "write_atomic"),
    ("digests", "files.py", "file_digest"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--only", choices=("throughput", "profile", "parent", "kills"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only != parent.__name__:
            make_documents(folder / "texts", options.documents)
            make_pairs(folder / "pairs", max(options.documents // 8, WARM_UP + 8))
        for part in (throughput, profile, parent):
            if options.only in (None, part.__name__):
                part(folder)
        if options.only in (None, "kills"):
            kills(folder, options.kills)


def make_documents(folder: Path, count: int) -> None:
    folder.mkdir()
    lines = (ROOT / "seeds" / "article.en.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    for number, piece in enumerate(pieces(len(lines), count)):
        (folder / f"{number:05d}.en.txt").write_text("".join(lines[piece]), encoding="utf-8")


def make_pairs(folder: Path, count: int) -> None:
    folder.mkdir()
    glossary = load_glossary()
    source = read_document(ROOT / "seeds" / "article.zh.txt")
    made = translate_document(source, load_translator(), glossary).text.splitlines()
    wrong = [entry for entry in glossary.entries if entry.forbidden and entry.target in " ".join(made)]
    pick = random.Random(3)
    for number, line in enumerate(made[::2]):
        entry = next((e for e in wrong if e.target in line), None)
        if entry is not None:
            made[2 * number] = line.replace(entry.target, pick.choice(entry.forbidden).form, 1)
    chinese = source.text.splitlines()
    for number, piece in enumerate(pieces(len(chinese), count)):
        (folder / f"{number:05d}.zh.txt").write_text("\n".join(chinese[piece]) + "\n", encoding="utf-8")
        (folder / f"{number:05d}.en.txt").write_text("\n".join(made[piece]) + "\n", encoding="utf-8")


def pieces(length: int, count: int) -> Iterator[slice]:
    pick = random.Random(1)
    for _ in range(count):
        start = pick.randrange(length - 40)
        yield slice(start, start + pick.randrange(10, 40))


def command(place: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "regloss", "batch", str(place), "-o", str(out), *more]


def throughput(folder: Path) -> None:
    few = folder / "few"
    for name in ("texts", "pairs"):
        few.joinpath(name).mkdir(parents=True)
        for path in sorted((folder / name).iterdir())[: WARM_UP * (1 if name == "texts" else 2)]:
            shutil.copy(path, few / name)
    print("task, documents                    CPU s a document   a minute on 2 free cores   wall s   largest process")
    for task, name in WORK:
        count = len(list((folder / name).glob("*.en.txt")))
        start_cpu, _, _ = timed(command(few / name, folder / f"few-{task}-{name}", "--task", task, "--jobs", "2"))
        cpu, wall, peak = timed(command(folder / name, folder / f"all-{task}-{name}", "--task", task, "--jobs", "2"))
        each = (cpu - start_cpu) / (count - WARM_UP)
        title = f"{task}, {count} {name}"
        print(f"{title:<35}{each:>16.3f}{120 / each:>27.0f}{wall:>9.0f}{peak:>15.0f} MB")


def timed(arguments: list[str]) -> tuple[float, float, float]:
    """Return CPU seconds, wall-clock seconds and the largest process in MB; each in a process tree of its own."""
    script = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], check=True, capture_output=True, text=True)
    cpu, wall, peak = map(float, done.stdout.split())
    return cpu, wall, peak


def profile(folder: Path) -> None:
    for task, name in WORK:
        items = read_items(folder / name, (".txt",))[:PROFILED]
        worker = Worker(Setup(folder / "profile", Config(), task, threads=1))
        worker(0, items[0])
        profiler = cProfile.Profile(time.process_time)
        profiler.enable()
        for number, item in enumerate(items):
            worker(number, item)
        profiler.disable()
        told = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
        total = sum(own for _, _, own, _, _ in told.values())
        print(f"{task}, {name}: share of CPU time")
        for title, file, function in STAGES:
            spent = sum(v[3] for (path, _, called), v in told.items() if path.endswith(file) and called == function)
            if spent / total >= 0.005:
                print(f"  {title:<28}{100 * spent / total:5.1f} %")
        for (path, line, called), (_, calls, own, _, _) in sorted(told.items(), key=lambda each: -each[1][2])[:12]:
            print(f"      {100 * own / total:5.1f} % {calls:>8} × {Path(path).name}:{line} {called}")


def parent(folder: Path) -> None:
    """Tell what the parent keeps of each file, with an engine that does nothing."""
    count = 50_000
    place = folder / "many"
    for number in range(count):
        place.joinpath(f"{number // 1000:03d}").mkdir(parents=True, exist_ok=True)
        place.joinpath(f"{number // 1000:03d}", f"{number:06d}.en.txt").touch()

    def nothing(todo: object, _setup: Setup, _jobs: int) -> Iterator[Entry]:
        for _, item in todo:  # type: ignore[attr-defined]
            yield done(item)

    before = memory()
    items = read_items(place, (".txt",))
    os.fsync = lambda _file: None  # type: ignore[assignment]
    run_batch(items, Setup(folder / "parent"), BatchOptions(), lambda _entry, _fresh: None, nothing)
    print(f"parent: {1e6 * (memory() - before) / count:.0f} bytes a file ({count} files)")


def done(item: Item) -> Entry:
    record = {"name": item.file.name, "before": "0" * 64, "after": "1" * 64, "encoding": "utf-8", "original": ""}
    counts = {"segments": 20, "documents": 1, "changed": 1, "edits": 3, "review": 1}
    return Entry(item.file.name, ("0" * 64, ""), "", counts, {"快手": 2}, (record,), 0.1)


def memory() -> float:
    """Return the resident memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize() / 1e6


def kills(folder: Path, wanted: int) -> None:
    for task, name, share in ((TaskName.FIX, "texts", 2), (TaskName.SCORE, "pairs", 4), (TaskName.RUN, "pairs", 4)):
        more = ["--task", task, "--jobs", "2", *(["--model", "echo"] if task is TaskName.RUN else [])]
        whole = folder / f"whole-{task}"
        began = time.monotonic()
        subprocess.run(command(folder / name, whole, *more), check=True, capture_output=True)
        undisturbed = time.monotonic() - began
        pick, killed, rounds = random.Random(2), 0, 0
        while killed < wanted // share:
            rounds += 1
            killed += killed_batch(folder / name, folder / "killed", more, undisturbed, pick)
            assert content(folder / "killed") == content(whole), "a resumed batch differs from an undisturbed one"
            shutil.rmtree(folder / "killed")
        print(f"{task}: {killed} kills in {rounds} batches: every result identical to that of an undisturbed batch")


def killed_batch(place: Path, out: Path, more: list[str], undisturbed: float, pick: random.Random) -> int:
    """Run a batch to its end through kills at random times; return how many there were.

    Args:
        undisturbed: seconds that it takes when nobody kills it; some of the times must be longer, or it never ends.
    """
    killed = 0
    while True:
        begun = (out / ".batch" / "journal.jsonl").exists()
        process = subprocess.Popen(
            command(place, out, *more, "--resume" if begun else "--force"),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(undisturbed * pick.uniform(0.05, 1.5))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        else:
            assert process.returncode == 0, process.returncode
            return killed


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".batch" not in path.parts
    }


if __name__ == "__main__":
    main()
