"""A draft that is brought up to date equals one that is made anew, whatever changed."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from regloss.document import Document, Edit, Tier
from regloss.formats.plain import line_blocks
from regloss.formats.protection import protected_spans
from regloss.glossary.entry import Forbidden, Guard, TermEntry
from regloss.glossary.forms import surface_key
from regloss.glossary.store import Glossary
from regloss.repair import Repairer, engine
from regloss.repair.choosing import segment_edits
from regloss.repair.draft import Draft
from regloss.repair.matcher import PhraseIndex
from regloss.repair.merge import Shift
from regloss.segmentation import segment_document

KEPT = Guard(unless=("boxers",))
INDEX = PhraseIndex(["quick hands", "quick", "hands", "a", "is it", "hands. a", "é", "抖音"])
PIECES = st.sampled_from(
    ["quick", "hands", "Quick-hands", " ", " ", ".", ". ", "\n", "a", "é", "\u0301", "抖音", "İ", "`"]
)


@st.composite
def _drafts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = "".join(draw(st.lists(PIECES, min_size=1, max_size=40)))
    document = _document(text)
    edits: list[Edit] = []
    for block in document.blocks:
        # An edit lies within a block and outside what is protected, as those of repair do.
        start = draw(st.integers(block.start, block.end))
        end = draw(st.integers(start, min(block.end, start + 6)))
        after = "".join(draw(st.lists(PIECES.filter(lambda piece: piece not in "\n`"), max_size=3)))
        free = not any((start < span.end and span.start < end) or start == end for span in document.protected)
        if draw(st.booleans()) and start < end and free and after:
            edits.append(Edit(start, end, text[start:end], after, "t", Tier.AUTO, "term", "r"))
    return text, edits


def _document(text: str) -> Document:
    return Document("d", text, line_blocks(text), protected_spans(text))


@given(_drafts())
@settings(max_examples=400, deadline=None)
def test_hits_of_a_changed_text(case) -> None:
    text, edits = case
    document = _document(text)
    after = Draft.first(document, segment_document(document), INDEX).after(edits, INDEX, split_again=True)
    assert after.key == surface_key(after.text)
    assert after.hits == INDEX.hits(surface_key(after.text), after.text)


@given(_drafts())
@settings(max_examples=400, deadline=None)
def test_sentences_of_a_changed_text(case) -> None:
    text, edits = case
    document = _document(text)
    after = Draft.first(document, segment_document(document), INDEX).after(edits, INDEX, split_again=True)
    anew = dataclasses.replace(
        document, text=after.text, blocks=after.blocks.spans(), protected=after.protected.spans()
    )
    assert [(s.start, s.end, s.target) for s in after.segments()] == [
        (s.start, s.end, s.target) for s in segment_document(anew)
    ]


def test_a_space_put_in_shows_two_sentences() -> None:
    document = _document("They were forced.the end")
    draft = Draft.first(document, segment_document(document), INDEX)
    edits = [Edit(17, 20, "the", " The", "", Tier.AUTO, "artefact.lost-space", "r")]
    assert [s.target for s in draft.after(edits, INDEX, split_again=True).segments()] == [
        "They were forced.",
        "The end",
    ]
    assert len(draft.after(edits, INDEX, split_again=False).segments()) == 1


@given(
    st.lists(st.integers(0, 40), max_size=8, unique=True),
    st.lists(st.integers(0, 5), min_size=4),
    st.lists(st.integers(0, 45)),
)
def test_positions_move_together_as_they_move_alone(bounds, sizes, positions) -> None:
    bounds = sorted(bounds)
    edits = [
        Edit(start, end, "x" * (end - start), "y" * size, "", Tier.AUTO, "", "")
        for start, end, size in zip(bounds[::2], bounds[1::2], sizes, strict=False)
    ]
    shift = Shift(edits)
    assert shift.each(sorted(positions)) == [shift(position) for position in sorted(positions)]


def test_a_second_pass_weighs_only_what_the_first_may_have_changed(monkeypatch) -> None:
    weighed: list[str] = []

    def counted(text, segment, *rest):
        weighed.append(segment.target)
        return segment_edits(text, segment, *rest)

    monkeypatch.setattr(engine, "segment_edits", counted)
    entry = TermEntry("快手", "Kuaishou", forbidden=(Forbidden("quick hands"), Forbidden("fast hands", guard=KEPT)))
    far = [f"The {number} boxers have fast hands in the ring." for number in range(300)]
    text = "\n".join([*far, "The quick hands platform has grown.", *far[:10]])
    document = _document(text)
    repairer = Repairer(Glossary.of([entry]))
    edits = repairer.edits(document)
    assert [edit.before for edit in edits if edit.tier is Tier.AUTO] == ["quick hands"]
    assert set(far) < set(weighed)
    # After the first pass, which meets each of the 311 once, only the neighbours of the sentence that changed.
    assert len(weighed) <= 311 + 2
