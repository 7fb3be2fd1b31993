"""Glossary terms in machine translation, without constrained beam search: a ladder of ever stronger measures.

For each source sentence that holds source terms:

1. *inline*: each term is replaced by its target before translation, and a model that has seen such mixed sentences
   copies it (Dinu et al. 2019).
2. *nbest*: where the best candidate lacks a term, a lower one that has it is taken.
3. *redecoded*: the sentence is translated again, with an admitted target inline, without anything inline, and with the
   target forced: the translation is kept up to the place where the term belongs (a garbled copy of it, or where
   attention says), the target is set there, and the model goes on from it.
4. *repaired*: the target takes the place of the words that stand for the term, and a repair function handed in mends
   what is left.
5. *missing*: nothing helped; the log says so.

Among candidates the one with most terms wins, then the one that the model likes best. One `TermOutcome` is logged for
each term of each sentence.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from regloss.document import Hypothesis
from regloss.glossary.entry import TermEntry
from regloss.glossary.store import Glossary
from regloss.translation.loops import is_looping, translate_without_loops
from regloss.translation.pieces import join_pieces
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions, Translator
from regloss.translation.term_index import SourceTerm, TermIndex, renders
from regloss.translation.term_places import find_place, with_target

__all__ = ["RepairText", "TermOutcome", "TermTranslation", "translate_with_terms"]

Outcome = Literal["inline", "nbest", "redecoded", "repaired", "missing"]

_FORCING_ROUNDS = 6
_PATCHING_ROUNDS = 3
# Tokens of the source's budget that are tried to be left free for targets put inline.
_SPARE = (0, 4, 8, 12, 16)


class RepairText(Protocol):
    """What the repair stage offers: the text with the glossary's terms mended."""

    def __call__(self, text: str, glossary: Glossary, source: str | None = None) -> str:
        """Return `text` repaired, given its source."""
        ...


@dataclass(frozen=True, slots=True)
class TermOutcome:
    """What became of one term in one segment.

    Attributes:
        segment: id of the segment.
        term: the source term.
        target: the target that was asked for.
        outcome: the step of the ladder that got it in, or ``missing``.
    """

    segment: str
    term: str
    target: str
    outcome: Outcome

    def as_record(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"segment": self.segment, "term": self.term, "target": self.target, "outcome": self.outcome}


