"""A glossary in Traditional characters serves a text in Simplified ones, and the other way round."""

from pathlib import Path

import pytest

from regloss.alignment.record import Alignment
from regloss.glossary.entry import Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.run import align_files

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
