"""Families of rules: each edit has one, and the evidence that repair really gives leads to it."""

from regloss.document import Document, Relation, Segment, Span
from regloss.glossary.store import Glossary
from regloss.repair import ARTEFACT_RULES, Repairer
from regloss.repair.families import FAMILIES, family, published_precision


def _families(repairer: Repairer, text: str, source: str | None = None) -> list[str]:
    document = Document("t", text, (Span(0, len(text)),), source=source)
    segments = (Segment("s1", 0, len(text), text, source),)
    return [family(edit) for edit in repairer.edits(document, segments, Relation.PARALLEL)]


def test_each_kind_of_evidence_leads_to_its_family(repairer: Repairer) -> None:
    assert _families(repairer, "We like vibrato.", "我们喜欢抖音。") == ["term.source"]
    assert _families(repairer, "It is the sinking market.") == ["term.never-english"]
    assert _families(repairer, "The flow of the merchant is large.") == ["term.required-word"]
    assert _families(repairer, "Taobao likes vibrato.") == ["term.context"]
    assert _families(repairer, "The quick hands are on Taobao .")[:2] == ["term.context", "agreement"]


def test_a_frame_is_a_family() -> None:
    from regloss.glossary.entry import Forbidden, Guard, TermEntry

    entry = TermEntry("山寨", "knockoff", forbidden=(Forbidden("cottage", guard=Guard(after=("phone",))),))
    assert _families(Repairer(Glossary.of([entry])), "A cottage phone.") == ["term.frame"]


def test_what_is_published_are_shares_of_known_families() -> None:
    artefacts = {f"artefact.{rule.name}" for rule in ARTEFACT_RULES}
    published = published_precision()
    assert set(published) <= set(FAMILIES) | artefacts
    assert "unlisted" in published
    assert all(0 <= each.right <= each.edits for each in published.values())
