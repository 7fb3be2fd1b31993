"""What must hold for any text whatsoever."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from regloss.document import Document, Edit, Relation, Segment, Span, Tier
from regloss.glossary.store import Glossary
from regloss.repair import Repairer
from regloss.repair.undo import take_back

PIECES = [
    "quick hands", "Quick-hand", "the quick hands have", "vibrato", "an anchor", "anchors", "ANCHOR", "old irons",
    "melon", "flow", "brushed gifts", "sinking market", "fight more", "Kaishou", "Taobao", "yuan", "platform",
    "their", "is", "and", "the the", "’s", " ’s", ". .", " ,", "inThe", "< / span>", "İstanbul", "e\u0301", "é",
    "👩‍👩‍👧", "快手", "抖音", "مرحبا", "שלום", "\u202e", "ß", "\u0301", "-", "'", "“", "”",
    "\n", "\r\n", "\t", "\u00a0", ".", " ",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map(" ".join) | st.text(
    max_size=60
)


def _document(text: str, protected: tuple[Span, ...] = ()) -> Document:
    blocks, position = [], 0
    for line in text.split("\n"):
        if line:
            blocks.append(Span(position, position + len(line)))
        position += len(line) + 1
    return Document("t", text, tuple(blocks), protected)


def _applied(edits: tuple[Edit, ...]) -> list[Edit]:
    return [edit for edit in edits if edit.tier is Tier.AUTO]


@given(texts)
@settings(max_examples=150, deadline=None)
def test_text_outside_edits_is_identical_and_offsets_fit(repairer: Repairer, text: str) -> None:
    edits = repairer.edits(_document(text))
    for edit in edits:
        assert text[edit.start : edit.end] == edit.before
    result, position, expected = repairer.apply(_document(text), edits), 0, []
    for edit in _applied(edits):
        expected += [text[position : edit.start], edit.after]
        position = edit.end
    assert result == "".join([*expected, text[position:]])


@given(texts)
@example("Taobao . . inThe quick hands")  # the missing space shows a sentence that was not one before
@settings(max_examples=150, deadline=None)
def test_a_second_run_changes_nothing(repairer: Repairer, text: str) -> None:
    once = repairer.apply(_document(text), repairer.edits(_document(text)))
    assert not _applied(repairer.edits(_document(once)))


@given(texts)
@settings(max_examples=100, deadline=None)
def test_undo_restores_the_exact_text(repairer: Repairer, text: str) -> None:
    edits = repairer.edits(_document(text))
    assert take_back(repairer.apply(_document(text), edits), _applied(edits)) == text


@given(texts, st.data())
@settings(max_examples=100, deadline=None)
def test_no_edit_touches_a_protected_span(repairer: Repairer, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    protected = Span(start, end)
    for edit in repairer.edits(_document(text, (protected,))):
        assert not edit.span.overlaps(protected)


@given(texts, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_entries_does_not_matter(glossary: Glossary, repairer: Repairer, text: str, random) -> None:
    shuffled = list(glossary.entries)
    random.shuffle(shuffled)
    other = Repairer(Glossary.of(shuffled, glossary.contexts))
    assert other.edits(_document(text)) == repairer.edits(_document(text))


@given(texts, st.sampled_from(["快手", "抖音和快手的主播", "流量", ""]))
@settings(max_examples=80, deadline=None)
def test_with_a_source_the_same_holds(repairer: Repairer, text: str, source: str) -> None:
    segment = (Segment("s1", 0, len(text), text, source),)
    document = Document("t", text, (Span(0, len(text)),), source=source)
    once = repairer.apply(document, repairer.edits(document, segment, Relation.PARALLEL))
    again = Document("t", once, (Span(0, len(once)),), source=source)
    twice = repairer.edits(again, (Segment("s1", 0, len(once), once, source),), Relation.PARALLEL)
    assert not _applied(twice)


def test_the_hash_seed_does_not_matter() -> None:
    root = Path(__file__).parents[2]
    program = (
        "from regloss.glossary.store import load_glossary; from regloss.repair import repair_text;"
        f"text = open({str(root / 'seeds' / 'article.en.txt')!r}, encoding='utf-8').read();"
        "print(repair_text(text, load_glossary()))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert b"quick hands cooperate" not in runs[0].lower()


def test_a_text_without_stops_takes_no_more_than_its_length(repairer: Repairer) -> None:
    # One sentence of 8,000 forms: if each of them were held against every other, this would take minutes.
    document = _document("Kaishou met old irons, " * 4000)
    assert repairer.apply(document, repairer.edits(document)) == "Kuaishou met loyal fans, " * 4000
