from regloss.document import Document, Span
from regloss.segmentation import segment_document


def document(text: str, blocks: list[tuple[int, int]], protected: tuple[tuple[int, int], ...] = ()) -> Document:
    return Document("a.txt", text, tuple(Span(*b) for b in blocks), tuple(Span(*p) for p in protected))


def test_segments_are_numbered_through_the_blocks_and_know_their_place() -> None:
    text = "One. Two.\n---\nThree."
    segments = segment_document(document(text, [(0, 9), (14, 20)]))
    assert [(s.id, s.target) for s in segments] == [("s1", "One."), ("s2", "Two."), ("s3", "Three.")]
    assert all(text[s.start : s.end] == s.target for s in segments)


def test_a_wrapped_paragraph_is_not_cut_at_its_lines() -> None:
    text = "One goes\non here. Two."
    assert [s.target for s in segment_document(document(text, [(0, len(text))]))] == ["One goes\non here.", "Two."]


def test_a_protected_span_is_never_cut() -> None:
    text = "Type `go. Now` to start. Then `Stop! Wait. Go.` it. End."
    spans = ((5, 14), (30, 48))
    targets = [s.target for s in segment_document(document(text, [(0, len(text))], spans))]
    assert targets == ["Type `go. Now` to start.", "Then `Stop! Wait. Go.` it.", "End."]


def test_a_protected_span_over_two_blocks_joins_none() -> None:
    text = "One.\nTwo."
    segments = segment_document(document(text, [(0, 4), (5, 9)], ((0, 9),)))
    assert [s.target for s in segments] == ["One.", "Two."]
