"""The gate, baselines and the formats that build servers read."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scoring_data import GLOSSARY
from test_scoring_comparison import BAD, GOOD, SOURCE, table

from regloss.errors import InputError, UsageError
from regloss.scoring import Outcome, System, build_metrics, judge, load_baseline, parse_threshold, save_baseline
from regloss.scoring.outputs import FORMATS, render


@pytest.fixture
def bad(finder):
    return table(System("mt", BAD, SOURCE, "", None, "out/mt.txt"), finder=finder)


@pytest.mark.parametrize(
    ("threshold", "outcome", "explanation"),
    [
        ("term-success=0", Outcome.PASSED, "equal passes"),
        ("term-success=0.01", Outcome.FAILED, "below fails"),
        ("forbidden=142.86", Outcome.PASSED, "less is better: at most"),
        ("forbidden=142.85", Outcome.FAILED, "less is better: more fails"),
        ("TERM-Success=0", Outcome.PASSED, "names in any case"),
    ],
)
def test_thresholds_are_the_worst_value_that_passes(bad, threshold, outcome, explanation):
    result = judge(bad, [parse_threshold(threshold)])
    assert result.outcome is outcome, explanation
    assert result.exit_code == {Outcome.PASSED: 0, Outcome.FAILED: 1}[outcome]


def test_every_system_must_pass(finder):
    both = table(System("good", GOOD, SOURCE), System("bad", BAD, SOURCE), finder=finder)
    result = judge(both, [parse_threshold("term-success=50")])
    assert [(c.system, c.outcome) for c in result.conditions] == [("good", Outcome.PASSED), ("bad", Outcome.FAILED)]


def test_a_figure_that_is_not_there_cannot_pass(finder):
    got = table(System("mt", GOOD), finder=finder)
    result = judge(got, [parse_threshold("number-agreement=1")])
    assert result.outcome is Outcome.FAILED
    assert "no aligned source" in result.conditions[0].message


@pytest.mark.parametrize("text", ["chrF", "chrF=", "chrF=much", "chrF=nan", "chrF=inf", "chrF>=50", "=5"])
def test_a_threshold_must_be_a_name_and_a_number(text):
    with pytest.raises(UsageError):
        parse_threshold(text)


@pytest.mark.parametrize(
    ("base", "new", "code"),
    [(BAD, GOOD, 0), (GOOD, BAD, 1), (GOOD, GOOD, 0), (GOOD, (*BAD[:1], *GOOD[1:]), 3)],
    ids=["better", "worse", "the same", "one sentence is no proof"],
)
def test_fail_if_worse(base, new, code):
    got = table(System("base", base, SOURCE), System("new", new, SOURCE), references=[GOOD], baseline="base")
    assert judge(got, fail_if_worse=True).exit_code == code


def test_a_figure_that_vanishes_is_not_passed_over(finder):
    silent = System("new", ("It grew.",) * 30, SOURCE)
    got = table(System("base", GOOD, SOURCE), silent, baseline="base", finder=finder, decisive=["term-accuracy"])
    result = judge(got, fail_if_worse=True)
    assert result.exit_code == 3
    assert "term-accuracy had nothing to count" in result.conditions[0].message


def test_a_baseline_must_hold_what_is_to_be_tested(bad, tmp_path):
    save_baseline(tmp_path / "b.json", bad)
    baseline = load_baseline(tmp_path / "b.json")
    baseline.check_testable(bad.systems, ["forbidden", "new-check"], every=False)
    with pytest.raises(InputError, match=r"b\.json: has no rows of new-check to test against \(it has term-success"):
        baseline.check_testable(bad.systems, ["forbidden", "new-check"], every=True)
    with pytest.raises(InputError, match="has no rows of BLEU, chrF"):
        baseline.check_testable(bad.systems, ["BLEU", "chrF"], every=False)
    with pytest.raises(InputError, match=r"has rows of 30 segments, mt\.txt has 5"):
        baseline.check_testable([System("mt", BAD[:5], path="mt.txt")], ["forbidden"], every=True)


def test_a_baseline_lets_old_violations_pass_and_new_ones_fail(bad, finder, tmp_path):
    path = tmp_path / "baseline.json"
    save_baseline(path, bad)
    baseline = load_baseline(path)
    system = bad.systems[0]
    assert baseline.new_violations(system, bad.findings["mt"]) == ()

    # The same text further down is still the old one; a second copy of a violation is a new one.
    moved = System("mt", ("Kuaishou grew.", *BAD), ("快手增长了。", *SOURCE))
    assert baseline.new_violations(moved, table(moved, finder=finder).findings["mt"]) == ()
    doubled = System("mt", (*BAD, BAD[0]), (*SOURCE, SOURCE[0]))
    new = baseline.new_violations(doubled, table(doubled, finder=finder).findings["mt"])
    assert [f.segment for f in new] == ["s31"]

    worse = System("mt", (*BAD, "The 主播 left."), (*SOURCE, "主播走了。"))
    found = table(worse, finder=finder)
    new = baseline.new_violations(worse, found.findings["mt"])
    assert [(f.segment, f.check) for f in new] == [("s31", "cjk-residue")]
    result = judge(found, new_violations={"mt": new})
    assert result.exit_code == 1
    assert "1 new violation, the first in s31" in result.conditions[0].message


def test_a_mended_violation_does_not_license_another(bad, finder, tmp_path):
    save_baseline(tmp_path / "b.json", bad)
    other = System("mt", (GOOD[0], *BAD[1:], "The quick hands have left."), (*SOURCE, "快手走了。"))
    new = load_baseline(tmp_path / "b.json").new_violations(other, table(other, finder=finder).findings["mt"])
    assert [f.segment for f in new] == ["s31"]


def test_stored_rows_are_tested_against(bad, finder, tmp_path):
    save_baseline(tmp_path / "b.json", bad)
    systems = [System("new name", GOOD, SOURCE)]
    metrics = build_metrics(glossary=GLOSSARY, finder=finder)
    stored = load_baseline(tmp_path / "b.json").statistics(systems, metrics)
    got = table(*systems, finder=finder, stored=stored)
    assert str(got.verdict("new name")) == "better"
    assert got.baseline == "baseline file"


def test_a_baseline_of_another_signature_is_refused(tmp_path):
    one = table(System("mt", GOOD, SOURCE), references=[GOOD])
    save_baseline(tmp_path / "b.json", one)
    with pytest.raises(InputError, match=r"b\.json: its BLEU was counted as nrefs:1.*now it would be nrefs:2"):
        load_baseline(tmp_path / "b.json").statistics(one.systems, build_metrics(["BLEU"], references=2))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no such baseline"),
        ("{", "not a baseline"),
        ("[]", "not a baseline of version"),
        ('{"schema": "regloss.baseline/0"}', "not a baseline of version regloss.baseline/1"),
        ('{"schema": "regloss.baseline/1"}', "damaged"),
        ("\udcff", "cannot be read"),
    ],
    ids=["missing", "no JSON", "no object", "old", "empty", "no text"],
)
def test_a_broken_baseline_is_one_clear_line(tmp_path, content, told):
    path = tmp_path / "b.json"
    if content is not None:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=told) as caught:
        load_baseline(path)
    assert "\n" not in str(caught.value)


def test_a_baseline_with_several_systems_must_know_the_name(finder, tmp_path):
    save_baseline(tmp_path / "b.json", table(System("a", GOOD), System("b", GOOD), finder=finder))
    with pytest.raises(InputError, match="no system 'c'; it knows a, b"):
        load_baseline(tmp_path / "b.json").new_violations(System("c", GOOD), ())


HOSTILE = "a<b>|`x`\n::error::%"


@pytest.fixture
def hostile(finder):
    systems = System(HOSTILE, ("The quick hands have <script> 主播\x0b.", "Fine."), None, "", None, "a,b:c.txt")
    return table(systems, finder=finder)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_bears_the_signature_and_survives_hostile_text(hostile, name):
    printed = render(hostile, name, judge(hostile))
    assert hostile.signature.split(" ")[0] in printed
    printed.encode()


def test_junit_is_read_by_its_readers(bad):
    gate = judge(bad, [parse_threshold("term-success=50"), parse_threshold("forbidden=500")])
    root = ElementTree.fromstring(render(bad, "junit", gate).encode())
    suite = root.find("testsuite")
    failed = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert failed == ["forbidden-term", "term-success ≥ 50"]
    assert int(suite.get("failures")) == len(failed)
    assert int(suite.get("tests")) == len(suite.findall("testcase")) == 11
    assert suite.find("properties/property").get("value") == bad.signature


def test_junit_passes_no_check_that_was_not_made(finder):
    got = table(System("mt", (BAD[0] + " " + BAD[1], *GOOD[1:]), SOURCE), finder=finder, checks=())
    suite = ElementTree.fromstring(render(got, "junit", judge(got)).encode()).find("testsuite")
    assert [case.get("name") for case in suite.findall("testcase")] == ["forbidden-term"]
    assert suite.find("testcase/failure").get("message") == "2 in 1 of 30 segments"


def test_the_table_counts_findings_and_says_where_they_are(bad, finder):
    printed = render(bad, "table")
    assert "mt: forbidden-term 30, in 30 of 30 segments." in printed
    assert "--format github" in printed
    assert "segments." not in render(table(System("mt", GOOD, SOURCE), finder=finder), "table")


def test_places_in_json_lines_have_no_columns_and_paths_are_uris(finder):
    lines = tuple(range(2, 61, 2))
    got = table(System("mt", BAD, SOURCE, "", None, "out put/译.jsonl", lines), finder=finder)
    place = json.loads(render(got, "sarif"))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 2}
    assert place["artifactLocation"]["uri"] == "out%20put/%E8%AF%91.jsonl"
    assert "line=2,title=" in render(got, "github")


def test_junit_of_hostile_text_is_well_formed(hostile):
    ElementTree.fromstring(render(hostile, "junit", judge(hostile)).encode())


def test_sarif_has_a_position_for_each_finding(bad):
    run = json.loads(render(bad, "sarif"))["runs"][0]
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "out/mt.txt"
    assert place["region"] == {"startLine": 1, "startColumn": 1, "endColumn": len("The quick hands") + 1}
    assert first["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["columnKind"] == "unicodeCodePoints"


def test_sarif_marks_what_the_baseline_knows(bad):
    gate = judge(bad, new_violations={"mt": bad.findings["mt"][-1:]})
    states = [result["baselineState"] for result in json.loads(render(bad, "sarif", gate))["runs"][0]["results"]]
    assert states == ["unchanged"] * 29 + ["new"]


def test_github_annotations_cannot_be_broken_out_of(hostile):
    lines = render(hostile, "github", judge(hostile)).split("\n")
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert "file=a%2Cb%3Ac.txt,line=1," in lines[0]


def test_github_shows_new_violations_alone_where_there_is_a_baseline(bad):
    gate = judge(bad, new_violations={"mt": bad.findings["mt"][:1]})
    printed = render(bad, "github", gate)
    assert printed.count("title=forbidden-term") == 1
    assert "::error title=gate%3A no new violations::" in printed


def test_markdown_escapes_what_users_write(hostile):
    printed = render(hostile, "markdown", judge(hostile))
    assert "<script>" not in printed
    header = next(line for line in printed.split("\n") if line.startswith("| metric"))
    assert header.replace("\\|", "").count("|") == 4


def test_detail_is_for_json(bad):
    from regloss.scoring.table import Unit

    with pytest.raises(UsageError, match="--format json"):
        render(bad, "table", None, Unit.SEGMENT)


def test_baseline_files_are_written_whole(bad, tmp_path):
    save_baseline(tmp_path / "b.json", bad)
    assert [p.name for p in Path(tmp_path).iterdir()] == ["b.json"]
