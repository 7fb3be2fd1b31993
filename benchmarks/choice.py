"""Choosing between two translations line by line, against the better one of the two alone.

    python benchmarks/choice.py [systems] [embedded]

``systems`` takes every ordered pair of the systems of the WMT25 terminology task that are in the evaluation data beside
the checkout (or in the folder that REGLOSS_SHARED names), and documents whose lines correspond; terms are the
document's own. It prints how the chosen text compares with the better single one, in chrF2++ and in term success, and
does so again with weights that were chosen on the other two years. ``embedded`` lets the model that ships retranslate
the documents, cut into pieces of some lines, and shows what `regloss run` would keep of it; that takes minutes.
"""

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from regloss.alignment.lexicon import Lexicon, load_lexicon
from regloss.document import Hypothesis
from regloss.glossary.entry import Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.run.job import expected_lead
from regloss.scoring import ChoiceOptions, Chooser, Coverage, Material, Rating, Statistics, decide
from regloss.scoring.reference import ChrF
from regloss.scoring.terms import TermSuccess
from regloss.translation.engines import DEFAULT_MODEL, load_translator
from regloss.translation.terms import translate_with_terms

SHARED = Path(os.environ.get("REGLOSS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
TERMS = SHARED / "testsets" / "wmt25-term"
YEARS = ("2016", "2018", "2020")
EVEN = ChoiceOptions(margin=0)
TOLD = (
    ("NLLB.noterm", "CommandA_MT.proper"),
    ("NLLB.noterm", "MADLAD.noterm"),
    ("gpt-4.1-nano.noterm", "gpt-4.1-nano.proper"),
    ("gpt-4.1-nano.noterm", "CommandA_MT.proper"),
    ("CommandA_MT.noterm", "gpt-4.1-nano.proper"),
    ("CommandA_MT.noterm", "NLLB.noterm"),
)
GRID = [
    replace(EVEN, document_weight=document, estimate_weight=estimate)
    for document in (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
    for estimate in (0.0, 1.0, 1.5, 2.0, 3.0)
]
# In a document whose lines do not correspond, most of them are of an impossible length.
SHIFTED = 0.25


@dataclass(frozen=True)
class Text:
    """One system's lines of one document: what the chooser knows of them, and how good they are."""

    sources: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    ratings: tuple[Rating, ...]
    chrf: Statistics
    terms: Statistics

    def part(self, start: int, end: int) -> "Text":
        chrf, terms = (replace(each, rows=each.rows[start:end]) for each in (self.chrf, self.terms))
        return Text(self.sources[start:end], self.hypotheses[start:end], self.ratings[start:end], chrf, terms)


Place = tuple[str, int]
Texts = dict[str, dict[Place, Text]]


@dataclass(frozen=True)
class Outcome:
    """A pair of systems over all their documents: chrF2++ and term success of the first, the second and the chosen."""

    names: tuple[str, str]
    documents: int
    chrf: np.ndarray
    success: np.ndarray
    share: float

    @property
    def gain(self) -> tuple[float, float]:
        """Return the chosen minus the better single one, in points of chrF2++ and percentage points of success."""
        return float(self.chrf[2] - self.chrf[:2].max()), float(100 * (self.success[2] - self.success[:2].max()))


@cache
def lexicon() -> Lexicon:
    return load_lexicon()


def filled(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip())


def documents() -> Iterator[tuple[Place, dict]]:
    for year in YEARS:
        for number, line in enumerate(filled((TERMS / year / "docs.jsonl").read_text("utf-8"))):
            yield (year, number), json.loads(line)


def entries_of(document: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[TermEntry, ...]:
    return tuple(
        TermEntry(source, targets[0], tuple(targets[1:]), kind=Kind.NAME if targets[0][:1].isupper() else Kind.NOUN)
        for source, targets in document["terms"].items()
    )


def text_of(document: dict, lines: Sequence[str]) -> Text | None:
    """Return the lines of a translation as a Text, None where they do not correspond to those of the document."""
    sources, reference = filled(document["zh"]), filled(document["ref"])
    if not len(sources) == len(lines) == len(reference):
        return None
    entries = entries_of(document)
    hypotheses = tuple(Hypothesis("", line) for line in lines)
    ratings = tuple(Chooser(entries, estimator=Coverage(lexicon())).rate(sources, hypotheses))
    if sum(any(f.check == "length-ratio" for f in rating.findings) for rating in ratings) > SHIFTED * len(lines):
        return None
    chrf = ChrF(1, 2).statistics(Material(tuple(lines), None, (reference,)))
    return Text(sources, hypotheses, ratings, chrf, TermSuccess(entries).statistics(Material(tuple(lines), sources)))


def system_texts() -> Texts:
    found: Texts = {}
    for path in sorted((TERMS / YEARS[0] / "systems").iterdir()):
        found[path.stem] = {}
        for (year, number), document in documents():
            line = filled((TERMS / year / "systems" / path.name).read_text("utf-8"))[number]
            text = text_of(document, filled(json.loads(line)["hyp"]))
            if text is not None:
                found[path.stem][year, number] = text
    return found


def taken(first: Text, second: Text, options: ChoiceOptions) -> np.ndarray:
    """Return for each line whether the second text is chosen."""
    candidates = [
        (replace(one, system="original"), replace(other, system="retranslated"))
        for one, other in zip(first.hypotheses, second.hypotheses, strict=True)
    ]
    ratings = list(zip(first.ratings, second.ratings, strict=True))
    chosen = decide(first.sources, candidates, ratings, options)
    return np.array([choice.hypothesis.system == "retranslated" for choice in chosen])


def outcome(names: tuple[str, str], pairs: Sequence[tuple[Text, Text]], options: ChoiceOptions) -> Outcome:
    chrf, terms, chosen, lines = np.zeros((3, 24)), np.zeros((3, 2)), 0, 0
    for first, second in pairs:
        seconds = taken(first, second, options)
        chosen, lines = chosen + int(seconds.sum()), lines + len(seconds)
        for sums, one, other in ((chrf, first.chrf, second.chrf), (terms, first.terms, second.terms)):
            mixed = np.where(seconds[:, None], other.rows, one.rows)
            sums += np.stack([each.sum(axis=0) for each in (one.rows, other.rows, mixed)])
    return Outcome(names, len(pairs), pairs[0][0].chrf.aggregate(chrf), terms[:, 0] / terms[:, 1], chosen / lines)


def outcomes(texts: Texts, options: ChoiceOptions, years: Sequence[str] = YEARS) -> list[Outcome]:
    """Return one outcome for each ordered pair of systems that share a document of these years."""
    found: list[Outcome] = []
    for one, other in itertools.permutations(texts, 2):
        places = [place for place in texts[one] if place in texts[other] and place[0] in years]
        if places:
            pairs = [(texts[one][place], texts[other][place]) for place in places]
            found.append(outcome((one, other), pairs, options))
    return found


def shortfall(found: Sequence[Outcome]) -> float:
    """Return by how much the chosen texts fall short of the better single ones: chrF2++ and percent of terms, mean."""
    return float(np.mean([sum(max(0.0, -gain) for gain in each.gain) for each in found]))


def distribution(name: str, found: Sequence[Outcome]) -> None:
    chrf, success = np.array([each.gain for each in found]).T
    both = np.mean((chrf >= 0) & (success >= 0))
    print(f"  {name}: {len(found)} pairs, shortfall {shortfall(found):.2f}")
    for label, gains in (("chrF2++", chrf), ("term success, %", success)):
        low, quarter, middle, three, high = np.quantile(gains, (0, 0.25, 0.5, 0.75, 1))
        print(
            f"    {label:16s} mean {gains.mean():+.2f}  min {low:+.2f}  quarters {quarter:+.2f} {middle:+.2f}", end=" "
        )
        print(f"{three:+.2f}  max {high:+.2f}  not below {np.mean(gains >= 0):.2f}", end="  ")
        print(f"at most 0.1 below {np.mean(gains >= -0.1):.2f}")
    print(f"    neither below: {both:.2f} of the pairs")


def row(each: Outcome) -> str:
    told = "  ".join(f"{s:.3f} / {c:.2f}" for s, c in zip(each.success, each.chrf, strict=True))
    return f"  {each.names[0]:20s} {each.names[1]:20s} {told}  ({each.documents} documents, {each.share:.2f} second)"


def leads(texts: Texts) -> tuple[float, float]:
    """Return in how many documents the better text by chrF2++ leads, and the points of lead a point of chrF2++."""
    lead: list[float] = []
    better: list[float] = []
    for mine, theirs in itertools.combinations(texts.values(), 2):
        for place in mine.keys() & theirs.keys():
            first, second = mine[place], theirs[place]
            size = np.array([len(source) + 1 for source in first.sources])
            differences = [
                two.points - one.points + EVEN.estimate_weight * ((two.quality or 0) - (one.quality or 0))
                for one, two in zip(first.ratings, second.ratings, strict=True)
            ]
            lead.append(float(np.average(differences, weights=size)))
            better.append(second.chrf.total() - first.chrf.total())
    x, y = np.array(better), np.array(lead)
    return float(np.mean(np.sign(x) == np.sign(y))), float((x * y).sum() / (x * x).sum())


def systems() -> None:
    texts = system_texts()
    print("Chosen line by line, no side preferred: term success / chrF2++ of the first, the second, the chosen")
    shipped = outcomes(texts, EVEN)
    for names in TOLD:
        print(row(next(each for each in shipped if each.names == names)))
    print("the five that fall short most:")
    for each in sorted(shipped, key=lambda each: min(each.gain[0], each.gain[1]))[:5]:
        print(row(each))
    print("chosen minus the better single one:")
    distribution("shipped weights", shipped)
    distribution("segments alone", outcomes(texts, replace(EVEN, document_weight=0.0)))
    distribution("document without coverage", outcomes(texts, replace(EVEN, estimate_weight=0.0)))
    held_out: list[Outcome] = []
    for year in YEARS:
        rest = [each for each in YEARS if each != year]
        best = min(GRID, key=lambda options: shortfall(outcomes(texts, options, rest)))
        print(f"  without {year}: document weight {best.document_weight:g}, estimate weight {best.estimate_weight:g}")
        held_out += outcomes(texts, best, [year])
    distribution("each year with weights chosen on the others", held_out)
    distribution(
        "each year with the shipped weights", [each for year in YEARS for each in outcomes(texts, EVEN, [year])]
    )
    right, slope = leads(texts)
    print(f"  the lead names the better text by chrF2++ in {right:.2f} of the documents, {slope:.2f} points a point")


def pieces(pair: tuple[Text, Text], size: int) -> Iterator[tuple[Text, Text]]:
    total = len(pair[0].sources)
    for start in range(0, total, size or total):
        end = min(start + (size or total), total)
        yield pair[0].part(start, end), pair[1].part(start, end)


def embedded() -> None:
    """Hold what the shipped model makes of the documents, with their terms, against each system."""
    translator = load_translator()
    own: dict[Place, Text] = {}
    for place, document in documents():
        glossary = Glossary.of(entries_of(document))
        made = translate_with_terms(filled(document["zh"]), translator, glossary)
        text = text_of(document, [" ".join(hypothesis.text.splitlines()) for hypothesis in made.hypotheses])
        if text is not None:
            own[place] = text
    options = ChoiceOptions(expected=expected_lead(DEFAULT_MODEL))
    print(
        f"Retranslated by {translator.name} (expected lead {options.expected:+.0f}): documents of n lines (0: whole),"
    )
    print("term success / chrF2++ of the system, the retranslation, the chosen")
    for name, texts in system_texts().items():
        pairs = [(texts[place], own[place]) for place in texts if place in own]
        for size in (1, 5, 20, 0):
            cut = [piece for pair in pairs for piece in pieces(pair, size)]
            print(f"{size:4d} {row(outcome((name, translator.name), cut, options))}")


SECTIONS: dict[str, Callable[[], None]] = {"systems": systems, "embedded": embedded}


def main() -> None:
    if not TERMS.is_dir():
        sys.exit(f"skipped: no evaluation data in {SHARED}; name the folder in REGLOSS_SHARED")
    for name in sys.argv[1:] or SECTIONS:
        SECTIONS[name]()
        print()


if __name__ == "__main__":
    main()
