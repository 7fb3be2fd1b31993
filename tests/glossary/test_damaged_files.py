"""A damaged glossary file ends in one line of ours, whatever its format and wherever the damage is."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from regloss.errors import ReglossError
from regloss.glossary import Forbidden, TermEntry, read_file
from regloss.glossary.review import read_sheet
from regloss.glossary.tabular import export_table
from regloss.glossary.tbx_export import export_tbx
from regloss.glossary.workbook import export_workbook

ENTRIES = (
    TermEntry("快手", "Kuaishou", forbidden=(Forbidden("quick hands"),), note="App."),
    TermEntry("主播", "streamer"),
)
TMX = """<tmx version="1.4"><header srclang="zh-CN"/><body><tu><tuv xml:lang="zh-CN"><seg>快手</seg></tuv>
<tuv xml:lang="en-US"><seg>Kuaishou</seg></tuv></tu></body></tmx>"""
SHEET = "accept\tkind\tsource\ttarget\trendering\nx\trendering\t快手\tKuaishou\tfast players\n"


def _write(path: Path) -> None:
    texts = {".tmx": TMX, ".utf8": "快手\tKuaishou\tapp\n", ".sheet": SHEET}
    exports: dict[str, Callable[..., object]] = {".csv": export_table, ".xlsx": export_workbook, ".tbx": export_tbx}
    if path.suffix in texts:
        path.write_text(texts[path.suffix], encoding="utf-8")
    else:
        exports[path.suffix](ENTRIES, path)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(spoilt))
        kind = chance.random()
        if kind < 0.5:
            spoilt[place] = chance.randrange(256)
        elif kind < 0.75:
            del spoilt[place : place + chance.randint(1, min(30, len(spoilt) - 1))]
        else:
            spoilt[place:place] = spoilt[place : place + 40]
    return bytes(spoilt)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".tbx", ".tmx", ".utf8", ".sheet"])
def test_damage_is_named_in_one_line(tmp_path: Path, suffix: str) -> None:
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"damaged{suffix}"
    _write(whole)
    read = read_sheet if suffix == ".sheet" else read_file
    assert read(whole)
    chance = random.Random(suffix)
    refused = 0
    for _ in range(200):
        path.write_bytes(_damaged(whole.read_bytes(), chance))
        try:
            read(path)
        except ReglossError as exc:
            refused += 1
            if "\n" in str(exc):
                pytest.fail(str(exc))
    assert refused > 5
