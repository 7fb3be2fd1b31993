"""The stages in their order, from two files to one result."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from regloss.alignment import Alignment, Link
from regloss.config import Config
from regloss.document import Document, Edit, Hypothesis, Relation, Tier, apply_edits
from regloss.errors import ReglossError
from regloss.formats import read_document
from regloss.glossary.store import Glossary
from regloss.repair import Repairer
from regloss.run.repairing import Repaired, bundled_lexicon, repair_document, source_of
from regloss.scoring import (
    Choice,
    ChoiceOptions,
    Chooser,
    Coverage,
    GuardedMentionFinder,
    ScoreTable,
    SignificanceOptions,
    System,
    build_metrics,
    compare,
)
from regloss.translation.cards import ModelCard, read_card
from regloss.translation.documents import DocumentTranslation, translate_document, translate_texts
from regloss.translation.engines import resolve_model
from regloss.translation.memory import BriefMemory, RememberingTranslator
from regloss.translation.protocol import DecodingOptions, Translator

__all__ = ["FIXED", "ORIGINAL", "RETRANSLATED", "RunResult", "Unit", "card_of", "expected_lead", "run"]

ORIGINAL, FIXED, RETRANSLATED = "original", "fixed", "retranslated"
Progress = Callable[[str, int, int], None]

# chrF on FLORES devtest of what people have their texts translated by: opus-mt-zh-en 52, NLLB-600M 54.
_USUAL_CHRF = 53.0
_LEAST_PER_CHRF, _MOST_PER_CHRF = 0.8, 1.5
# A model that nobody has measured has everything to prove, as the weak one that ships.
_UNMEASURED = -20.0


@dataclass(frozen=True, slots=True)
class Unit:
    """Aligned sentences of a parallel pair: ``text[start:end]`` of the target renders `source`.

    Attributes:
        id: of the first segment in it.
        original, fixed: the target text before and after repair.
        edits: those that were applied in it, offsets into `original`.
    """

    id: str
    start: int
    end: int
    source: str
    original: str
    fixed: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything that the main job made.

    Attributes:
        repaired: the repaired target document.
        source: the source document.
        translation: its retranslation.
        scores: of original, fixed and retranslated.
        units: the aligned sentences; empty where the documents are not parallel.
        choices: one for each unit.
        chosen: the target text made of what was chosen, None where the documents are not parallel.
        translator: name and hash of the model that spoke.
        seconds: of each stage.
    """

    repaired: Repaired
    source: Document
    translation: DocumentTranslation
    scores: ScoreTable
    units: tuple[Unit, ...]
    choices: tuple[Choice, ...]
    chosen: str | None
    translator: str
    seconds: dict[str, float]


@dataclass(slots=True)
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def run(
    target: Path,
    source: Path,
    repairer: Repairer,
    translator: Translator,
    config: Config = Config(),  # noqa: B008 - frozen
    progress: Progress = lambda _stage, _done, _total: None,
) -> RunResult:
    """Repair `target`, retranslate `source`, score both and choose.

    Args:
        target: the machine-translated English file.
        source: the Chinese file.
        repairer, translator: ready for use.
        progress: told (stage, done, total) as the work goes on.

    Raises:
        InputError: a file cannot be read.
        ModelError: the model refuses its input.
    """
    clock = _Clock()
    with clock.stage("repair"):
        source_document = read_document(source)
        document = replace(read_document(target), source=source_document.text.removeprefix("\ufeff"))
        repaired = repair_document(document, repairer)
        units = _units(repaired)
    with clock.stage("retranslate"):
        remembering = RememberingTranslator(translator, BriefMemory())
        retranslator = _Retranslator(remembering, repairer, DecodingOptions(beam=config.beam), progress)
        translation = retranslator.document(source_document)
        proposals = retranslator.units(units)
    with clock.stage("score"):
        systems = (
            _parallel_systems(units, proposals) if units else _separate_systems(repaired, translation, source_document)
        )
        scores = _score(systems, repaired, repairer.glossary, translator, config)
    with clock.stage("choose"):
        choices = _choose(units, proposals, repairer.glossary, config)
        chosen = _chosen_text(document, units, choices) if units else None
    return RunResult(
        repaired, source_document, translation, scores, units, choices, chosen, translator.signature(), clock.seconds
    )


@dataclass(frozen=True, slots=True)
class _Retranslator:
    """The translator with the glossary's terms and our own repair behind it."""

    translator: Translator
    repairer: Repairer
    options: DecodingOptions
    progress: Progress

    def _mend(self, text: str, glossary: Glossary, source: str | None = None) -> str:
        del glossary  # the repairer has its own
        return self.repairer.repair(text, source)

    def document(self, source: Document) -> DocumentTranslation:
        return translate_document(
            source,
            self.translator,
            self.repairer.glossary,
            options=self.options,
            repair=self._mend,
            progress=lambda done, total: self.progress("retranslating", done, total),
        )

    def units(self, units: Sequence[Unit]) -> tuple[Hypothesis, ...]:
        """Translate the source side of aligned sentences; without any, nothing is asked of the model."""
        if not units:
            return ()
        hypotheses, _ = translate_texts(
            [unit.source for unit in units],
            self.translator,
            self.repairer.glossary,
            options=self.options,
            repair=self._mend,
        )
        return tuple(replace(each, system=RETRANSLATED) for each in hypotheses)