@dataclass(frozen=True, slots=True)
class TermTranslation:
    """Translations with their term log.

    Attributes:
        hypotheses: one for each source.
        outcomes: one for each term of each source, in order.
    """

    hypotheses: tuple[Hypothesis, ...]
    outcomes: tuple[TermOutcome, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """One piece of a source on its way up the ladder.

    `mixed` is the source with targets inline; `outcomes` holds the terms that `best` renders.
    """

    owner: int
    source: str
    matches: tuple[SourceTerm, ...]
    mixed: str
    best: Hypothesis
    outcomes: tuple[tuple[str, Outcome], ...] = ()

    @property
    def entries(self) -> tuple[TermEntry, ...]:
        return tuple({match.entry.source: match.entry for match in self.matches}.values())

    @property
    def missing(self) -> tuple[TermEntry, ...]:
        done = {term for term, _ in self.outcomes}
        return tuple(entry for entry in self.entries if entry.source not in done)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A translation being forced from left to right: everything before `fixed` stays."""

    text: str
    fixed: int


def translate_with_terms(
    sources: Sequence[str],
    translator: Translator,
    glossary: Glossary,
    *,
    options: DecodingOptions = DEFAULT_DECODING,
    repair: RepairText | None = None,
    ids: Sequence[str] = (),
) -> TermTranslation:
    """Translate `sources` so that the glossary's terms are honoured.

    Args:
        sources: sentences or longer texts; count in is count out.
        translator: the engine.
        glossary: its entries' source terms are looked for.
        options: decoding options; candidates beyond the first serve the ladder and are not returned.
        repair: mends what decoding could not; nothing is mended without it.
        ids: ids of the sources for the log; ``s1``, ``s2``, … if empty.

    Returns:
        One hypothesis a source, whose score is the mean of its pieces' scores, and the log.
    """
    states = _first_decoding(sources, translator, TermIndex(glossary.entries), options)
    states = _decode_forced(_decode_otherwise(states, translator, options), translator, options)
    states = _patched(states, translator)
    if repair is not None:
        states = [_repaired(state, glossary, repair) for state in states]
    names = ids or [f"s{i + 1}" for i in range(len(sources))]
    by_owner: list[list[_State]] = [[] for _ in sources]
    for state in states:
        by_owner[state.owner].append(state)
    return TermTranslation(
        tuple(_joined(own, translator.name) for own in by_owner),
        tuple(outcome for name, own in zip(names, by_owner, strict=True) for outcome in _log(name, own)),
    )


def _preferred(entry: TermEntry) -> str:
    return entry.target


def _admitted(entry: TermEntry) -> str:
    return entry.admitted[0] if entry.admitted else entry.target


def _inline(source: str, matches: Sequence[SourceTerm], rendering: Callable[[TermEntry], str]) -> str:
    parts, position = [], 0
    for match in matches:
        parts += [source[position : match.start], " ", rendering(match.entry), " "]
        position = match.end
    return " ".join("".join((*parts, source[position:])).split())


def _first_decoding(
    sources: Sequence[str], translator: Translator, index: TermIndex, options: DecodingOptions
) -> list[_State]:
    states = []
    for owner, source in enumerate(sources):
        states += [
            _State(owner, piece, matches, mixed, Hypothesis(translator.name, ""))
            for piece, matches, mixed in _mixed_pieces(source, translator, index)
        ]
    plain = [i for i, state in enumerate(states) if not state.matches]
    mixed = [i for i, state in enumerate(states) if state.matches and not _is_bare_term(state)]
    for asked, how in ((plain, replace(options, n_best=1)), (mixed, _wide(options))):
        results = translate_without_loops(translator, [states[i].mixed for i in asked], options=how)
        for i, candidates in zip(asked, results, strict=True):
            states[i] = _started(states[i], candidates)
    return [_started(s, (Hypothesis(translator.name, s.mixed),)) if _is_bare_term(s) else s for s in states]


def _is_bare_term(state: _State) -> bool:
    """A cell or heading that is a term and nothing else is its target: a model only makes up words around it."""
    return len(state.matches) == 1 and state.matches[0].end - state.matches[0].start == len(state.source)


def _mixed_pieces(
    source: str, translator: Translator, index: TermIndex
) -> list[tuple[str, tuple[SourceTerm, ...], str]]:
    """Cut `source` so that its pieces fit the model even with the targets inline, if that can be done."""
    pieces: list[tuple[str, tuple[SourceTerm, ...], str]] = []
    for spare in _SPARE:
        pieces = []
        for piece in translator.split(source, spare=spare):
            matches = index.find(piece)
            pieces.append((piece, matches, _inline(piece, matches, _preferred) if matches else piece))
        if all(not matches or len(translator.split(mixed)) == 1 for _, matches, mixed in pieces):
            break
    return pieces


def _wide(options: DecodingOptions) -> DecodingOptions:
    """Every candidate that the beam holds is wanted: they cost nothing more."""
    return replace(options, n_best=options.beam)


def _started(state: _State, candidates: Sequence[Hypothesis]) -> _State:
    return _improved(_improved(replace(state, best=candidates[0]), candidates[:1], "inline"), candidates[1:], "nbest")


def _improved(state: _State, candidates: Iterable[Hypothesis], outcome: Outcome) -> _State:
    """Take the candidate with most terms, if it has more than the best so far; ties go to the earlier, likelier one.

    No term is worth a translation that loops where the best so far does not.
    """
    for candidate in candidates:
        rendered = _rendered(state, candidate.text)
        loops = is_looping(candidate.text) and not is_looping(state.best.text)
        if len(rendered) > len(state.outcomes) and not loops:
            known = dict(state.outcomes)
            found = tuple((term, known.get(term, outcome)) for term in rendered)
            state = replace(state, best=candidate, outcomes=found)
    return state


def _rendered(state: _State, text: str) -> list[str]:
    return [entry.source for entry in state.entries if renders(text, entry)]


def _decode_otherwise(states: list[_State], translator: Translator, options: DecodingOptions) -> list[_State]:
    """Translate what lacks a term with an admitted target inline and with nothing inline."""
    asked: list[tuple[int, str]] = []
    for i, state in enumerate(states):
        if state.missing:
            variants = (_inline(state.source, state.matches, _admitted), state.source)
            asked += [(i, text) for text in dict.fromkeys(variants) if text != state.mixed]
    results = translate_without_loops(translator, [text for _, text in asked], options=_wide(options))
    improved = list(states)
    for (i, _), candidates in zip(asked, results, strict=True):
        improved[i] = _improved(improved[i], _by_score(candidates), "redecoded")
    return improved


def _by_score(candidates: Sequence[Hypothesis]) -> list[Hypothesis]:
    return sorted(candidates, key=lambda c: -(c.model_score or 0.0))


def _decode_forced(states: list[_State], translator: Translator, options: DecodingOptions) -> list[_State]:
    """Set the leftmost missing target where it belongs and let the model finish the sentence; then the next one.

    What follows a forced target is new, and may lose terms that stood there before: they are set again in later
    rounds, further right. The best translation on the way is kept.
    """
    states = list(states)
    walks = {i: _Walk(s.best.text, 0) for i, s in enumerate(states) if s.missing and _is_one_piece(s, translator)}
    for _ in range(_FORCING_ROUNDS):
        starts = _forced_starts(states, walks, translator)
        walks = {}
        if not starts:
            break
        results = translate_without_loops(
            translator,
            [states[i].mixed for i in starts],
            options=_wide(options),
            prefixes=list(starts.values()),
        )
        for (i, start), candidates in zip(starts.items(), results, strict=True):
            ranked = sorted(candidates, key=lambda c, s=states[i]: -len(_rendered(s, c.text)))  # type: ignore[misc]
            states[i] = _improved(states[i], ranked[:1], "redecoded")
            if states[i].missing:
                walks[i] = _Walk(ranked[0].text, len(start))
    return states


def _is_one_piece(state: _State, translator: Translator) -> bool:
    return len(translator.split(state.mixed)) == 1


def _forced_starts(states: Sequence[_State], walks: Mapping[int, _Walk], translator: Translator) -> dict[int, str]:
    """Return, for each walk that can go on, the beginning of a translation that ends with a missing target."""
    seen = _attentions([(states[i].mixed, walk.text) for i, walk in walks.items()], translator)
    starts = {}
    for (i, walk), attention in zip(walks.items(), seen, strict=True):
        rendered = set(_rendered(states[i], walk.text))
        lacking = [entry for entry in states[i].entries if entry.source not in rendered]
        places = [(find_place(walk.text, entry, attention), entry) for entry in lacking]
        ahead = [(place, entry) for place, entry in places if place is not None and place.start >= walk.fixed]
        if ahead:
            place, entry = min(ahead, key=lambda found: found[0].start)
            starts[i] = with_target(walk.text[: place.start], entry)
    return starts


def _attentions(pairs: Sequence[tuple[str, str]], translator: Translator) -> Sequence[Attention | None]:
    return (translator.attend(pairs) if pairs else None) or [None] * len(pairs)


def _patched(states: list[_State], translator: Translator) -> list[_State]:
    """Put missing targets in the place of the words that stand for them, without decoding anything again."""
    states = list(states)
    for _ in range(_PATCHING_ROUNDS):
        open_ones = [i for i, state in enumerate(states) if state.missing]
        seen = _attentions([(states[i].mixed, states[i].best.text) for i in open_ones], translator)
        for i, attention in zip(open_ones, seen, strict=True):
            texts = _patches(states[i], attention)
            states[i] = _improved(states[i], [replace(states[i].best, text=text) for text in texts], "repaired")
    return states


def _patches(state: _State, attention: Attention | None) -> Iterator[str]:
    for entry in state.missing:
        place = find_place(state.best.text, entry, attention)
        if place is not None:
            yield with_target(state.best.text[: place.start], entry) + state.best.text[place.end :]


def _repaired(state: _State, glossary: Glossary, repair: RepairText) -> _State:
    if not state.missing:
        return state
    text = repair(state.best.text, glossary, state.source)
    return _improved(state, [replace(state.best, text=text)], "repaired")


def _joined(states: Sequence[_State], name: str) -> Hypothesis:
    scores = [s.best.model_score for s in states if s.best.model_score is not None]
    return Hypothesis(
        name,
        join_pieces([s.source for s in states], [s.best.text for s in states]),
        sum(scores) / len(scores) if scores else None,
    )


def _log(name: str, states: Sequence[_State]) -> Iterable[TermOutcome]:
    for state in states:
        outcomes = dict(state.outcomes)
        for entry in state.entries:
            yield TermOutcome(name, entry.source, entry.target, outcomes.get(entry.source, "missing"))
