"""Wrong renderings that no glossary lists, found through a small lexicon that each reader can check."""

from collections.abc import Sequence

import pytest

from regloss.alignment.lexicon import Entry, Lexicon, Word, build_lexicon
from regloss.alignment.literal import is_word, literal_parts
from regloss.alignment.script import simplified
from regloss.alignment.words import LexiconAligner, TermLinks
from regloss.document import Document, Edit, Relation, Segment, Span, Tier
from regloss.glossary.entry import CaseRule, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.repair import Repairer, RepairOptions
from regloss.repair.likeness import abbreviates, likeness

LEXICON = {
    "银行": "bank banks banking",
    "业": "industry",
    "稳健": "sound robust",
    "金融": "financial finance",
    "科技": "technology",
    "监管": "regulatory supervision",
    "沙盒": "sandbox",
    "推出": "launched",
    "发展": "developed develop",
    "认可": "licensed recognised authorised",
    "机构": "institution institutions",
    "可以": "may",
    "申请": "apply",
    "中央": "central",
    "加息": "raised",
    "开放": "open opening",
    "市场": "market",
    "门": "door",
    "今天": "today",
    "金管局": "monetary authority",
    "香港": "hong kong",
    "公布": "announced",
    "毒品": "narcotics drugs",
    "控制": "control controls",
    "现场": "site",
    "审查": "inspections",
    "进行": "conducted",
    "兑换": "exchange conversion",
    "保证": "guarantee guarantees",
    "触发": "triggered",
    "债券": "bond bonds",
    "购买": "bought",
    "投资者": "investors",
    "软": "soft",
    "银": "silver",
    "卖出": "sold",
    "股份": "shares",
    "星": "star",
    "光": "light",
    "星光": "starlight",
}


class _Aligner:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._aligner = LexiconAligner(lexicon)

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        return self._aligner.links(simplified(source), places, target)

    def source_words(self, source: str) -> list[Word]:
        return self._lexicon.source_words(simplified(source))

    def literal_parts(self, name: str, right: str) -> tuple[frozenset[str], ...]:
        return literal_parts(self._lexicon, name, right)

    def is_word(self, name: str, right: str) -> bool:
        return is_word(self._lexicon, name, right)


@pytest.fixture(scope="module")
def aligner() -> _Aligner:
    table = {
        chinese: [Entry(word, 0.8 / len(english.split()), 0.8) for word in english.split()]
        for chinese, english in LEXICON.items()
    }
    return _Aligner(build_lexicon(table))


def term(source: str, target: str, *admitted: str, **more: object) -> TermEntry:
    return TermEntry(source, target, admitted, layer="command line", **more)  # type: ignore[arg-type]


def edits_of(
    aligner: _Aligner,
    entries: Sequence[TermEntry],
    *pairs: tuple[str | None, str],
    protected: tuple[Span, ...] = (),
    options: RepairOptions | None = None,
) -> tuple[str, tuple[Edit, ...]]:
    """Return the repaired text and the edits of a document of aligned sentences, one a line."""
    text = "\n".join(target for _, target in pairs)
    segments, start = [], 0
    for number, (source, target) in enumerate(pairs):
        segments.append(Segment(f"s{number}", start, start + len(target), target, source))
        start += len(target) + 1
    document = Document("test", text, (Span(0, len(text)),), protected, source="")
    repairer = Repairer(Glossary.of(entries), options or RepairOptions())
    edits = repairer.edits(document, tuple(segments), Relation.PARALLEL, aligner)
    return repairer.apply(document, edits), edits


BANKING = term("銀行業", "banking sector")
INSTITUTIONS = term("認可機構", "authorized institutions", "AIs")