def _units(repaired: Repaired) -> tuple[Unit, ...]:
    alignment = repaired.alignment
    if alignment is None or alignment.relation is not Relation.PARALLEL:
        return ()
    return tuple(_unit(repaired, alignment, link) for link in alignment.links if link.source and link.target)


def _unit(repaired: Repaired, alignment: Alignment, link: Link) -> Unit:
    first, last = repaired.segments[min(link.target)], repaired.segments[max(link.target)]
    inside = tuple(
        replace(edit, start=edit.start - first.start, end=edit.end - first.start)
        for edit in repaired.edits
        if edit.tier in repaired.applied and first.start <= edit.start and edit.end <= last.end
    )
    original = repaired.document.text[first.start : last.end]
    fixed = apply_edits(original, inside, frozenset(Tier))
    return Unit(first.id, first.start, last.end, source_of(link, alignment).strip(), original, fixed, inside)


def _parallel_systems(units: Sequence[Unit], proposals: Sequence[Hypothesis]) -> tuple[System, ...]:
    sources = tuple(unit.source for unit in units)
    return (
        System(ORIGINAL, tuple(unit.original for unit in units), sources),
        System(FIXED, tuple(unit.fixed for unit in units), sources),
        System(RETRANSLATED, tuple(hypothesis.text for hypothesis in proposals), sources),
    )


def _separate_systems(repaired: Repaired, translation: DocumentTranslation, source: Document) -> tuple[System, ...]:
    """Return the systems of two documents that are not translations of each other: only two of them share a text."""
    document = repaired.document
    lines = tuple(line for line in document.text.splitlines() if line.strip())
    fixed = tuple(line for line in repaired.text.splitlines() if line.strip())
    sources = tuple(source.text[span.start : span.end] for span in translation.spans)
    return (
        System(ORIGINAL, lines, renders=document.name),
        System(FIXED, fixed, renders=document.name),
        System(RETRANSLATED, tuple(h.text for h in translation.hypotheses), sources, renders=source.name),
    )


def _score(
    systems: Sequence[System], repaired: Repaired, glossary: Glossary, translator: Translator, config: Config
) -> ScoreTable:
    finder = GuardedMentionFinder(glossary)
    return compare(
        systems,
        build_metrics(glossary=glossary, finder=finder),
        relation=repaired.alignment.relation if repaired.alignment else Relation.COMPARABLE,
        options=SignificanceOptions(resamples=0, seed=config.seed),
        finder=finder,
        glossary_hash=glossary.content_hash,
        model=translator.signature(),
    )


def _choose(
    units: Sequence[Unit], proposals: Sequence[Hypothesis], glossary: Glossary, config: Config
) -> tuple[Choice, ...]:
    if not units:
        return ()
    finder = GuardedMentionFinder(glossary)
    options = ChoiceOptions(margin=config.margin, expected=expected_lead(config.model))
    chooser = Chooser(glossary.entries, finder, Coverage(bundled_lexicon()), options)
    candidates = [
        (Hypothesis(ORIGINAL, unit.original), Hypothesis(FIXED, unit.fixed), proposal)
        for unit, proposal in zip(units, proposals, strict=True)
    ]
    return chooser.choose_all([unit.source for unit in units], candidates)


def expected_lead(model: str) -> float:
    """Return by how many rating points a model's translations are expected to lead an ordinary system's, by its card.

    In the documents of ``benchmarks/choice.py`` a point of chrF makes 0.8 to 1.5 rating points. A model is taken to be
    as weak as that allows: a weak one garbles what no rating sees.
    """
    card = card_of(model)
    if card is None or card.chrf is None:
        return _UNMEASURED
    lead = card.chrf - _USUAL_CHRF
    return lead * (_MOST_PER_CHRF if lead < 0 else _LEAST_PER_CHRF)


def card_of(model: str) -> ModelCard | None:
    """Return the card of a model by name or folder, None where there is none."""
    try:
        return read_card(resolve_model(model))
    except ReglossError:
        return None


def _chosen_text(document: Document, units: Sequence[Unit], choices: Sequence[Choice]) -> str:
    """Return the target text with the chosen rendering in the place of each unit; all else stays as it was."""
    pieces: list[str] = []
    position = 0
    for unit, choice in sorted(zip(units, choices, strict=True), key=lambda pair: pair[0].start):
        if unit.start < position:
            continue
        pieces += (document.text[position : unit.start], _one_line(choice.hypothesis.text, unit.original))
        position = unit.end
    return "".join((*pieces, document.text[position:]))


def _one_line(text: str, original: str) -> str:
    """Return `text` without line breaks that the original did not have, so that lines stay lines."""
    return text if "\n" in original else " ".join(text.splitlines())
