"""A report as a run over a short article would fill it; invented text, invented edits."""

from dataclasses import replace

from regloss.document import Edit, Hypothesis, Relation, Segment, Tier
from regloss.report import Choice, Direction, ModelFacts, RunReport, ScoreRow, TermCount, TranslatedLine

TEXT = """\
Old irons flock to the quick hands

The quick hands have opened a shop ’s door. Its goalkeeper has quick hands.

A waist anchor sold melons on vibrato, and inThe evening sold more.
Nothing is wrong here.
"""


def edit(before: str, after: str, term: str, tier: Tier = Tier.AUTO, *, nth: int = 0, **more: object) -> Edit:
    """Return an edit of the nth occurrence of `before` in TEXT."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(before, start + 1)
    made = Edit(
        start=start,
        end=start + len(before),
        before=before,
        after=after,
        term=term,
        tier=tier,
        rule="term" if term else "artefact.space-before-punctuation",
        reason=f"{before.strip()!r} is a known wrong rendering of {term}." if term else "A space stands before it.",
        confidence=0.9,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def edits() -> tuple[Edit, ...]:
    """Return edits of all tiers, not in text order."""
    return (
        edit("The quick hands have", "Kuaishou has", "快手", confidence=0.95, segment="s2"),
        edit("Old irons", "Loyal fans", "老铁", segment="s1"),
        edit("the quick hands", "Kuaishou", "快手", segment="s1", evidence=(("source holds 快手", 0.5),)),
        edit(" ’s", "’s", "", segment="s2"),
        edit("quick hands", "Kuaishou", "快手", Tier.LEAVE, nth=2, segment="s3", reason="'goalkeeper' stands near."),
        edit("waist anchor", "mid-tier streamer", "腰部主播", Tier.REVIEW, segment="s4", confidence=0.55),
        edit("vibrato", "Douyin", "抖音", segment="s4"),
    )


def segments() -> tuple[Segment, ...]:
    """Return the sentences of TEXT."""
    found = []
    for at, (sentence, source) in enumerate(
        (
            ("Old irons flock to the quick hands", "老铁涌向快手"),
            ("The quick hands have opened a shop ’s door.", None),
            ("Its goalkeeper has quick hands.", None),
            (
                "A waist anchor sold melons on vibrato, and inThe evening sold more.",
                "腰部主播在抖音卖瓜，晚上卖得更多。",
            ),
            ("Nothing is wrong here.", None),
        ),
        start=1,
    ):
        start = TEXT.index(sentence)
        found.append(Segment(f"s{at}", start, start + len(sentence), sentence, source))
    return tuple(found)


def scores() -> tuple[ScoreRow, ...]:
    """Return rows of all three directions, one with a gap and one with a system apart."""
    return (
        ScoreRow(
            "forbidden renderings per 1,000 words",
            Direction.LOWER,
            {"original": 81.25, "fixed": 0.0, "retranslated": 0.0},
            "Known wrong renderings that are left.",
            comparable=("original", "fixed"),
        ),
        ScoreRow("term accuracy", Direction.HIGHER, {"original": 0.25, "fixed": 1.0, "retranslated": None}, digits=3),
        ScoreRow("length ratio", Direction.NONE, {"original": 1.5, "fixed": 1.4, "retranslated": 1.1}),
    )


def sample() -> RunReport:
    """Return a report with every part filled."""
    return RunReport(
        name="article.en.txt",
        text=TEXT,
        edits=edits(),
        segments=segments(),
        source_name="article.zh.txt",
        source_text="老铁涌向快手\n\n腰部主播在抖音卖瓜。\n",
        relation=Relation.COMPARABLE,
        relation_evidence=("2 of 9 numbers are shared.", "Sentence lengths do not follow one another."),
        retranslation=(
            TranslatedLine("老铁涌向快手", "Loyal fans flock to Kuaishou"),
            TranslatedLine("", ""),
            TranslatedLine("腰部主播在抖音卖瓜。", "Mid-tier streamers sell melons on Douyin."),
        ),
        choices=(
            Choice(
                "s1",
                "fixed",
                "Loyal fans flock to Kuaishou",
                "Both hold all terms; the smaller change wins.",
                0.125,
                "老铁涌向快手",
                (
                    Hypothesis("fixed", "Loyal fans flock to Kuaishou"),
                    Hypothesis("retranslated", "Fans go to Kuaishou", -0.7),
                ),
            ),
        ),
        scores=scores(),
        term_outcomes=(TermCount("快手", "Kuaishou", "inline", 1), TermCount("抖音", "Douyin", "missing", 2)),
        model=ModelFacts(
            "zh-en-small", "A small transformer.", "It is small and often wrong.", "CC-BY-SA-4.0", "ab" * 32
        ),
        glossary_hash="cd" * 32,
        glossary_size=187,
        signature="regloss:0.1.0|glossary:cdcdcdcdcdcd|model:zh-en-small",
        warnings=("The source has no sentence for 3 segments.",),
        timings={"align": 0.5, "repair": 0.25},
    )


def hostile() -> RunReport:
    """Return a report whose every string tries to become markup."""
    bad = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;"
    text = f"{bad} vibrato {bad}\n"
    start = text.index("vibrato")
    one = replace(
        edit("vibrato", bad, "抖音"), start=start, end=start + 7, term=bad, rule=bad, reason=bad, evidence=((bad, 1.0),)
    )
    two = replace(one, start=0, end=8, before=text[:8], tier=Tier.REVIEW)
    three = replace(one, start=start + 8, end=start + 12, before=text[start + 8 : start + 12], tier=Tier.LEAVE)
    base = sample()
    return replace(
        base,
        name=bad,
        text=text,
        edits=(one, two, three),
        segments=(),
        source_name=bad,
        source_text=bad,
        relation_evidence=(bad,),
        retranslation=(TranslatedLine(bad, bad),),
        choices=tuple(replace(c, segment=bad, system=bad, text=bad, reason=bad, source=bad) for c in base.choices),
        scores=tuple(replace(row, metric=bad, note=bad, values={bad: 1.0, "b": 2.0}) for row in base.scores),
        comparison=(bad,),
        term_outcomes=(TermCount(bad, bad, bad, 1),),
        model=ModelFacts(bad, bad, bad, bad, bad),
        glossary_hash=bad,
        signature=bad,
        warnings=(bad,),
        timings={bad: 1.0},
        target_language='en"><script>',
        source_language='zh"><script>',
        made=bad,
    )
