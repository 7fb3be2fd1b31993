"""From a sentence that repair should have left alone to a guard and an example.

The guard grows by one veto word (`unless`) of the sentence itself, two where one is not enough. Words are tried from
the one that says most: a noun before other words, rare before common. A guard counts only if the sentence then stays
and no example of the whole glossary that came out right before comes out wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from regloss.document import Span
from regloss.errors import GlossaryError
from regloss.glossary import inflection
from regloss.glossary.entry import Example, Forbidden, Guard, TermEntry
from regloss.glossary.examples import RepairFunction, check_examples
from regloss.glossary.forms import derive_forms, surface_key
from regloss.glossary.store import GENERAL, Glossary
from regloss.text import fold, words

__all__ = ["Kept", "Misfire", "keep_sentence", "veto_words"]

_MOST_WORDS = 12
_FUNCTION_WORDS = frozenset(
    "a about above after again against all almost also although always am among an and any are around as at away"
    " be because been before being below between both but by can could did do does doing done down during each"
    " either else enough even ever every few first for from further get gets got had has have having he her here"
    " hers herself him himself his how however i if in into is it its itself just last least less let like little"
    " made make makes many may me might mine more most much must my myself near neither never new next no nor not"
    " nothing now of off often on once one only or other others our ours out over own per perhaps put quite rather"
    " really said same say says several shall she should since so some someone something soon still such take than"
    " that the their theirs them themselves then there these they thing things this those though three through"
    " thus to today together too took toward towards two under until up upon us use used very via was way we well"
    " went were what when where whether which while who whole whom whose why will with within without would yes"
    " yet you your yours".split()
)


@dataclass(frozen=True, slots=True)
class Misfire:
    """One repair that should not have been made.

    Attributes:
        entry: the entry behind it.
        start, end: the words that it replaced, code points of the sentence.
        others: the words that other repairs replaced; they are wrong renderings themselves and rule nothing out.
    """

    entry: TermEntry
    start: int
    end: int
    others: tuple[Span, ...] = ()

    @property
    def taken(self) -> tuple[Span, ...]:
        """All words of the sentence that were replaced."""
        return (Span(self.start, self.end), *self.others)


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry with a guard and an example that hold a sentence.

    Attributes:
        before, after: the entry without and with them.
        words: the veto words that were added.
        form: the forbidden form whose own guard grew; empty where it is the entry's guard.
    """

    before: TermEntry
    after: TermEntry
    words: tuple[str, ...]
    form: str


def keep_sentence(
    glossary: Glossary,
    misfire: Misfire,
    example: Example,
    make_repair: Callable[[Glossary], RepairFunction],
    rarity: Callable[[str], float],
) -> Kept:
    """Return the entry of a misfire with the smallest guard that holds the sentence.

    Args:
        example: the sentence as a ``keep`` example, with its source if it has one.
        make_repair: makes the repair function of a glossary.
        rarity: how much an English word (lower case, uninflected) says; rarer words have higher values.

    Raises:
        GlossaryError: no word of the sentence saves it without losing another example; names what stands in the way.
    """
    known = {f.text for f in check_examples(glossary, make_repair(glossary))} | {example.keep}
    lost: tuple[str, ...] = ()
    subject = _subject_words(glossary, misfire.entry)
    for chosen in _choices(veto_words(misfire, example.keep, rarity, subject)):
        changed, form = _guarded(misfire, example, chosen)
        candidate = glossary.plus((changed,))
        repair = make_repair(candidate)
        if not _stands(misfire, example, repair):
            continue
        # The entry's own examples decide most often, so they go first.
        if lost := _lost(Glossary.of((changed,)), repair, known) or _lost(candidate, repair, known):
            continue
        return Kept(misfire.entry, changed, chosen, form)
    entry = misfire.entry
    cause = f"it would lose {lost[0]!r}" if lost else "no word in it weighs enough against what speaks for the term"
    raise GlossaryError(
        f"no guard of {entry.source!r} keeps this sentence: {cause}; write the guard by hand", entry.path, entry.line
    )


