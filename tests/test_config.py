from pathlib import Path

from regloss.config import Config, load_config


def test_the_example_holds_every_key_with_its_default() -> None:
    example = Path(__file__).parents[1] / "docs" / "regloss.example.toml"
    assert load_config(example) == Config()
    text = example.read_text(encoding="utf-8")
    assert all(f"\n{key} = " in text for key in Config().as_record())
