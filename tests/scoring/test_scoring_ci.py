"""The action, the hooks and the GitLab job, each run as its runner would run it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GOOD = [f"Kuaishou has {n} million users." for n in range(2, 12)]
BAD = [f"The quick hands have {n} million users." for n in range(2, 12)]
SOURCE = [f"快手有{n}00万用户。" for n in range(2, 12)]


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path):
    for name, lines in (("good.txt", GOOD), ("bad.txt", BAD), ("src.txt", SOURCE)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines), "utf-8")
    (tmp_path / "terms.tsv").write_text("source_term\ttarget\twrong_variants\n快手\tKuaishou\tquick hands\n", "utf-8")
    # The `regloss` of this environment, wherever its bin folder is.
    tool = tmp_path / "bin" / "regloss"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m regloss "$@"\n', "utf-8")
    tool.chmod(0o755)
    return tmp_path


def shell(folder, script, **variables):
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **variables}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def action(folder, **inputs):
    """Run the composite action with these inputs: expand its expressions into the environment, run its last script."""
    record = read(ROOT / "action.yml")
    given = {name: spec.get("default", "") for name, spec in record["inputs"].items()} | inputs
    assert set(given) == set(record["inputs"]), "an input that the action does not declare"
    step = record["runs"]["steps"][-1]
    assert "${{" not in step["run"], "an expression in a script lets inputs become code"
    expression = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
    variables = {name: expression.sub(lambda m: given[m[1]], value) for name, value in step["env"].items()}
    summary, output = folder / "summary.md", folder / "output"
    done = shell(folder, step["run"], **variables, GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(output))
    return done, summary, output.read_text("utf-8")


def test_the_action_annotates_summarises_and_fails(folder):
    done, summary, output = action(
        folder,
        system="mt=bad.txt\n",
        source="src.txt",
        glossary="terms.tsv",
        **{"fail-under": "term-success=50\nforbidden=1000", "sarif": "out.sarif"},
    )
    assert done.returncode == 1, done.stderr
    assert "::warning file=bad.txt,line=1,col=1,endColumn=16,title=forbidden-term::" in done.stdout
    assert "::error title=gate%3A term-success ≥ 50::" in done.stdout
    assert summary.read_text("utf-8").startswith("### Translation scores")
    assert output == "exit-code=1\n"
    assert len(json.loads((folder / "out.sarif").read_text("utf-8"))["runs"][0]["results"]) == 10


@pytest.mark.parametrize(("wish", "code"), [("pass", 0), ("fail", 3)])
def test_the_action_lets_the_user_decide_about_inconclusive(folder, wish, code):
    (folder / "near.txt").write_text("".join(line + "\n" for line in [BAD[0], *GOOD[1:]]), "utf-8")
    chosen = {"fail-if": "worse", "inconclusive": wish}
    done, _, output = action(folder, system="a=good.txt\nb=near.txt", source="src.txt", glossary="terms.tsv", **chosen)
    assert done.returncode == code, done.stdout + done.stderr
    assert output == "exit-code=3\n"


def test_a_file_name_is_no_command(folder):
    done, _, _ = action(folder, system="mt=$(touch mark).txt\nb=`touch mark`", glossary="terms.tsv")
    assert done.returncode == 2
    assert not (folder / "mark").exists()


def test_the_gitlab_job(folder):
    job = read(ROOT / "docs" / "gitlab-ci.yml")["translation-scores"]
    save = 'regloss score --system "mt=bad.txt" --source src.txt --save-baseline base.json'
    assert shell(folder, save).returncode == 0
    (folder / "bad.txt").write_text("".join(line + "\n" for line in [*BAD[:-1], "The 主播 has it."]), "utf-8")
    done = shell(folder, "\n".join(job["script"]), TRANSLATION="bad.txt", SOURCE="src.txt", BASELINE="base.json")
    assert done.returncode == 1, done.stderr
    suite = ElementTree.parse(folder / job["artifacts"]["reports"]["junit"]).getroot().find("testsuite")
    failed = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert failed == ["cjk-residue", "number-mismatch", "no new violations"]
    assert json.loads((folder / "scores.json").read_text("utf-8"))["gate"]["exit_code"] == 1
    assert job["allow_failure"] == {"exit_codes": [3]}


def test_the_pre_commit_hooks(folder):
    hooks = {hook["id"]: hook for hook in read(ROOT / ".pre-commit-hooks.yaml")}
    assert all(hook["language"] == "python" for hook in hooks.values())
    arguments = "--system mt=bad.txt --source src.txt -g terms.tsv --fail-under forbidden=1"
    score = f"{hooks['regloss-score']['entry']} {arguments}"
    assert not hooks["regloss-score"]["pass_filenames"]
    assert shell(folder, score).returncode == 1
    fix = hooks["regloss-fix"]["entry"]
    assert shell(folder, f"{fix} --glossary terms.tsv bad.txt good.txt").returncode == 1
    assert shell(folder, f"{fix} --glossary terms.tsv good.txt").returncode == 0
    glossary = folder / "my-glossary.yaml"
    glossary.write_text("- source: 快手\n  target: Kuaishou\n  forbidden: [Kaishou]\n  kind: name\n", "utf-8")
    lint = hooks["regloss-glossary-lint"]
    assert re.search(lint["files"], glossary.name)
    assert shell(folder, f"{lint['entry']} {glossary.name}").returncode == 0


def test_the_page_names_every_metric_check_and_option():
    from regloss.cli.score import ScoreFormat, score_command
    from regloss.scoring import CHECKS, metric_names

    page = (ROOT / "docs" / "scoring.md").read_text("utf-8")
    missing = [name for name in (*metric_names(), *(check.name for check in CHECKS)) if f"`{name}`" not in page]
    missing += [name for name in ScoreFormat if name not in page]
    hints = [hint for name, hint in score_command.__annotations__.items() if name != "return"]
    options = [
        next(d for d in (m.default, *m.param_decls) if isinstance(d, str) and d.startswith("--"))
        for hint in hints
        for m in hint.__metadata__
    ]
    assert "--fail-under" in options
    missing += [option for option in options if option not in page]
    assert missing == []
