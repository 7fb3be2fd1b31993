"""Figures about scoring: equality with sacrebleu and speed, false alarms of checks and gate, recall of the checks.

Reads the evaluation data beside the checkout (or the folder that REGLOSS_SHARED names); nothing of it is kept here.

    python benchmarks/scoring.py [metrics] [checks] [gate]
"""

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from regloss.glossary.store import load_glossary
from regloss.scoring import CHECKS, SignificanceOptions, System, build_metrics, compare
from regloss.scoring.checks.chinese_numbers import chinese_quantities
from regloss.scoring.checks.english_numbers import english_quantities
from regloss.scoring.checks.names import names_in
from regloss.scoring.mentions import GuardedMentionFinder
from regloss.scoring.metric import Material, Metric, Statistics, statistics_of
from regloss.scoring.table import overall_verdict
from regloss.text import is_han

SHARED = Path(os.environ.get("REGLOSS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
WMT22 = SHARED / "testsets" / "wmt22.zh-en"
MIXTURES = 300
WMT20 = SHARED / "testsets" / "wmt20.zh-en"


def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def wmt22_systems() -> list[Path]:
    return sorted((WMT22 / "systems").iterdir())


def metrics() -> None:
    """Compare with `sacrebleu --paired-bs` over all systems: every score, every p-value, and the time."""
    reference, files = WMT22 / "generaltest2022.zh-en.ref.A.en", wmt22_systems()
    theirs = [sys.executable, "-m", "sacrebleu", str(reference), "-i", *map(str, files), "-m", "bleu", "chrf"]
    theirs += ["--paired-bs", "--paired-bs-n", "1000", "-f", "text", "-w", "4"]
    ours = [sys.executable, "-m", "regloss", "score", "--reference", str(reference), "-m", "BLEU", "-m", "chrF"]
    ours += [part for path in files for part in ("--system", f"{path.name}={path}")]
    printed, theirs_wall, theirs_cpu = _timed(theirs)
    _, ours_wall, ours_cpu = _timed(ours)
    table = compare(
        [System(path.name, lines(path)) for path in files],
        build_metrics(["BLEU", "chrF"], references=1),
        references=[lines(reference)],
        baseline=files[0].name,
        options=SignificanceOptions(),
    )
    worst_score = worst_p = 0.0
    for column, theirs in enumerate(_sacrebleu_rows(printed)):
        for row, (score, p) in zip(table.rows, theirs, strict=True):
            cell = row.cells[column]
            worst_score = max(worst_score, abs((cell.value or 0) - score))
            if cell.against_baseline is not None and p is not None:
                worst_p = max(worst_p, abs(cell.against_baseline.p - p))
    print(f"WMT22, {len(files)} systems, BLEU and chrF, 1,000 resamples")
    print(f"  sacrebleu --paired-bs {theirs_wall:.1f} s ({theirs_cpu:.1f} s of CPU)", end=", ")
    print(f"regloss score {ours_wall:.1f} s ({ours_cpu:.1f} s of CPU)", end=": ")
    print(f"{theirs_wall / ours_wall:.1f} times as fast ({theirs_cpu / ours_cpu:.1f} in CPU time)")
    print(f"  largest difference: score {worst_score:.6f}, p-value {worst_p:.4f}")


def _timed(command: Sequence[str]) -> tuple[str, float, float]:
    """Run a command; return what it printed, the seconds on the clock, and those of CPU."""
    wall, before = time.perf_counter(), os.times()
    environment = {**os.environ, "SACREBLEU_SEED": "12345"}
    printed = subprocess.run(command, capture_output=True, check=True, env=environment, encoding="utf-8").stdout
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return printed, time.perf_counter() - wall, cpu


def _sacrebleu_rows(printed: str) -> list[list[tuple[float, float | None]]]:
    """Return (score, p-value) of BLEU and chrF for each system of sacrebleu's printed table."""
    rows: list[list[tuple[float, float | None]]] = []
    for line in printed.split("\n"):
        scores = re.findall(r"│ +(\d+\.\d{4}) \(\d", line)
        p_values = re.findall(r"\(p = (\d\.\d{4})\)", line)
        if scores:
            rows.append([(float(score), None) for score in scores])
        elif p_values:
            rows[-1] = [(score, float(p)) for (score, _), p in zip(rows[-1], p_values, strict=True)]
    return rows


Fault = Callable[[str, str, random.Random], str | None]


def _drop_number(target: str, source: str, rng: random.Random) -> str | None:
    # 六个 may become "several"; a figure of the source, or a numeral with a unit, may not get lost.
    wanted = [q for q in chinese_quantities(source) if q.required]
    found = [q for q in english_quantities(target) if q.required and any(q.matches(w) for w in wanted)]
    if not found:
        return None
    quantity = rng.choice(found)
    return target[: quantity.start] + target[quantity.end :]


def _change_number(target: str, _source: str, rng: random.Random) -> str | None:
    found = [q for q in english_quantities(target) if q.required and q.values[0] != 1]
    if not found:
        return None
    quantity = rng.choice(found)
    places = [i for i in range(quantity.start, quantity.end) if target[i].isdigit()]
    place = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != target[place]])
    return target[:place] + digit + target[place + 1 :]


