"""What the main job expects of a translation model before it has seen a document."""

import pytest

from regloss.run.job import card_of, expected_lead


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text("{}", "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ("flores_devtest = { bleu = 22.0, chrf = 53.0 }", 0.0),
        ("flores_devtest = { chrf = 33 }", -30.0),
        ("flores_devtest = { chrf = 58 }", 4.0),
    ],
)
def test_the_figure_on_the_card_counts(folder, figures, expected):
    (folder / "card.toml").write_text(f"[figures]\n{figures}\n", "utf-8")
    assert expected_lead(str(folder)) == expected


@pytest.mark.parametrize(
    "card", [None, "", "[figures]\n", "figures = 3\n", "[figures]\nflores_devtest = { chrf = 'x' }\n"]
)
def test_a_model_without_one_has_everything_to_prove(folder, card):
    if card is not None:
        (folder / "card.toml").write_text(card, "utf-8")
    assert expected_lead(str(folder)) == -20.0
    assert expected_lead("no such model") == -20.0


def test_the_model_that_ships_is_known_to_be_weak():
    card = card_of("zh-en-small")
    assert card is not None
    assert card.chrf is not None
    assert expected_lead("zh-en-small") == 1.5 * (card.chrf - 53.0) < -10
