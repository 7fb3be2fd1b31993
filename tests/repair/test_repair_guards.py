import pytest

from regloss.document import Document, Relation, Segment, Span, Tier
from regloss.glossary.store import Glossary
from regloss.repair import Repairer, RepairOptions, repair_text


def _edits(repairer: Repairer, text: str, source: str | None = None, protected: tuple[Span, ...] = ()) -> list:
    document = Document("t", text, (Span(0, len(text)),), protected, source)
    segments = (Segment("s1", 0, len(text), text, source),)
    return list(repairer.edits(document, segments, Relation.PARALLEL))


@pytest.mark.parametrize(
    "text",
    [
        "The goalkeeper's quick hands sold on Taobao.",  # a veto word
        "Siblings fight more on Taobao.",  # a verb with its subject
        "She is quick-handed at the Taobao desk.",  # an adjective that describes no noun
        "The platform's quick hands-free mode sells on Taobao.",  # part of a longer word
        "The slang word “vibrato” is a user's name for Taobao.",  # a mention
        "The water flow is slow.",  # a required word is missing
        "Add some vibrato.",  # nothing says what the text is about
        "Douyin shows a player of vibrato.",  # the name stands there, and is no reason to write it again
        "The translation of the app's name on Taobao is “vibrato”.",  # a mention from afar
        "Call anchor.start() once the user is on Taobao.",  # code
        "Taobao users follow @vibrato.",  # a handle
    ],
)
def test_good_english_is_kept(text: str, glossary: Glossary) -> None:
    assert repair_text(text, glossary) == text


def test_the_aligned_source_decides(glossary: Glossary) -> None:
    text = "It plays vibrato well."
    assert repair_text(text, glossary, "它很会玩抖音。") == "It plays Douyin well."
    assert repair_text("Vibrato sells on Taobao.", glossary, "颤音在淘宝上卖。") == "Vibrato sells on Taobao."


def test_no_more_is_repaired_than_the_source_holds(glossary: Glossary) -> None:
    text = "The singer practised vibrato, but the app vibrato made her known."
    source = "这位歌手练了颤音,但让她走红的是抖音。"
    assert repair_text(text, glossary, source).count("Douyin") <= 1
    assert repair_text("Douyin shows vibrato.", glossary, "抖音展示颤音。") == "Douyin shows vibrato."


def test_a_separable_term_is_found_in_the_source(repairer: Repairer) -> None:
    (edit,) = _edits(repairer, "He brushed gifts.", "他刷了价值五万元的礼物。")
    assert "characters of 刷礼物" in " ".join(text for text, _ in edit.evidence)


def test_a_comparable_document_helps_a_little(repairer: Repairer) -> None:
    document = Document("t", "We like vibrato.", (Span(0, 16),), source="抖音很好。")
    alone = repairer.edits(Document("t", document.text, document.blocks))
    helped = repairer.edits(document, None, Relation.COMPARABLE)
    assert helped[0].confidence > alone[0].confidence
    assert helped[0].tier is not Tier.AUTO


def test_the_document_s_own_vocabulary_reaches_its_first_sentence(glossary: Glossary) -> None:
    first = "Quick hands are new here."
    assert repair_text(first, glossary) == first
    text = f"{first} It sells on Taobao. It sells for two yuan. It shows a livestream."
    assert repair_text(text, glossary).startswith("Kuaishou is new here.")


def test_two_forms_that_betray_each_other_are_both_mended(glossary: Glossary) -> None:
    # The frame decides about the first; that it is surely wrong decides about the second.
    assert repair_text("Anchors there brush gifts.", glossary) == "Streamers there send virtual gifts."
    assert repair_text("Anchors there wrap gifts.", glossary) == "Anchors there wrap gifts."


