"""A replacement for words that no glossary lists, as one grammatical unit."""

from regloss.document import Span
from regloss.glossary import inflection
from regloss.glossary.entry import CaseRule, Forbidden, Kind, TermEntry
from regloss.glossary.forms import Form, SurfaceForm, surface_key
from regloss.repair.grammar import Tokens
from regloss.repair.likeness import is_abbreviation, likeness
from regloss.repair.rewrite import Rewrite, rewrite

__all__ = ["best_target", "unit_for"]

_ONE = frozenset({"a", "an", "this", "that", "each", "every", "one", "another"})


def best_target(entry: TermEntry, found: str) -> str:
    """Return the right rendering that fits the words found best.

    A short form for a short form, a plural for a plural, then the likest, then the order of the entry.
    """
    return min(
        enumerate((entry.target, *entry.admitted)),
        key=lambda item: (
            is_abbreviation(item[1]) != is_abbreviation(found),
            is_plural(item[1]) != is_plural(found),
            -likeness(found, item[1]),
            item[0],
        ),
    )[1]


def is_plural(phrase: str) -> bool:
    """Tell whether a noun phrase is plural: its head is the last word, or the word before *of* or *for*."""
    head = phrase.split(" of ")[0].split(" for ")[0].split(" ")[-1]
    if is_abbreviation(head):
        return head.endswith("s")
    return head.endswith("s") and inflection.is_plural_noun(head.lower()) and not inflection.is_mass(head)


def unit_for(tokens: Tokens, span: Span, entry: TermEntry, target: str) -> Rewrite:
    """Return the replacement of the words at `span` by `target`, one of the entry's renderings."""
    found = tokens.text[span.start : span.end]
    target = _as_in_mid_sentence(target)
    kind, form = _kind(entry, target), Form.SINGULAR
    if kind is Kind.NOUN and entry.case is not CaseRule.FIXED:
        if is_plural(target) and not is_plural(found) and _counted_as_one(tokens, span):
            target = _singular(target)
        elif is_plural(found) and not is_plural(target):
            form = Form.PLURAL
    if kind is Kind.VERB:
        form = Form(inflection.verb_tag(found.split(" ")[0].lower()) or Form.BASE)
    surface = SurfaceForm(surface_key(found), Forbidden(found, target, kind), entry, form)
    return rewrite(tokens, span.start, span.end, surface)


def _kind(entry: TermEntry, target: str) -> Kind:
    """Return the kind that rules the articles: a name of several words or letters keeps its *the*."""
    return Kind.NOUN if entry.kind is Kind.NAME and (" " in target or is_abbreviation(target)) else entry.kind


def _as_in_mid_sentence(target: str) -> str:
    """Return a phrase that only its place in a list or a heading gave a capital without it (*Labour market*)."""
    first, space, rest = target.partition(" ")
    plain = first[1:].islower() and inflection.is_ordinary(first.lower()) and rest == rest.lower()
    return first.lower() + space + rest if space and plain else target


def _counted_as_one(tokens: Tokens, span: Span) -> bool:
    before, after = tokens.adjacent_before(span.start), tokens.adjacent_after(span.end)
    return (before is not None and before.lower in _ONE) or (
        after is not None and after.lower in {"is", "was", "has", "does"}
    )


def _singular(phrase: str) -> str:
    for joint in (" of ", " for "):
        head, found, rest = phrase.partition(joint)
        if found:
            return _singular(head) + joint + rest
    start, space, last = phrase.rpartition(" ")
    lemma = last[:-1] if is_abbreviation(last) else inflection.noun_lemma(last.lower())
    return f"{start}{space}{lemma or last}"