@pytest.mark.parametrize(
    ("entry", "source", "wrong", "right"),
    [
        pytest.param(
            BANKING, "銀行業稳健。", "The banking industry is sound.", "The banking sector is sound.", id="a near word"
        ),
        pytest.param(
            term("银行业", "banking sector"),
            "銀行業稳健。",
            "The banking industry is sound.",
            "The banking sector is sound.",
            id="Simplified term in a Traditional source",
        ),
        pytest.param(
            INSTITUTIONS,
            "认可机构可以申请。",
            "The licensed institutions may apply.",
            "The authorized institutions may apply.",
            id="a phrase",
        ),
        pytest.param(
            INSTITUTIONS,
            "认可机构可以申请。",
            "A licensed institution may apply.",
            "An authorized institution may apply.",
            id="number and article",
        ),
        pytest.param(
            INSTITUTIONS,
            "认可机构可以申请。",
            "The authorised institutions may apply.",
            "The authorized institutions may apply.",
            id="spelling",
        ),
        pytest.param(
            term("兑换保证", "convertibility undertaking"),
            "触发兑换保证。",
            "The exchange guarantees were triggered.",
            "The convertibility undertakings were triggered.",
            id="a plural stays one",
        ),
        pytest.param(
            term("现场审查", "on-site examinations"),
            "进行现场审查。",
            "It conducted on-site inspections.",
            "It conducted on-site examinations.",
            id="a hyphenated word is replaced as a whole",
        ),
        pytest.param(
            term("金管局", "HKMA", kind=Kind.NAME, case=CaseRule.FIXED),
            "金管局公布。",
            "The Hong Kong Monetary Authority announced it.",
            "The HKMA announced it.",
            id="the abbreviation of a full form",
        ),
        pytest.param(
            term("金管局", "Hong Kong Monetary Authority", kind=Kind.NAME, case=CaseRule.FIXED),
            "金管局公布。",
            "The HKMA announced it.",
            "The Hong Kong Monetary Authority announced it.",
            id="the full form of an abbreviation",
        ),
    ],
)
def test_replaces_as_one_unit(aligner: _Aligner, entry: TermEntry, source: str, wrong: str, right: str) -> None:
    text, edits = edits_of(aligner, [entry], (source, wrong))
    assert text == right
    assert {edit.rule for edit in edits if edit.tier is Tier.AUTO} == {"unlisted"}


def test_a_term_inside_a_longer_term_is_not_asked_for(aligner: _Aligner) -> None:
    entries = [term("金融科技", "fintech"), term("金融科技监管沙盒", "Fintech Supervisory Sandbox")]
    right = "It launched the Fintech Supervisory Sandbox and developed financial technology."
    assert edits_of(aligner, entries, ("推出金融科技监管沙盒。", right)) == (right, ())
    both = ("推出金融科技监管沙盒，发展金融科技。", right)
    assert edits_of(aligner, entries, both)[0] == right.replace("financial technology", "fintech")


@pytest.mark.parametrize(
    ("entry", "source", "text"),
    [
        pytest.param(term("中央银行", "central bank"), "中央银行加息。", "Central banks raised it.", id="plural"),
        pytest.param(
            term("兑换保证", "conversion guarantees"), "触发兑换保证。", "A conversion guarantee.", id="singular"
        ),
        pytest.param(term("银行业", "bank-ing sector", "banking"), "银行业稳健。", "Banking is sound.", id="admitted"),
    ],
)
def test_another_inflection_or_an_admitted_form_is_right(
    aligner: _Aligner, entry: TermEntry, source: str, text: str
) -> None:
    assert edits_of(aligner, [entry], (source, text)) == (text, ())


def test_a_common_word_needs_an_aligner_that_is_sure(aligner: _Aligner) -> None:
    entry = term("开放", "liberalisation")
    text, edits = edits_of(aligner, [entry], ("市场今天开放。", "The market saw strong growth today."))
    assert text == "The market saw strong growth today."
    assert not [edit for edit in edits if edit.tier is Tier.AUTO]


def test_does_nothing_when_the_aligner_knows_nothing(aligner: _Aligner) -> None:
    entry = term("龘靐齉", "dragon clouds")
    text = "Nobody ever wrote down a single thing about them."
    assert edits_of(aligner, [entry], ("龘靐齉龗爩麤。", text))[0] == text


def test_an_abbreviation_beside_its_full_form_stays(aligner: _Aligner) -> None:
    entry = term("金管局", "HKMA", kind=Kind.NAME, case=CaseRule.FIXED)
    text = "The Hong Kong Monetary Authority (HKMA) announced it."
    assert edits_of(aligner, [entry], ("金管局公布。", text)) == (text, ())


