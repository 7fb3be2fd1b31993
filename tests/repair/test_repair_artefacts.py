import pytest

from regloss.document import Document, Span, Tier
from regloss.glossary.store import Glossary
from regloss.repair import ARTEFACT_RULES, Repairer, RepairOptions


def _repaired(text: str, off: frozenset[str] = frozenset()) -> str:
    repairer = Repairer(Glossary.of([]), RepairOptions(artefacts_off=off))
    document = Document("t", text, (Span(0, len(text)),))
    return repairer.apply(document, repairer.edits(document))


CASES = {
    "space-before-apostrophe": ("the platform ’s fans", "the platform’s fans"),
    "misplaced-apostrophe": ("the institutions ’routine work", "the institutions’ routine work"),
    "doubled-stop": ("It ended. . Then", "It ended. Then"),
    "stop-before-comma": ("not equal. , This", "not equal, This"),
    "space-before-punctuation": ("a channel .", "a channel."),
    "stray-markup": ("allies < / span>", "allies"),
    "lost-space": ("it is forced.The feeling", "it is forced. The feeling"),
    "run-together": ("inThe last year", "in the last year"),
    "doubled-word": ("of the the market", "of the market"),
}


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in ARTEFACT_RULES} == set(CASES)


@pytest.mark.parametrize(("rule", "case"), CASES.items())
def test_a_rule_mends_its_artefact_and_can_be_switched_off(rule: str, case: tuple[str, str]) -> None:
    # A second slip of another kind shows that this is no lone human one.
    sign = "It ended. . " if rule != "doubled-stop" else "the platform ’s fans "
    mended = "It ended. " if rule != "doubled-stop" else "the platform’s fans "
    wrong, right = sign + case[0], mended + case[1]
    assert _repaired(wrong) == right
    assert _repaired(wrong, frozenset({rule})) != right
    assert _repaired(wrong, frozenset({"all"})) == wrong


def test_a_lone_human_slip_is_proposed_only() -> None:
    text = "All of the the market."
    assert _repaired(text) == text
    repairer = Repairer(Glossary.of([]), RepairOptions(Tier.REVIEW))
    document = Document("t", text, (Span(0, len(text)),))
    assert repairer.apply(document, repairer.edits(document)) == "All of the market."


@pytest.mark.parametrize(
    "text",
    [
        "Wait . . . and see.",
        "He said ‘yes’s fine’ to JD.com.",
        "Use a.The if you must: System.Out",
        "x < y and y > z",
        "<span>kept</span>",
        "She had had enough; that that is, is.",
        "Visit http://example.com/a.The today.",
        "in the-the mode",
        "a smile :) or ;-)",
        "Press the 's' key, then ’s’.",
        "Use an 's after the noun; the 's and the possessive 's are one.",
        "Run git add . and then git commit; docker build -t shop . and push.",
        "Call Assert.That(result, Is.EqualTo(5)), for Assert.That is short.",
        "Then page.At(5), grid.In[0] and mock.When.Called follow.",
    ],
)
def test_what_is_meant_is_kept(text: str) -> None:
    assert _repaired(text) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Alibaba Ltd. , which owns it", "Alibaba Ltd., which owns it"),
        ("in the U.S. , where", "in the U.S., where"),
        ("pens, ink, etc. , are sold", "pens, ink, etc., are sold"),
        ("at 9 a.m. , not at ten", "at 9 a.m., not at ten"),
        ("it was plan B. , This", "it was plan B, This"),
    ],
)
def test_an_abbreviation_keeps_its_stop_before_a_comma(wrong: str, right: str) -> None:
    assert _repaired(wrong) == right
