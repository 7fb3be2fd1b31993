"""What a cluster costs: `batch --engine ray` beside `--engine local` on one machine, and what more would give.

    python benchmarks/batch_ray.py [--documents N …] [--blocks N …] [--jobs N]

The documents are those of benchmarks/batch.py, each a file. Both engines do each number of documents, one after the
other; a straight line through the times gives a fixed and a per-document cost. Blocks without any work in them give the
time that the starting machine needs for each block, which is what bounds how many workers it can keep busy. The last
table is arithmetic with these figures, not measured.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batch import content, make_documents
from regloss.batch.cluster.blocks import FILES
from regloss.batch.cluster.session import connected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[250, 1000, 2500])
    parser.add_argument("--blocks", type=int, nargs="+", default=[500, 4000])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    times = [both(number, options.jobs) for number in options.documents]
    fixed, each = line(options.documents, [ray for _, ray in times])
    own_fixed, own_each = line(options.documents, [local for local, _ in times])
    print(f"local: {own_fixed:.1f} s + {1000 * own_each:.1f} ms a document; ray: {fixed:.1f} s + {1000 * each:.1f} ms")
    extrapolated((own_fixed, own_each), (fixed, each), handing_out(options.blocks), options.jobs)


def both(documents: int, jobs: int) -> tuple[float, float]:
    """Return the seconds of both engines; their results must be the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_documents(folder / "in", documents)
        seconds = []
        for engine in ("local", "ray"):
            start = time.perf_counter()
            command = [sys.executable, "-m", "regloss", "batch", str(folder / "in"), "-o", str(folder / engine)]
            # Ray's workers give way to everything else on a machine, which would be no fair race on a shared one.
            environment = {**os.environ, "RAY_worker_niceness": "0"}
            more = ("--engine", engine, "--jobs", str(jobs))
            subprocess.run([*command, *more], check=True, capture_output=True, env=environment)
            seconds.append(time.perf_counter() - start)
        assert content(folder / "local") == content(folder / "ray"), "the engines differ"
    local, ray = seconds
    print(f"{documents} documents, {jobs} workers: local {local:.1f} s, ray {ray:.1f} s, same bytes", flush=True)
    return local, ray


def line(places: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Return what a straight line of least squares has at 0, and its slope."""
    middle, level = sum(places) / len(places), sum(values) / len(values)
    spread = sum((place - middle) ** 2 for place in places)
    slope = sum((p - middle) * (v - level) for p, v in zip(places, values, strict=True)) / spread
    return level - slope * middle, slope


class Idle:
    """A worker that only answers, with as much as a block of sixteen files has to say."""

    def __init__(self, _order: object) -> None:
        pass

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"number": row["number"], "reply": "x" * 3000}


def handing_out(numbers: Sequence[int]) -> float:
    """Return the seconds that the starting machine spends on a block, before the first answer and after it."""
    before, after = [], []
    with connected(cpus=2) as session:
        for number in numbers:
            rows = [{"number": row, "block": "x" * 2500} for row in range(number)]
            begun = time.perf_counter()
            answers = session.actors(rows, Idle, None, 2, gpu=False)
            next(answers)
            first = time.perf_counter()
            assert 1 + sum(1 for _ in answers) == number
            before.append(first - begun)
            after.append(time.perf_counter() - first)
            print(f"{number} empty blocks: {before[-1]:.1f} s to the first answer, {after[-1]:.1f} s for the others")
    each = line(numbers, before)[1] + line(numbers, after)[1]
    print(f"{1000 * each:.1f} ms a block")
    return each


def extrapolated(local: tuple[float, float], ray: tuple[float, float], block: float, jobs: int) -> None:
    core = ray[1] * jobs
    busy = core * FILES / block
    print(
        f"one core does a block of {FILES} documents in {core * FILES:.1f} s: the start keeps {busy:.0f} workers busy"
    )
    print("extrapolated, minutes:  documents   local x2      ray x2     ray x16    ray x128")
    for documents in (1_000, 10_000, 100_000, 1_000_000):
        alone = local[0] + local[1] * documents
        spread = [ray[0] + max(core * documents / workers, block * documents / FILES) for workers in (2, 16, 128)]
        print(f"{documents:34,d} {alone / 60:10.1f}" + "".join(f"{seconds / 60:12.1f}" for seconds in spread))


if __name__ == "__main__":
    main()