@pytest.mark.parametrize(
    ("told", "silent"),
    [
        ("Quick hands are losing a listing and investors.", "Quick hands are losing games and friends."),
        ("Are quick hands the user and shareholder story?", "Were quick hands the story?"),
        ("Why do quick hands keep their own app?", "Why do quick hands keep their own pace?"),
        ("Half of the quick hands users left for profit.", "Half of the quick hands movements left for profit."),
        ("For profit, we compared quick hands' revenue.", "For profit, we compared quick hands' movements."),
    ],
)
def test_the_subject_that_deals_as_a_company_does_is_one(told: str, silent: str, glossary: Glossary) -> None:
    assert "Kuaishou" in repair_text(told, glossary)
    assert repair_text(silent, glossary) == silent


def test_a_name_is_not_followed_by_of(repairer: Repairer) -> None:
    (edit,) = _edits(repairer, "The quick hands of the packers move users’ parcels.")
    assert ("a name is not followed by “of”", -0.25) in edit.evidence
    assert edit.tier is not Tier.AUTO


def test_protected_spans_are_left_alone(repairer: Repairer) -> None:
    text = "See vibrato on Taobao, vibrato."
    edits = _edits(repairer, text, protected=(Span(4, 11),))
    assert [edit.start for edit in edits] == [23]


def test_a_preferred_or_admitted_target_protects_what_is_inside_it() -> None:
    from regloss.glossary.entry import Forbidden, TermEntry

    glossary = Glossary.of(
        [
            TermEntry("权力的游戏", "Game of Thrones", admitted=("Game of Power",)),
            TermEntry("权力", "might", forbidden=(Forbidden("power"),)),
        ]
    )
    text = "Game of Power is on."
    assert repair_text(text, glossary, "权力的游戏,权力。") == text


def test_review_edits_are_proposed_and_applied_on_request(glossary: Glossary) -> None:
    text = "Users like vibrato for profit."
    document = Document("t", text, (Span(0, len(text)),))
    careful, bold = Repairer(glossary), Repairer(glossary, RepairOptions(Tier.REVIEW))
    (proposal,) = careful.edits(document)
    assert proposal.tier is Tier.REVIEW
    assert careful.apply(document, [proposal]) == text
    assert "Douyin" in bold.apply(document, bold.edits(document))


def test_every_edit_says_why(repairer: Repairer) -> None:
    for edit in _edits(repairer, "The quick hands have an anchor ’s room on Taobao. .", "快手主播"):
        assert edit.reason
        if edit.rule == "term":
            assert edit.term in edit.reason
            assert sum(weight for _, weight in edit.evidence) >= edit.confidence - 1e-6


def test_a_form_can_be_freed_from_the_guard_of_its_entry() -> None:
    from regloss.glossary.entry import Forbidden, Guard, Kind, TermEntry

    forms = (Forbidden("quick hand"), Forbidden("Kaishou", unguarded=True))
    entry = TermEntry("快手", "Kuaishou", forbidden=forms, kind=Kind.NAME, guard=Guard(unless=("boxer",)))
    assert repair_text("Kaishou hired a boxer with quick hands.", Glossary.of([entry])) == (
        "Kuaishou hired a boxer with quick hands."
    )


def test_the_source_may_be_in_traditional_characters(glossary: Glossary) -> None:
    assert repair_text("We watch the anchor.", glossary) == "We watch the anchor."
    assert repair_text("Flow is dear.", glossary, "流量很貴。") == "Flow is dear."
    assert repair_text("A sinking market grows.", glossary, "下沉市場在增長。") == "A lower-tier market grows."
    vibrato = "It plays vibrato well."
    assert repair_text(vibrato, glossary, "它很會玩抖音。") == "It plays Douyin well."


def test_the_attributes_of_a_tag_beside_the_words_make_them_no_code(glossary: Glossary) -> None:
    assert repair_text('See <a href="/x">old irons</a>.', glossary) == 'See <a href="/x">loyal fans</a>.'
    assert repair_text("Set app=Lao Tie.", glossary) == "Set app=Lao Tie."
