"""TBX of all three kinds; entities and wrong files are refused."""

from pathlib import Path

import pytest

from regloss.errors import GlossaryError, InputError
from regloss.glossary.entry import CaseRule, Forbidden, Kind
from regloss.glossary.tbx_file import read_tbx

V2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en"><text><body>
<termEntry id="c1">
  <descrip type="subjectField">Short Video</descrip>
  <descripGrp><descrip type="definition">A platform.</descrip></descripGrp>
  <langSet xml:lang="en-US">
    <tig><term>Kwai</term><termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig>
    <ntig><termGrp><term>Kuaishou</term>
      <termNote type="administrativeStatus">preferredTerm-admn-sts</termNote>
      <termNote type="partOfSpeech">properNoun</termNote></termGrp></ntig>
    <tig><term>quick hands</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
    <tig><term>fast hands</term><termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></tig>
  </langSet>
  <langSet xml:lang="zh-CN"><tig><term>快手</term></tig></langSet>
</termEntry>
<termEntry><langSet xml:lang="de"><tig><term>Maus</term></tig></langSet></termEntry>
</body></text></martif>
"""
V3_DCA = """<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><text><body>
<conceptEntry>
<langSec xml:lang="zho"><termSec><term>带货</term></termSec><termSec><term>直播带货</term></termSec></langSec>
<langSec xml:lang="en"><termSec><term>sell goods</term><termNote type="partOfSpeech">verb</termNote></termSec></langSec>
</conceptEntry></body></text></tbx>
"""
V3_DCT = """<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
  xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic"><text><body>
<conceptEntry><min:subjectField>media</min:subjectField>
<langSec xml:lang="zh"><termSec><term>自媒体</term></termSec></langSec>
<langSec xml:lang="en">
<termSec><term>self media</term><min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
<termSec><term>independent media</term><min:partOfSpeech>noun</min:partOfSpeech></termSec>
</langSec></conceptEntry></body></text></tbx>
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "terms.tbx"
    path.write_text(text, encoding="utf-8")
    return path


def test_version_2(tmp_path: Path) -> None:
    path = write(tmp_path, V2)
    (entry,) = read_tbx(path, "user")
    assert (entry.source, entry.target, entry.admitted) == ("快手", "Kuaishou", ("Kwai",))
    assert entry.forbidden == (Forbidden("quick hands"), Forbidden("fast hands"))
    assert (entry.kind, entry.case, entry.domain, entry.note) == (
        Kind.NAME,
        CaseRule.FIXED,
        "short-video",
        "A platform.",
    )
    assert (entry.path, entry.line, entry.layer) == (path, 15, "user")


def test_version_3_with_types_and_each_chinese_synonym_an_entry(tmp_path: Path) -> None:
    first, second = read_tbx(write(tmp_path, V3_DCA))
    assert (first.source, second.source) == ("带货", "直播带货")
    assert (first.target, first.kind, first.case, first.domain) == ("sell goods", Kind.VERB, CaseRule.SENTENCE, "terms")


def test_version_3_with_elements(tmp_path: Path) -> None:
    (entry,) = read_tbx(write(tmp_path, V3_DCT))
    assert (entry.target, entry.forbidden) == ("independent media", (Forbidden("self media"),))
    assert (entry.kind, entry.domain) == (Kind.NOUN, "media")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("</tbx>", ""), r"terms\.tbx:\d+: is not well-formed XML"),
        (("<term>带货</term>", "<term/>"), None),
        (('xml:lang="zho"', 'xml:lang="ja"'), "holds no concept with both a Chinese and an English term"),
        (
            (
                '<tbx type="TBX-Basic" style="dca"',
                '<!DOCTYPE tbx [<!ENTITY a "aaaa">]><tbx type="TBX-Basic" style="dca"',
            ),
            "defines or uses XML entities",
        ),
    ],
)
def test_faults(tmp_path: Path, change: tuple[str, str], message: str | None) -> None:
    path = write(tmp_path, V3_DCA.replace(*change))
    if message is None:
        assert [entry.source for entry in read_tbx(path)] == ["直播带货"]
        return
    with pytest.raises(GlossaryError, match=message):
        read_tbx(path)


def test_only_deprecated_targets(tmp_path: Path) -> None:
    text = V3_DCT.replace(
        "<termSec><term>independent media</term><min:partOfSpeech>noun</min:partOfSpeech></termSec>", ""
    )
    with pytest.raises(GlossaryError, match=r"terms\.tbx:7: '自媒体' has only deprecated English terms"):
        read_tbx(write(tmp_path, text))


def test_two_targets_for_one_source(tmp_path: Path) -> None:
    concept = V3_DCA[V3_DCA.index("<conceptEntry>") : V3_DCA.index("</body>")]
    text = V3_DCA.replace("</body>", concept.replace("sell goods", "promote") + "</body>")
    with pytest.raises(GlossaryError, match="'带货' has the target 'promote' here and 'sell goods' on line 4"):
        read_tbx(write(tmp_path, text))


def test_an_entity_bomb_is_not_expanded(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    text = V3_DCA.replace("<tbx", f'<!DOCTYPE tbx [<!ENTITY e0 "ha">{levels}]><tbx', 1).replace("sell goods", "&e11;")
    with pytest.raises(GlossaryError):
        read_tbx(write(tmp_path, text))


def test_no_file_is_fetched_through_an_entity(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    dtd = f'<!DOCTYPE tbx [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><tbx'
    with pytest.raises(GlossaryError, match="entities"):
        read_tbx(write(tmp_path, V3_DCA.replace("<tbx", dtd, 1).replace("sell goods", "&x;")))


def test_missing_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_tbx(tmp_path / "nothing.tbx")
    with pytest.raises(GlossaryError, match="is not well-formed XML"):
        read_tbx(write(tmp_path, ""))