def _change_scale(target: str, _source: str, _rng: random.Random) -> str | None:
    match = re.search(r"\d (million|billion)\b", target)
    if match is None:
        return None
    other = {"million": "billion", "billion": "million"}[match[1]]
    return target[: match.start(1)] + other + target[match.end(1) :]


def _copy_source(_target: str, source: str, _rng: random.Random) -> str | None:
    return source if sum(map(is_han, source)) >= 4 else None


def _near_copy(_target: str, source: str, rng: random.Random) -> str | None:
    place = rng.randrange(len(source) or 1)
    return f"{source[:place]} {source[place:]}." if sum(map(is_han, source)) >= 8 else None


def _leave_chinese(target: str, source: str, rng: random.Random) -> str | None:
    places = [i for i in range(len(source) - 1) if is_han(source[i]) and is_han(source[i + 1])]
    words = target.split(" ")
    if not places or len(words) < 4:
        return None
    place = rng.choice(places)
    words[rng.randrange(len(words))] = source[place : place + 2]
    return " ".join(words)


def _empty(_target: str, source: str, rng: random.Random) -> str | None:
    return rng.choice(["", " ", "."]) if any(map(is_han, source)) else None


def _cut(target: str, source: str, _rng: random.Random) -> str | None:
    words = target.split(" ")
    return " ".join(words[: len(words) // 3]) if sum(map(is_han, source)) >= 12 else None


def _invent(target: str, source: str, _rng: random.Random) -> str | None:
    # Twice its length again, in other words.
    words = target.split(" ")
    if sum(map(is_han, source)) < 12:
        return None
    more = [words[(7 * i + 3) % len(words)] for i in range(2 * len(words))]
    return " ".join([*words, *more])


def _loop(target: str, _source: str, rng: random.Random) -> str | None:
    words = target.split(" ")
    if len(words) < 8:
        return None
    size, start = rng.randint(1, 5), rng.randrange(len(words) - 6)
    times = rng.randint(5, 8) if size == 1 else rng.randint(4, 6)
    piece = words[start : start + size]
    return " ".join([*words[:start], *piece * times, *words[start + size :]])


def _drop_name(target: str, source: str, rng: random.Random) -> str | None:
    standing = [name for name in names_in(source) if target.count(name) == 1]
    return target.replace(rng.choice(standing), "it") if standing else None


def _drop_partner(target: str, _source: str, rng: random.Random) -> str | None:
    places = [i for i, char in enumerate(target) if char in "()[]“”"]
    # Where a quotation runs on into the next segment, nothing is broken by dropping its only mark.
    balanced = all(target.count(one) == target.count(other) for one, other in ("()", "[]", "“”"))
    if not places or not balanced:
        return None
    place = rng.choice(places)
    return target[:place] + target[place + 1 :]


FAULTS: dict[str, dict[str, Fault]] = {
    "empty": {"nothing": _empty},
    "untranslated": {"copy": _copy_source, "near copy": _near_copy},
    "cjk-residue": {"a word": _leave_chinese},
    "number-mismatch": {
        "dropped": _drop_number,
        "a digit changed": _change_number,
        "million for billion": _change_scale,
    },
    "missing-name": {"dropped": _drop_name},
    "length-ratio": {"two thirds cut": _cut, "three times as long": _invent},
    "repetition": {"loop": _loop},
    "unbalanced": {"partner dropped": _drop_partner},
}


def reference_sets() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    source20, source22 = lines(WMT20 / "newstest2020.src.zh"), lines(WMT22 / "generaltest2022.zh-en.src.zh")
    return [
        ("WMT20 A", source20, lines(WMT20 / "newstest2020.ref.en")),
        ("WMT20 B", source20, lines(WMT20 / "newstest2020.refB.en")),
        ("WMT22 A", source22, lines(WMT22 / "generaltest2022.zh-en.ref.A.en")),
        ("WMT22 B", source22, lines(WMT22 / "generaltest2022.zh-en.ref.B.en")),
    ]


def other_sets() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return translations that nobody looked at while writing the checks."""
    flores, ntrex = SHARED / "testsets" / "flores", SHARED / "testsets" / "ntrex"
    return [
        ("FLORES", lines(flores / "devtest.zh"), lines(flores / "devtest.en")),
        ("NTREX", lines(ntrex / "newstest2019-ref.zho-CN.txt"), lines(ntrex / "newstest2019-src.eng.txt")),
    ]


def checks() -> None:
    """False alarms on professional translations, and recall of faults put into those that raise none."""
    sets = reference_sets()
    for check in CHECKS:
        print(check.name)
        print("  false alarms, % of segments: ", "  ".join(_alarms(check.run, each) for each in sets))
        print("  … on sets not looked at:     ", "  ".join(_alarms(check.run, each) for each in other_sets()))
        for kind, fault in FAULTS[check.name].items():
            print(f"  recall, {kind}: {_recall(check.run, fault, sets)}")


def _alarms(run: Callable, each: tuple[str, tuple[str, ...], tuple[str, ...]]) -> str:
    name, source, target = each
    alarms = sum(run(text, origin) is not None for origin, text in zip(source, target, strict=True))
    return f"{name} {100 * alarms / len(target):.2f}"


def _recall(run: Callable, fault: Fault, sets: Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]]) -> str:
    rng = random.Random(20)
    caught = injected = 0
    for _, source, target in sets:
        for origin, text in zip(source, target, strict=True):
            if run(text, origin) is not None:
                continue
            broken = fault(text, origin, rng)
            if broken is not None:
                injected += 1
                caught += run(broken, origin) is not None
    return f"{caught / max(injected, 1):.3f} of {injected}"


def gate() -> None:
    """Mix two systems by chance into two that are exchangeable, and count how often the gate calls them different."""
    reference, source = lines(WMT22 / "generaltest2022.zh-en.ref.A.en"), lines(WMT22 / "generaltest2022.zh-en.src.zh")
    pair = [lines(WMT22 / "systems" / f"generaltest2022.zh-en.hyp.{name}.en") for name in ("DLUT", "JDExploreAcademy")]
    glossary = load_glossary()
    finder = GuardedMentionFinder(glossary)
    for title, references in (("without a reference", ()), ("with a reference", (reference,))):
        measured = build_metrics(references=len(references), glossary=glossary, finder=finder)
        materials = [Material(text, source, references) for text in pair]
        rows = {metric.info.name: statistics_of(metric, materials) for metric in measured}
        rng = np.random.default_rng(7)
        told: Counter[str] = Counter()
        single: Counter[str] = Counter()
        for _ in range(MIXTURES):
            swapped = rng.integers(2, size=len(source)).astype(bool)
            mixed = [_Mixed(metric, rows[metric.info.name], swapped) for metric in measured]
            systems = [System(name, ("x",) * len(source), source) for name in ("one", "other")]
            table = compare(systems, mixed, references=references, baseline="one", checks=())
            told[str(table.verdict("other"))] += 1
            cells = (row.cells[1].against_baseline for row in table.rows if row.info.name in table.decisive)
            single[str(overall_verdict([cell.verdict for cell in cells if cell is not None]))] += 1
        print(f"verdicts on {MIXTURES} pairs of exchangeable systems, {title}: {dict(told)}")
        print(f"  without the correction for the number of metrics: {dict(single)}")


class _Mixed:
    """A metric whose rows are known: of the first system where nothing is swapped, of the second elsewhere."""

    def __init__(self, metric: Metric, rows: Sequence[Statistics], swapped: np.ndarray) -> None:
        self.info = metric.info
        one, other = rows
        halves = (np.where(swapped[:, None], one.rows, other.rows), np.where(swapped[:, None], other.rows, one.rows))
        self._mixed = {name: replace(one, rows=each) for name, each in zip(("one", "other"), halves, strict=True)}

    def statistics(self, material: Material) -> Statistics:
        return self._mixed[material.system]


SECTIONS = {"metrics": metrics, "checks": checks, "gate": gate}


def main() -> None:
    if not WMT22.is_dir():
        sys.exit(f"skipped: no evaluation data in {SHARED}; name the folder in REGLOSS_SHARED")
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name]()
        print()


if __name__ == "__main__":
    main()
