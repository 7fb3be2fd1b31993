"""What aligns a text, and that one repair is enough.

A glossary in Traditional characters serves a text in Simplified ones, and the other way round.
"""

from pathlib import Path

import pytest

from regloss.alignment.record import Alignment
from regloss.document import Document, Relation
from regloss.formats import protected_spans
from regloss.formats.plain import line_blocks
from regloss.glossary.entry import Kind, TermEntry
from regloss.glossary.store import Glossary, load_glossary
from regloss.repair import Repairer
from regloss.run import align_files, repair_document

# Only the names say which line belongs to which; they are in no lexicon and spell nothing.
ZH = "蘋趣園今天營業。\n藍鯤號昨天停業。\n"
EN = "Orchardia is open.\nAzurine is shut.\n"


def _aligned(tmp_path: Path, source: str, terms: dict[str, str]) -> Alignment:
    (tmp_path / "a.en.txt").write_text(EN, encoding="utf-8")
    (tmp_path / "a.zh.txt").write_text(source, encoding="utf-8")
    glossary = Glossary.of(TermEntry(term, target, kind=Kind.NAME) for term, target in terms.items())
    return align_files(tmp_path / "a.en.txt", tmp_path / "a.zh.txt", glossary)[1]


@pytest.mark.parametrize(
    "terms",
    [{"蘋趣園": "Orchardia", "藍鯤號": "Azurine"}, {"苹趣园": "Orchardia", "蓝鲲号": "Azurine"}],
    ids=["traditional", "simplified"],
)
def test_terms_anchor_an_alignment_in_either_script(tmp_path: Path, terms: dict[str, str]) -> None:
    with_terms, without = (_aligned(tmp_path, ZH, each) for each in (terms, {}))
    simplified = _aligned(tmp_path, "苹趣园今天营业。\n蓝鲲号昨天停业。\n", terms)
    assert with_terms.evidence == simplified.evidence
    assert with_terms.evidence != without.evidence


def test_a_text_that_only_its_repair_shows_to_be_parallel_needs_no_second_run() -> None:
    source = """为什么这么多年轻人喜欢投流?
为什么这么多年轻人喜欢德甲?
他说业绩快报比投流更重要。
业绩快报已经在这里了,但是他们还不认识德甲。
他说投流比业绩快报更重要。
2020年,德甲的业绩快报价值3亿元。
2020年,投流的德甲价值3亿元。"""
    text = (
        "Why do so many young people like Touliu? Why do so many young people like Germany armor? "
        "He said that performance express is more important than invest in flow. "
        "The performance quick report is here, but they do not know the Bundesliga yet. "
        "He said that put flow is more important than preliminary results. "
        "In 2020, the performance bulletin of the German armour was worth 300 million yuan. "
        "In 2020, the Bundesliga of the invest in flow was worth 300 million yuan."
    )
    repairer = Repairer(load_glossary(()))

    def repaired(content: str):
        return repair_document(Document("t", content, line_blocks(content), protected_spans(content), source), repairer)

    first = repaired(text)
    second = repaired(first.text)
    assert first.alignment.relation is not Relation.PARALLEL
    assert second.alignment.relation is Relation.PARALLEL
    assert first.text != text
    assert second.text == first.text
