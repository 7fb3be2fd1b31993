"""Documentation that cannot drift: the help page is what the commands say, README's commands run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_help_page_is_what_the_commands_say() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "docs" / "generate_help.py"), "--check"], check=False)
    assert done.returncode == 0, "docs/help.md is out of date; run: make docs"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def _commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("regloss ")]


@pytest.mark.parametrize("command", _commands())
def test_the_commands_of_the_readme_run(command: str, tmp_path: Path) -> None:
    words = re.findall(r"\"[^\"]*\"|\S+", command.split("#")[0])[1:]
    arguments = [word.strip('"').replace("out/", f"{tmp_path}/") for word in words]
    arguments = [str(ROOT / word) if word.startswith("seeds/") else word for word in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "regloss", *arguments], capture_output=True, check=False, cwd=tmp_path, encoding="utf-8"
    )
    assert done.returncode in (0, 1), done.stderr


def test_the_repository_speaks_of_the_project_alone() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=False, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    telling = re.compile(r"(?<![\w.])/(?:work|root|tmp|home)/\w|files\.pythonhosted|pypi\.org/simple")
    found = []
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".sh"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {hit.group()}" for hit in telling.finditer(text) if name != "tests/test_docs.py"]
    assert found == []
