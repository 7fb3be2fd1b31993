"""Each check finds its fault, names it once, and is quiet where there is none."""

from dataclasses import replace
from pathlib import Path

import pytest

from regloss.glossary import Glossary
from regloss.glossary.entry import CaseRule, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.lint import LintFinding, lint

PATH = Path("glossary/a.yaml")
NO_GUARD = Guard()
GUARD = Guard(unless=("violin",))


def entry(source: str, target: str, *forms: str | Forbidden, guard: Guard = NO_GUARD, line: int = 1) -> TermEntry:
    forbidden = tuple(form if isinstance(form, Forbidden) else Forbidden(form) for form in forms)
    return TermEntry(source, target, forbidden=forbidden, guard=guard, path=PATH, line=line)


def found(*entries: TermEntry) -> list[tuple[str, str, str]]:
    return [(f.code, f.severity, f.source) for f in lint(Glossary.of(entries))]


def test_a_sound_glossary_has_no_findings() -> None:
    kuaishou = replace(entry("快手", "Kuaishou", "quick hands", "Kaishou"), kind=Kind.NAME, case=CaseRule.FIXED)
    streamer = entry("主播", "streamer", Forbidden("anchor", guard=Guard(when=("livestream",))), "network anchor")
    assert found(kuaishou, streamer) == []


def test_a_finding_says_where_and_what_to_do() -> None:
    (finding,) = lint(Glossary.of([entry("抖音", "Douyin", "vibrato", line=7)]))
    assert finding == LintFinding(
        "ambiguous-word",
        "error",
        "the forbidden form 'vibrato' is an ordinary English word; give it a guard",
        "抖音",
        PATH,
        7,
    )


def test_source_and_target_that_have_changed_places() -> None:
    assert found(entry("Kuaishou", "快手")) == [("swapped", "error", "Kuaishou")]
    assert found(entry("AI", "AI"), entry("K歌", "karaoke")) == []


@pytest.mark.parametrize("layer", ["bundled", "user", "project"])
def test_two_entries_of_one_layer_are_duplicates(layer: str) -> None:
    entries = [replace(entry("a", target, line=line), layer=layer) for line, target in ((3, "x y"), (9, "z z"))]
    (finding,) = lint(Glossary.of(entries))
    assert (finding.code, finding.severity, finding.line) == ("duplicate-source", "error", 9)
    assert "(a.yaml:3)" in finding.message


@pytest.mark.parametrize(("old", "new"), [("bundled", "user"), ("command line", "command line")])
def test_an_override_across_layers_is_only_mentioned(old: str, new: str) -> None:
    entries = [replace(entry("a", "x y"), layer=old), replace(entry("a", "z z", line=2), layer=new)]
    assert found(*entries) == [("overridden", "warning", "a")]


@pytest.mark.parametrize(
    ("target", "form", "kind"),
    [
        ("loyal fan", "loyal fan", Kind.NOUN),
        ("loyal fan", "Loyal Fan", Kind.NOUN),
        ("loyal fan", "loyal fans", Kind.NOUN),
        ("loyal fans", "loyal fan", Kind.NOUN),
        ("sell goods", "sold goods", Kind.VERB),
        ("selling goods", "sells goods", Kind.VERB),
    ],
)
def test_a_form_that_is_its_own_target_or_an_inflection_of_it(target: str, form: str, kind: Kind) -> None:
    assert ("own-target", "error", "a") in found(replace(entry("a", target, form), kind=kind))


def test_a_form_that_is_an_admitted_target() -> None:
    assert found(replace(entry("a", "streamer", "live host"), admitted=("live host",))) == [
        ("own-target", "error", "a")
    ]


@pytest.mark.parametrize(
    ("target", "form", "case"),
    [
        ("WeChat", "Wechat", CaseRule.FIXED),
        ("mini program", "mini-program", CaseRule.SENTENCE),
        ("Douyin", "Dou Yin", CaseRule.FIXED),
        ("loyal fan", "old iron", CaseRule.SENTENCE),
    ],
)
def test_a_wrong_spelling_of_the_target_may_be_forbidden(target: str, form: str, case: CaseRule) -> None:
    assert found(replace(entry("a", target, form), case=case)) == []