def test_never_more_than_the_source_holds(aligner: _Aligner) -> None:
    wrong = "The banking industry is a robust banking industry."
    assert edits_of(aligner, [BANKING], ("银行业稳健。", wrong))[0].count("banking sector") < 2
    assert edits_of(aligner, [BANKING], ("银行业是稳健银行业。", wrong))[0].count("banking sector") == 2
    half = "The banking sector is a robust banking industry."
    assert edits_of(aligner, [BANKING], ("银行业稳健。", half)) == (half, ())
    assert edits_of(aligner, [BANKING], ("银行业是稳健银行业。", half))[0].count("banking sector") == 2


def test_sentences_of_one_source_sentence_share_its_occurrences(aligner: _Aligner) -> None:
    source = "银行业稳健，认可机构可以申请。"
    pairs = [(source, "The banking sector is sound."), (source, "The banking industry may apply.")]
    assert "banking industry" in edits_of(aligner, [BANKING], *pairs)[0]


def test_a_second_run_changes_nothing(aligner: _Aligner) -> None:
    entries = [BANKING, INSTITUTIONS, term("开放", "liberalisation")]
    source = "银行业开放，认可机构可以申请。"
    once, edits = edits_of(
        aligner, entries, (source, "The banking industry is open, and licensed institutions may apply.")
    )
    assert edits
    assert edits_of(aligner, entries, (source, once))[0] == once


def test_protected_spans_stay(aligner: _Aligner) -> None:
    wrong = "The banking industry is sound."
    assert edits_of(aligner, [BANKING], ("银行业稳健。", wrong), protected=(Span(8, 10),)) == (wrong, ())


def test_without_source_or_switched_off_nothing_is_looked_for(aligner: _Aligner) -> None:
    wrong = "The banking industry is sound."
    assert edits_of(aligner, [BANKING], (None, wrong)) == (wrong, ())
    assert edits_of(aligner, [BANKING], ("银行业稳健。", wrong), options=RepairOptions(unlisted=False)) == (wrong, ())


def test_an_entry_that_lists_wrong_renderings_only_proposes_others(aligner: _Aligner) -> None:
    pair = ("投资者购买债券。", "Investors bought bonds.")
    listed = term("债券", "debt security", forbidden=(Forbidden("loan note"),))
    text, edits = edits_of(aligner, [listed], pair)
    assert (text, [edit.tier for edit in edits]) == (pair[1], [Tier.REVIEW])
    bold, _ = edits_of(aligner, [listed], pair, options=RepairOptions(Tier.REVIEW))
    assert bold == "Investors bought debt securities."
    assert edits_of(aligner, [term("债券", "debt security")], pair)[0] == bold


def test_a_bundled_entry_leaves_room_for_other_renderings(aligner: _Aligner) -> None:
    entry = TermEntry("债券", "debt security")
    text, edits = edits_of(aligner, [entry], ("投资者购买债券。", "Investors bought bonds."))
    assert text == "Investors bought bonds."
    assert all(edit.tier is not Tier.AUTO for edit in edits)


def test_an_ambiguous_source_term_is_left(aligner: _Aligner) -> None:
    entry = term("开放", "liberalisation", guard=Guard(unless=("door",)))
    assert edits_of(aligner, [entry], ("市场开放。", "The market is open.")) == ("The market is open.", ())


def test_two_halves_of_other_words_are_no_term(aligner: _Aligner) -> None:
    entry = term("品控", "quality control")
    text = "Narcotics controls were announced."
    assert edits_of(aligner, [entry], ("毒品控制公布。", text)) == (text, ())


def test_a_listed_form_goes_before_what_nobody_listed(aligner: _Aligner) -> None:
    entry = term("银行业", "banking sector", forbidden=(Forbidden("banking trade"),))
    text, edits = edits_of(aligner, [entry], ("银行业稳健。", "The banking trade is sound."))
    assert text == "The banking sector is sound."
    assert [edit.rule for edit in edits] == ["term"]


def test_evidence_adds_up_and_names_the_term(aligner: _Aligner) -> None:
    _, edits = edits_of(aligner, [BANKING], ("银行业稳健。", "The banking industry is sound."))
    (edit,) = edits
    assert edit.confidence == pytest.approx(min(1.0, sum(weight for _, weight in edit.evidence)))
    assert any("銀行業" in reason for reason, _ in edit.evidence)
    assert edit.reason.startswith("banking industry → banking sector (銀行業)")