def veto_words(
    misfire: Misfire, sentence: str, rarity: Callable[[str], float], subject: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the words of a sentence that may rule its misfire out, the most telling first, uninflected.

    Args:
        rarity: as in `keep_sentence`.
        subject: folded words that never rule it out, such as those of its domain.
    """
    forms = {part for form in misfire.entry.forbidden for part in surface_key(form.form).split(" ")}
    wanted = {fold(word) for guard in _guards(misfire.entry) for word in guard.when}
    found: dict[str, int] = {}
    for start, end in words(sentence):
        word = fold(sentence[start:end]).removesuffix("'s")
        outside = not any(span.overlaps(Span(start, end)) for span in misfire.taken)
        if outside and word.isalpha() and len(word) > 2 and word not in _FUNCTION_WORDS:
            lemma = _lemma(word)
            if not {word, lemma} & subject and lemma not in forms and lemma not in wanted:
                found.setdefault(lemma, start)
    ranked = sorted(found, key=lambda word: (not inflection.can_be(word, "NOUN"), -rarity(word), found[word]))
    return tuple(ranked[:_MOST_WORDS])


def _subject_words(glossary: Glossary, entry: TermEntry) -> frozenset[str]:
    contexts = [glossary.contexts[name] for name in (entry.domain, GENERAL) if name in glossary.contexts]
    listed = (word for context in contexts for word in (*context.strong, *context.weak))
    names = (target for each in glossary.entries for target in (each.target, *each.admitted))
    return frozenset(map(fold, (*listed, *names)))


def _choices(candidates: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from ((word,) for word in candidates)
    yield from combinations(candidates[:4], 2)


def _lemma(word: str) -> str:
    return inflection.noun_lemma(word) or inflection.verb_lemma(word) or word


def _guards(entry: TermEntry) -> tuple[Guard, ...]:
    return (entry.guard, *(form.guard for form in entry.forbidden))


def _lost(glossary: Glossary, repair: RepairFunction, known: set[str]) -> tuple[str, ...]:
    """Return the sentences that come out wrong, but for those known to."""
    return tuple(failure.text for failure in check_examples(glossary, repair) if failure.text not in known)


def _stands(misfire: Misfire, example: Example, repair: RepairFunction) -> bool:
    # Other terms may misfire in the same sentence; what counts here are the words of this one.
    replaced = example.keep[misfire.start : misfire.end]
    return repair(example.keep, example.source or None).count(replaced) == example.keep.count(replaced)


def _guarded(misfire: Misfire, example: Example, chosen: tuple[str, ...]) -> tuple[TermEntry, str]:
    """Return the entry with the words and the example, and the form whose guard took them, if it was not the entry's.

    A form that has a guard of its own is ruled by that one; where nothing is guarded yet, the other forms stay free.
    """
    entry = misfire.entry
    examples = entry.examples if example in entry.examples else (*entry.examples, example)
    form = _form(misfire, example.keep)
    if form is None or (entry.guard and not form.guard and not form.unguarded):
        return replace(entry, guard=_with(entry.guard, chosen), examples=examples), ""
    narrowed = replace(form, guard=_with(form.guard, chosen), unguarded=False)
    forms = tuple(narrowed if each is form else each for each in entry.forbidden)
    return replace(entry, forbidden=forms, examples=examples), form.form


def _with(guard: Guard, chosen: tuple[str, ...]) -> Guard:
    return replace(guard, unless=tuple(dict.fromkeys((*guard.unless, *chosen))))


def _form(misfire: Misfire, sentence: str) -> Forbidden | None:
    """Return the forbidden form that was matched: the longest whose surface stands in the words replaced."""
    replaced = f" {surface_key(sentence[misfire.start : misfire.end])} "
    found = [surface for surface in derive_forms(misfire.entry) if surface.text in replaced]
    best = max(found, key=lambda surface: len(surface.text), default=None)
    return None if best is None else best.forbidden
