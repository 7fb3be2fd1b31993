"""Score tables: what is scored, what is compared, what is said plainly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from scoring_data import GLOSSARY

from regloss.document import Relation
from regloss.errors import UsageError
from regloss.scoring import SignificanceOptions, System, Verdict, build_metrics, compare
from regloss.scoring.gate import judge
from regloss.scoring.outputs import render
from regloss.scoring.table import Unit, overall_verdict

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "scores.schema.json").read_text(encoding="utf-8"))
BAD = tuple(f"The quick hands have {n} million users." for n in range(2, 32))
GOOD = tuple(f"Kuaishou has {n} million users." for n in range(2, 32))
SOURCE = tuple(f"快手有{n}00万用户。" for n in range(2, 32))


def table(*systems, finder=None, **options):
    metrics = build_metrics(references=len(options.get("references", ())), glossary=GLOSSARY, finder=finder)
    return compare(systems, metrics, finder=finder, **options)


def test_a_parallel_pair_is_compared_in_every_metric(finder):
    got = table(
        System("original", BAD, SOURCE),
        System("fixed", GOOD, SOURCE),
        finder=finder,
        references=[GOOD],
        baseline="original",
    )
    assert got.value("fixed", "BLEU") == pytest.approx(100)
    assert got.value("original", "term-success") == 0
    assert got.value("fixed", "term-success") == 100
    assert got.value("original", "forbidden") == pytest.approx(1000 / 7)
    assert got.verdict("fixed") is Verdict.BETTER
    assert got.verdict("original") is None
    assert got.decisive == ("BLEU", "chrF", "chrF++")
    assert len([f for f in got.findings["original"] if f.check == "forbidden-term"]) == 30
    assert got.findings["fixed"] == ()


def test_texts_of_two_documents_are_not_compared(finder):
    got = table(
        System("original", BAD, None, "article.en.txt"),
        System("fixed", GOOD, None, "article.en.txt"),
        System("retranslated", GOOD[:5], SOURCE[:5], "article.zh.txt"),
        finder=finder,
        relation=Relation.COMPARABLE,
        baseline="original",
    )
    assert got.value("original", "term-success") is None
    assert got.value("retranslated", "term-success") == 100
    row = next(row for row in got.rows if row.info.name == "number-agreement")
    assert row.cells[0].reason == "not comparable: no aligned source"
    assert got.verdict("retranslated") is None
    assert got.verdict("fixed") is Verdict.BETTER
    assert (
        got.notes[0] == "original and fixed render the same text (article.en.txt) and can be compared with each other."
    )
    assert got.notes[1].startswith("retranslated renders another text (article.zh.txt)")
    assert "not translations of each other" in got.notes[2]


def test_every_record_fits_the_published_schema(finder):
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    parallel = table(
        System("a", BAD, SOURCE), System("b", GOOD, SOURCE), references=[GOOD], baseline="a", finder=finder
    )
    alone = table(System("a", BAD), options=SignificanceOptions(resamples=0))
    unrelated = table(System("a", BAD, None, "x"), System("b", GOOD, None, "y"), relation=Relation.UNRELATED)
    for got in (parallel, alone, unrelated):
        validator.validate(got.as_record())
        validator.validate(json.loads(render(got, "json", judge(got))))
    validator.validate(json.loads(render(parallel, "json", None, Unit.SEGMENT)))


def test_the_schema_refuses_a_record_that_lacks_something():
    record = table(System("a", BAD)).as_record()
    del record["signature"]
    assert not Draft202012Validator(SCHEMA).is_valid(record)


def test_single_scores_by_segment_and_document():
    documents = ("d1",) * 10 + ("d2",) * 20
    mixed = GOOD[:10] + BAD[10:]
    got = table(System("a", mixed, SOURCE, "", documents), references=[GOOD])
    by_document = got.units(Unit.DOCUMENT)
    assert by_document["names"] == ["d1", "d2"]
    assert by_document["values"]["a"]["term-success"] == [100, 0]
    by_segment = got.units(Unit.SEGMENT)
    assert by_segment["values"]["a"]["term-success"] == [100] * 10 + [0] * 20
    assert by_segment["values"]["a"]["BLEU"][0] == pytest.approx(100)
    with pytest.raises(UsageError, match="--docs"):
        table(System("a", mixed)).units(Unit.DOCUMENT)


def test_many_systems_are_corrected_for():
    slightly = BAD[:4] + GOOD[4:]
    systems = [System("base", GOOD, SOURCE), System("one", slightly, SOURCE), System("two", slightly, SOURCE)]
    pair = table(*systems[:2], references=[GOOD], baseline="base")
    three = table(*systems, references=[GOOD], baseline="base")
    p = pair.rows[1].cells[1].against_baseline
    corrected = three.rows[1].cells[1].against_baseline
    assert corrected.p == p.p
    assert corrected.p_adjusted == pytest.approx(min(1, 2 * p.p))


@pytest.mark.parametrize(
    ("verdicts", "overall"),
    [
        (("better", "inconclusive"), "better"),
        (("worse", "same"), "worse"),
        (("better", "worse"), "inconclusive"),
        (("same", "same"), "same"),
        (("same", "inconclusive"), "inconclusive"),
    ],
)
def test_overall_verdict(verdicts, overall):
    assert overall_verdict([Verdict(v) for v in verdicts]) is Verdict(overall)


def test_the_signature_names_version_glossary_metrics_and_seed():
    got = table(
        System("a", GOOD, SOURCE), references=[GOOD], glossary_hash="0123456789ab", options=SignificanceOptions(seed=7)
    )
    assert got.signature.startswith("regloss:")
    for part in ("glossary:0123456789ab", "seed:7", "BLEU[nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp", "model:none"):
        assert part in got.signature
    assert "\n" not in got.signature


def test_a_metric_that_nobody_knows_is_refused_with_the_choices():
    with pytest.raises(UsageError, match=r"unknown metric 'COMETTE'; available: BLEU, chrF"):
        build_metrics(["COMETTE"])
    with pytest.raises(UsageError, match="needs a glossary"):
        build_metrics(["term-success"])


def test_metric_names_are_read_as_people_write_them():
    names = [metric.info.name for metric in build_metrics(["bleu", "chrf2++", "TER"], references=1)]
    assert names == ["BLEU", "chrF++", "TER"]


def test_the_same_record_under_any_hash_seed():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_scoring_comparison import *\n"
        "from regloss.scoring import GuardedMentionFinder\n"
        "f = GuardedMentionFinder(GLOSSARY)\n"
        "t = table(System('a', BAD, SOURCE), System('b', GOOD, SOURCE), finder=f, references=[GOOD], baseline='a')\n"
        "print(json.dumps(t.as_record()))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert printed[0] == printed[1]


def test_one_of_many_metrics_does_not_decide_by_chance():
    # Six numbers of thirty are gone: enough for that metric alone, too little among all that were looked at.
    worse = tuple(text.replace(" million", "") if number < 6 else text for number, text in enumerate(GOOD))
    systems = System("old", GOOD, SOURCE), System("new", worse, SOURCE)
    got = table(*systems, baseline="old")
    row = next(row for row in got.rows if row.info.name == "number-agreement")
    assert row.cells[1].against_baseline.verdict is Verdict.WORSE
    assert got.verdict("new") is Verdict.INCONCLUSIVE
    condition = judge(got, fail_if_worse=True).conditions[0]
    assert "number-agreement -20.00, p = 0.0" in condition.message
    assert "metrics in which they differ" in condition.message
    alone = table(*systems, baseline="old", decisive=["number-agreement"])
    assert alone.verdict("new") is Verdict.WORSE
