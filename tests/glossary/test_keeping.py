"""The guard that keeps a sentence is the smallest one that loses no example."""

import pytest

from regloss.errors import GlossaryError
from regloss.glossary import Context, Example, Forbidden, Glossary, Guard, Kind, TermEntry
from regloss.glossary.examples import RepairFunction
from regloss.glossary.keeping import Misfire, keep_sentence, veto_words

SENTENCE = "The goalkeeper's quick hands saved two matches in Spain."
START, END = SENTENCE.index("quick"), SENTENCE.index(" saved")
ENTRY = TermEntry(
    "快手",
    "Kuaishou",
    forbidden=(Forbidden("quick hands"), Forbidden("fast hands", guard=Guard(unless=("piano",)))),
    kind=Kind.NAME,
    domain="video",
    guard=Guard(unless=("boxing",)),
)


def make_repair(glossary: Glossary) -> RepairFunction:
    """Replace every form unless a word of the guard in force stands in the sentence."""

    def repair(text: str, source: str | None) -> str:
        for entry in glossary.entries:
            for form in entry.forbidden:
                guard = form.guard or entry.guard
                if not any(word in text for word in guard.unless):
                    text = text.replace(form.form, entry.target)
        return text

    return repair


def length(word: str) -> float:
    return float(len(word))


def test_words_are_nouns_first_then_rare() -> None:
    found = veto_words(Misfire(ENTRY, START, END), SENTENCE, length)
    assert found[:2] == ("goalkeeper", "match")
    assert {"the", "two", "in", "quick", "hand", "hands"}.isdisjoint(found)


def test_words_of_the_subject_never_veto() -> None:
    contexts = {"video": Context(weak=("goalkeeper",))}
    kept = keep_sentence(
        Glossary.of([ENTRY], contexts), Misfire(ENTRY, START, END), Example(keep=SENTENCE), make_repair, length
    )
    assert kept.words == ("match",)


def test_the_entrys_guard_grows() -> None:
    kept = keep_sentence(Glossary.of([ENTRY]), Misfire(ENTRY, START, END), Example(keep=SENTENCE), make_repair, length)
    assert (kept.words, kept.form) == (("goalkeeper",), "")
    assert kept.after.guard == Guard(unless=("boxing", "goalkeeper"))
    assert kept.after.examples == (Example(keep=SENTENCE),)
    assert kept.after.forbidden == ENTRY.forbidden


def test_a_form_with_its_own_guard_is_guarded_alone() -> None:
    sentence = SENTENCE.replace("quick", "fast")
    misfire = Misfire(ENTRY, START, END - 1)
    kept = keep_sentence(Glossary.of([ENTRY]), misfire, Example(keep=sentence), make_repair, length)
    assert kept.form == "fast hands"
    assert kept.after.guard == ENTRY.guard
    assert kept.after.forbidden[1].guard == Guard(unless=("piano", "goalkeeper"))


def test_a_word_that_an_example_of_another_entry_needs_is_passed_over() -> None:
    text = "The quick hands hired a goalkeeper."
    other = TermEntry("守门员", "keeper", examples=(Example(wrong=text, right="The Kuaishou hired a goalkeeper."),))
    glossary = Glossary.of([ENTRY, other])
    kept = keep_sentence(glossary, Misfire(ENTRY, START, END), Example(keep=SENTENCE), make_repair, length)
    assert kept.words == ("match",)


def test_examples_that_failed_before_do_not_stand_in_the_way() -> None:
    broken = TermEntry("a", "b", examples=(Example(wrong="x", right="y"),))
    glossary = Glossary.of([ENTRY, broken])
    kept = keep_sentence(glossary, Misfire(ENTRY, START, END), Example(keep=SENTENCE), make_repair, length)
    assert kept.words == ("goalkeeper",)


def test_a_sentence_without_a_telling_word_is_refused() -> None:
    sentence = "These are quick hands."
    misfire = Misfire(ENTRY, 10, 21)
    with pytest.raises(
        GlossaryError, match="no word in it weighs enough against what speaks for the term; write the guard"
    ):
        keep_sentence(Glossary.of([ENTRY]), misfire, Example(keep=sentence), make_repair, length)


def test_another_misfire_in_the_sentence_does_not_count() -> None:
    sentence = SENTENCE.replace("Spain", "a sinking market")
    other = TermEntry("下沉市场", "lower-tier market", forbidden=(Forbidden("sinking market"),))
    kept = keep_sentence(
        Glossary.of([ENTRY, other]), Misfire(ENTRY, START, END), Example(keep=sentence), make_repair, length
    )
    assert kept.words == ("goalkeeper",)