def test_the_order_of_the_glossary_makes_no_difference(aligner: _Aligner) -> None:
    entries = [BANKING, INSTITUTIONS, term("金融科技", "fintech")]
    pair = (
        "银行业发展金融科技，认可机构可以申请。",
        "The banking industry developed financial technology; licensed institutions may apply.",
    )
    assert edits_of(aligner, entries, pair) == edits_of(aligner, entries[::-1], pair)


@pytest.mark.parametrize(
    ("found", "right", "least", "most"),
    [
        ("labor markets", "labour market", 1.0, 1.0),
        ("co-operation", "Cooperation", 1.0, 1.0),
        ("banking industry", "banking sector", 0.5, 0.5),
        ("open door", "banking sector", 0.0, 0.0),
    ],
)
def test_likeness(found: str, right: str, least: float, most: float) -> None:
    assert least <= likeness(found, right) <= most


@pytest.mark.parametrize(
    ("short", "full", "holds"),
    [
        ("HKMA", "Hong Kong Monetary Authority", True),
        ("AIs", "authorised institutions", True),
        ("MoU", "Memorandum of Understanding", True),
        ("HKMA", "Hong Kong Tourism Authority", False),
        ("a", "authority", False),
        ("Sun", "silver union nation", False),
    ],
)
def test_abbreviates(short: str, full: str, holds: bool) -> None:
    assert abbreviates(short, full.split()) is holds


@pytest.mark.parametrize(
    ("name", "source", "text", "right"),
    [
        ("软银", "软银今天卖出股份。", "Soft silver sold shares today.", "SoftBank sold shares today."),
        ("軟銀", "软银今天卖出股份。", "The soft-silver sold shares today.", "SoftBank sold shares today."),
        # What is no name word by word, or is a word as well, may be meant.
        ("软银", "软银今天卖出股份。", "The silver sold shares today.", None),
        ("星光", "星光今天卖出股份。", "Star light sold shares today.", None),
    ],
)
def test_a_name_taken_literally_is_sure_in_a_bundled_entry_too(
    aligner: _Aligner, name: str, source: str, text: str, right: str | None
) -> None:
    entry = TermEntry(name, "SoftBank", kind=Kind.NAME, case=CaseRule.FIXED, layer="bundled")
    assert edits_of(aligner, [entry], (source, text))[0] == (right or text)


def test_a_model_that_doubts_a_repair_makes_it_a_proposal(aligner: _Aligner) -> None:
    class Doubting:
        def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
            return [-float(len(target)) for _, target in pairs]

    document = Document("test", "The bank is sound.", (Span(0, 18),), source="银行稳健。")
    segments = (Segment("s1", 0, 18, document.text, document.source),)
    glossary = Glossary.of([term("银行", "banking institution")])
    for scorer, tier in ((None, Tier.AUTO), (Doubting(), Tier.REVIEW)):
        edits = Repairer(glossary, scorer=scorer).edits(document, segments, Relation.PARALLEL, aligner)
        assert [edit.tier for edit in edits] == [tier]


def test_a_short_form_of_a_bundled_name_may_stand_for_it(aligner: _Aligner) -> None:
    entry = TermEntry("银行", "Bank Moments", kind=Kind.NAME, layer="bundled")
    asked = TermEntry("银行", "Bank Moments", kind=Kind.NAME, layer="project")
    source, text = "银行今天推出沙盒。", "The bank launched a sandbox today."
    assert edits_of(aligner, [entry], (source, text))[0] == text
    assert edits_of(aligner, [asked], (source, text))[0] != text


def test_a_bundled_name_that_is_a_word_too_is_left(aligner: _Aligner) -> None:
    source, text = "星光今天卖出股份。", "Starlight sold shares today."
    edits = {
        layer: edits_of(aligner, [TermEntry("星光", "Xingguang", kind=Kind.NAME, layer=layer)], (source, text))
        for layer in ("bundled", "project")
    }
    assert edits["bundled"][0] == text
    assert edits["project"][0] == "Xingguang sold shares today."
