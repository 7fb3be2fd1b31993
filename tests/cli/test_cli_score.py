"""`regloss score` as a build calls it: files, exit codes, one-line errors."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

import regloss.cli
from regloss.cli.score import SCORE_EPILOG, score_command

GOOD = [f"Kuaishou has {n} million users." for n in range(2, 32)]
BAD = [f"The quick hands have {n} million users." for n in range(2, 32)]
SOURCE = [f"快手有{n}00万用户。" for n in range(2, 32)]


def write(path, lines, encoding="utf-8", end="\n"):
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


@pytest.fixture
def files(tmp_path):
    write(tmp_path / "good.txt", GOOD)
    write(tmp_path / "bad.txt", BAD)
    write(tmp_path / "ref.txt", GOOD)
    write(tmp_path / "src.txt", SOURCE)
    (tmp_path / "terms.tsv").write_text("source_term\ttarget\twrong_variants\n快手\tKuaishou\tquick hands\n", "utf-8")
    return tmp_path


class Result(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def _register(app, _name=None):
    if not any(command.name == "score" for command in app.registered_commands):
        app.command("score", epilog=SCORE_EPILOG)(score_command)


@pytest.fixture
def score(files, monkeypatch, capsys):
    """Return a function that runs the command through `main`, in this process, in the folder of the files."""
    monkeypatch.chdir(files)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(files / "config"))
    # The other commands would only make the start slower.
    monkeypatch.setattr(regloss.cli, "commands", SimpleNamespace(register=_register), raising=False)

    def call(*arguments, glossary=("--glossary", "terms.tsv")):
        monkeypatch.setattr(sys, "argv", ["regloss", "score", *arguments, *glossary])
        with pytest.raises(SystemExit) as caught:
            regloss.cli.main()
        return Result(caught.value.code, *capsys.readouterr())

    return call


def fault(result):
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stdout == ""
    lines = result.stderr.strip().split("\n")
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")


def test_a_table_with_reference_and_source(score, files):
    result = score("--system", "mt=bad.txt", "--system", "pe=good.txt", "--reference", "ref.txt", "--source", "src.txt")
    assert result.returncode == 0, result.stderr
    lines = {line.split()[0]: line for line in result.stdout.split("\n") if line.strip()}
    assert lines["BLEU"].split()[-4:] == ["100.00", "[100.00,", "100.00]", "+"]
    assert lines["term-success"].split()[2] == "0.00"
    assert result.stdout.rstrip().split("\n")[-1].startswith("regloss:")


def test_json_carries_single_scores_on_request(score, files):
    write(files / "docs.txt", ["one"] * 10 + ["two"] * 20)
    result = score(
        "--system",
        "mt=bad.txt",
        "--source",
        "src.txt",
        "--docs",
        "docs.txt",
        "--format",
        "json",
        "--detail",
        "document",
    )
    record = json.loads(result.stdout)
    assert record["schema"] == "regloss.scores/1"
    assert record["units"]["names"] == ["one", "two"]
    assert record["units"]["values"]["mt"]["term-success"] == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--system", "pe=good.txt", "--fail-under", "term-success=100"], 0),
        (["--system", "mt=bad.txt", "--fail-under", "term-success=1"], 1),
        (["--system", "mt=bad.txt", "--fail-under", "forbidden=1000"], 0),
        (["--system", "mt=bad.txt", "--fail-under", "forbidden=1"], 1),
        (["--system", "pe=good.txt", "--reference", "ref.txt", "--fail-under", "TER=0"], 0),
        (["--system", "mt=bad.txt", "--system", "pe=good.txt", "--reference", "ref.txt", "--fail-if", "worse"], 0),
        (["--system", "pe=good.txt", "--system", "mt=bad.txt", "--reference", "ref.txt", "--fail-if", "worse"], 1),
        (["--system", "pe=good.txt", "--system", "near=near.txt", "--reference", "ref.txt", "--fail-if", "worse"], 3),
    ],
    ids=["reached", "missed", "at most", "too many", "TER on request", "better", "worse", "inconclusive"],
)
def test_exit_codes(score, files, arguments, code):
    write(files / "near.txt", [BAD[0], *GOOD[1:]])
    result = score(*arguments, "--source", "src.txt")
    assert result.returncode == code, result.stdout + result.stderr


def test_the_ratchet_from_build_to_build(score, files):
    common = ["--source", "src.txt"]
    first = score("--system", "mt=bad.txt", *common, "--save-baseline", "base.json")
    assert first.returncode == 0, first.stderr
    again = score("--system", "mt=bad.txt", *common, "--baseline", "base.json")
    assert again.returncode == 0, again.stdout
    write(files / "bad.txt", [*BAD[:-1], "The 主播 has 31 million users on Kuaishou."])
    worse = score("--system", "mt=bad.txt", *common, "--baseline", "base.json", "--format", "github")
    assert worse.returncode == 1
    assert "::warning file=bad.txt,line=30,col=5,endColumn=7,title=cjk-residue::" in worse.stdout
    assert worse.stdout.count("title=forbidden-term") == 0


def test_a_failed_run_does_not_become_the_baseline_it_failed_against(score, files):
    common = ["--system", "mt=good.txt", "--source", "src.txt", "--save-baseline", "base.json", "--metric", "forbidden"]
    score(*common)
    kept = (files / "base.json").read_bytes()
    write(files / "good.txt", BAD)
    failed = score(*common, "--baseline", "base.json")
    assert failed.returncode == 1
    assert failed.stderr == "warning: base.json was not replaced, because this run has failed against it\n"
    assert (files / "base.json").read_bytes() == kept
    assert score(*common[:-4], "--save-baseline", "accepted.json", "--baseline", "base.json").returncode == 1
    assert (files / "accepted.json").exists()


def test_formats_for_build_servers_are_well_formed(score, files):
    common = ["--system", "mt=bad.txt", "--source", "src.txt"]
    ElementTree.fromstring(score(*common, "--format", "junit").stdout.encode())
    assert json.loads(score(*common, "--format", "sarif").stdout)["version"] == "2.1.0"
    assert score(*common, "--format", "markdown").stdout.startswith("### ")


def test_lines_end_at_lf_and_crlf_alone(score, files):
    write(files / "odd.txt", ["Kuaishou\u2028has\x0b2\x85million users.", *GOOD[1:]], end="\r\n")
    result = score("--system", "mt=odd.txt", "--reference", "ref.txt", "--metric", "chrF", "--format", "json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["systems"][0]["segments"] == 30


def test_jsonl_is_read_by_field(score, files):
    (files / "mt.jsonl").write_text(
        "".join(json.dumps({"id": i, "target": t}) + "\n" for i, t in enumerate(GOOD)), "utf-8"
    )
    result = score("--system", "mt=mt.jsonl", "--source", "src.txt", "--fail-under", "term-success=100")
    assert result.returncode == 0, result.stdout + result.stderr


def test_line_counts_that_differ(score, files):
    write(files / "short.txt", GOOD[:28])
    told = fault(score("--system", "mt=short.txt", "--reference", "ref.txt"))
    assert told == "short.txt has 28 lines, ref.txt has 30; the first odd line is 29"


def test_line_counts_that_differ_since_a_blank_line(score, files):
    write(files / "shifted.txt", [*GOOD[:4], "", *GOOD[4:]])
    told = fault(score("--system", "mt=shifted.txt", "--reference", "ref.txt"))
    assert told.endswith("the first odd line is 5")


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_empty_files(score, files, content):
    (files / "empty.txt").write_bytes(content)
    assert fault(score("--system", "mt=empty.txt")) == "empty.txt: is empty; there is nothing to score"
    assert "empty.txt: is empty" in fault(score("--system", "mt=good.txt", "--reference", "empty.txt"))


def test_a_reference_that_is_the_source(score, files):
    told = fault(score("--system", "mt=good.txt", "--reference", "src.txt", "--source", "src.txt"))
    assert told.startswith("src.txt is the source, not a reference translation")
    told = fault(score("--system", "mt=good.txt", "--reference", "src.txt"))
    assert told.startswith("src.txt is the source, not a reference translation")


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("gb18030", "bad-encoding.txt:3: byte 0xbf is not UTF-8"), ("utf-16", "bad-encoding.txt: is UTF-16")],
)
def test_mixed_encodings(score, files, encoding, told):
    write(files / "bad-encoding.txt", ["plain", "plain", "快手", *GOOD[3:]], encoding)
    assert fault(score("--system", "mt=good.txt", "--reference", "bad-encoding.txt")).startswith(told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--system", "good.txt"], "write NAME=FILE"),
        (["--system", "a=good.txt", "--system", "a=bad.txt"], "--system a is given twice"),
        (["--system", "a=missing.txt"], "missing.txt"),
        (["--system", "a=."], "."),
        (["--system", "a=good.txt", "--metric", "comet"], "unknown metric 'comet'; available: BLEU"),
        (["--system", "a=good.txt", "--metric", "BLUE"], "unknown metric 'BLUE'; did you mean BLEU? available: BLEU"),
        (["--system", "a=good.txt", "--fail-under", "forbidden<=5"], "write METRIC=NUMBER"),
        (["--system", "a=good.txt", "--external", "A=file:x", "--external", "A=file:y"], "--external A is given twice"),
        (["--system", "a=good.txt", "--fail-under", "BLEU"], "write METRIC=NUMBER"),
        (["--system", "a=good.txt", "--fail-if", "worse"], "needs something to compare with"),
        (["--system", "a=good.txt", "--baseline", "no.json"], "no.json: there is no such baseline"),
        (["--system", "a=good.txt", "--detail", "segment"], "--format json"),
        (["--system", "a=broken.jsonl"], "broken.jsonl:2: not JSON"),
        ([], "--system"),
    ],
)
def test_bad_usage_is_one_clear_line(score, files, arguments, told):
    (files / "broken.jsonl").write_text('{"target": "x"}\n{"target"\n', "utf-8")
    assert told in fault(score(*arguments))


def test_a_baseline_of_another_signature(score, files):
    score("--system", "mt=good.txt", "--reference", "ref.txt", "--save-baseline", "base.json")
    told = fault(
        score(
            "--system",
            "mt=good.txt",
            "--reference",
            "ref.txt",
            "--reference",
            "bad.txt",
            "--baseline",
            "base.json",
        )
    )
    assert "base.json: its BLEU was counted as nrefs:1" in told


def test_a_gate_that_can_test_nothing_does_not_pass(score, files):
    score("--system", "mt=good.txt", "--source", "src.txt", "--save-baseline", "base.json", "--metric", "forbidden")
    gate = ("--system", "mt=bad.txt", "--source", "src.txt", "--baseline", "base.json", "--fail-if", "worse")
    told = fault(score(*gate, "--reference", "ref.txt", "--metric", "chrF"))
    assert told.startswith("base.json: has no rows of chrF to test against (it has forbidden); save it anew")
    assert score(*gate, "--metric", "forbidden").returncode == 1
    write(files / "bad.txt", BAD[:20])
    write(files / "src.txt", SOURCE[:20])
    assert "has rows of 30 segments, bad.txt has 20" in fault(score(*gate, "--metric", "forbidden"))


def test_lines_of_jsonl_are_counted_with_blank_ones(score, files):
    records = [json.dumps({"target": text}) for text in BAD[:2]]
    (files / "mt.jsonl").write_text("\n\n".join(records) + "\n", "utf-8")
    printed = score("--system", "mt=mt.jsonl", "--format", "github").stdout
    assert "file=mt.jsonl,line=1,title=forbidden-term" in printed
    assert "file=mt.jsonl,line=3,title=forbidden-term" in printed


def test_the_gate_of_the_guide_fails_where_the_new_system_is_worse(score, files):
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text("utf-8")
    command = next(line for line in guide.splitlines() if line.startswith("regloss score "))
    for name, lines in {"old.en": GOOD, "new.en": BAD, "ref.en": GOOD, "src.zh": SOURCE}.items():
        write(files / f"{name}.txt", lines)
    assert score(*command.split()[2:]).returncode == 1


def test_nothing_is_saved_when_the_input_is_bad(score, files):
    fault(score("--system", "mt=good.txt", "--source", "terms.tsv", "--save-baseline", "base.json"))
    assert not (files / "base.json").exists()


def test_also_writes_other_formats(score, files):
    result = score("--system", "mt=bad.txt", "--also", "json=scores.json", "--also", "junit=scores.xml")
    assert result.returncode == 0, result.stderr
    assert json.loads((files / "scores.json").read_text("utf-8"))["schema"] == "regloss.scores/1"
    ElementTree.parse(files / "scores.xml")
    assert "write FORMAT=FILE" in fault(score("--system", "mt=bad.txt", "--also", "pdf=x"))


def test_an_external_metric_can_be_a_threshold(score, files):
    (files / "comet.mt.txt").write_text("0.5\n" * 30, "utf-8")
    arguments = ["--system", "mt=bad.txt", "--external", "COMET=file:comet.{system}.txt"]
    assert score(*arguments, "--fail-under", "COMET=0.5").returncode == 0
    assert score(*arguments, "--fail-under", "COMET=0.51").returncode == 1
    told = fault(score("--system", "mt=bad.txt", "--external", "BLEU=file:x"))
    assert told.startswith("--external BLEU: a metric of regloss is called so")


def test_a_metric_that_lacks_what_it_needs_is_refused_not_left_out(score):
    assert fault(score("--system", "mt=bad.txt", "--metric", "bleu")) == (
        "BLEU needs a reference; give it with --reference"
    )
    assert fault(score("--system", "mt=bad.txt", "--fail-under", "term-success=80")) == (
        "term-success needs a source; give it with --source"
    )


def test_the_project_says_glossary_and_seed(score, files):
    (files / "regloss.toml").write_text('glossary = ["terms.tsv"]\nseed = 7\n', "utf-8")
    asked = ("--system", "mt=bad.txt", "--source", "src.txt", "--format", "json", "--metric", "term-success")
    by_file = json.loads(score(*asked, glossary=()).stdout)
    by_option = json.loads(score(*asked, "--seed", "7").stdout)
    assert by_file == by_option
    assert "seed:7" in by_file["signature"]
    assert "seed:9" in json.loads(score(*asked, "--seed", "9").stdout)["signature"]
    (files / "regloss.toml").write_text("sead = 7\n", "utf-8")
    assert "unknown key 'sead'" in score(*asked).stderr
