"""The schema that terminologists read is the schema that is enforced."""

import re
from pathlib import Path

from regloss.glossary import yaml_file
from regloss.glossary.yaml_file import parse_yaml
from regloss.resources import bundled

README = bundled("glossary") / "README.md"


def test_the_example_entry_is_valid() -> None:
    (text,) = [
        block for block in re.findall(r"```yaml\n(.*?)```", README.read_text("utf-8"), re.S) if "source:" in block
    ]
    (found,) = parse_yaml(text, Path("readme.yaml"))
    assert found.entry.source == "快手"


def test_every_key_is_explained() -> None:
    text = README.read_text("utf-8")
    keys = (*yaml_file.ENTRY_KEYS, *yaml_file.FORBIDDEN_KEYS, *yaml_file.GUARD_KEYS, *yaml_file.EXAMPLE_KEYS)
    missing = [key for key in (*keys, *yaml_file.CONTEXT_KEYS) if not re.search(rf"[`{{]{key}[`:]", text)]
    assert missing == []


def test_every_command_is_named() -> None:
    from regloss.cli.glossary import glossary_app

    text = README.read_text("utf-8")
    named = set(re.findall(r"regloss glossary (\w+)", text)) | {"list", "show"}
    commands = {command.name for command in glossary_app.registered_commands}
    assert commands - named - {"remove"} == set()
    assert named - commands == set()
    assert "`remove" in text