def test_a_repeated_form() -> None:
    assert found(entry("a", "Kuaishou", "quick hands", "Quick-Hands")) == [("repeated-form", "warning", "a")]
    other_guard = Forbidden("quick hands", guard=GUARD)
    assert found(entry("a", "Kuaishou", "quick hands", other_guard)) == []


def test_one_form_for_two_targets_is_a_conflict() -> None:
    findings = lint(Glossary.of([entry("a", "x y", "old iron", line=4), entry("b", "z z", "old irons", line=8)]))
    assert [(f.code, f.severity, f.source, f.line) for f in findings] == [("conflict", "error", "b", 8)]
    assert findings[0].message == (
        "'old iron' stands for 'z z' here and for 'x y' in 'a' (a.yaml:4); give each a guard, or remove one"
    )


def test_guards_tell_conflicting_forms_apart() -> None:
    first = entry("a", "x y", "old iron", guard=GUARD)
    assert found(first, entry("b", "z z", "old iron", guard=Guard(when=("horse",)))) == []
    assert found(first, entry("b", "z z", "old iron")) == [("conflict", "warning", "b")]
    assert found(first, entry("b", "z z", "old iron", guard=GUARD)) == [("conflict", "error", "b")]


def test_forms_with_targets_of_their_own_conflict_too() -> None:
    same = Forbidden("old iron", target="x y")
    assert found(entry("a", "x y", "old iron"), entry("b", "z z", same, "hot iron")) == []


def test_a_target_that_another_entry_forbids() -> None:
    finding = lint(Glossary.of([entry("a", "live host", "old iron"), entry("b", "streamer", "live hosts", line=5)]))[0]
    assert (finding.code, finding.severity, finding.source) == ("target-forbidden", "error", "a")
    assert (
        finding.message == "the target 'live host' is forbidden by 'b' (a.yaml:5), which would turn it into 'streamer'"
    )
    guarded = entry("b", "streamer", "live host", guard=GUARD)
    assert found(entry("a", "live host"), guarded) == [("target-forbidden", "warning", "a")]


def test_an_admitted_target_that_another_entry_forbids() -> None:
    admitting = replace(entry("a", "streamer"), admitted=("live host",))
    assert found(admitting, entry("b", "presenter", "live host")) == [("target-forbidden", "error", "a")]


def test_a_cycle_is_found_once_and_spelled_out() -> None:
    entries = [entry("a", "b b", "a a"), entry("b", "c c", "b b"), entry("c", "a a", "c c")]
    cycles = [f for f in lint(Glossary.of(entries)) if f.code == "cycle"]
    assert [f.message for f in cycles] == ["repair would go round in a circle: 'a a' → 'b b' → 'c c' → 'a a'"]
    assert not any(code == "cycle" for code, _, _ in found(*entries[:2]))


def test_a_shadowed_entry() -> None:
    first = entry("a", "x y", "old iron", "hot iron")
    assert found(first, entry("b", "x y", "hot irons")) == [("shadowed", "warning", "b")]
    assert found(first, entry("b", "x y", "hot iron", "cold iron")) == []
    assert found(replace(first, guard=GUARD), entry("b", "x y", "hot iron")) == []
    assert found(first, entry("b", "x y")) == []


@pytest.mark.parametrize(
    ("form", "ambiguous"),
    [
        ("vibrato", True),
        ("Millet", True),
        ("anchors", True),
        ("Kaishou", False),
        ("quickhands", False),
        ("old iron", False),
        ("de-labeling", False),
    ],
)
def test_one_ordinary_word_needs_a_guard(form: str, ambiguous: bool) -> None:
    assert found(entry("a", "X-y", form)) == ([("ambiguous-word", "error", "a")] if ambiguous else [])
    assert found(entry("a", "X-y", Forbidden(form, guard=Guard(before=("on",))))) == []
    assert found(entry("a", "X-y", form, guard=GUARD)) == []


def test_findings_keep_the_order_of_the_glossary() -> None:
    words = ["scene", "trill", "anchor", "vibrato"]
    findings = lint(Glossary.of([entry(str(n), "X-y", word) for n, word in enumerate(words)]))
    assert [f.source for f in findings if f.code == "ambiguous-word"] == ["0", "1", "2", "3"]
