"""Layers, names and the content hash."""

import os
import pickle
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from regloss.errors import GlossaryError, InputError, UsageError
from regloss.glossary import Glossary, bundled_names, load_glossary
from regloss.glossary.entry import CaseRule, Context, Example, Forbidden, Guard, Kind, TermEntry

ENTRY = TermEntry("快手", "Kuaishou", ("Kwai",), (Forbidden("quick hands"),), domain="short-video")


@pytest.fixture
def bundle(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of bundled glossaries made for the test."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "glossary" / "zh-en"
    folder.mkdir(parents=True)
    (folder / "video.yaml").write_text("- {source: 快手, target: Kuaishou}\n- {source: 抖音, target: Douyin}\n")
    (folder / "retail.yaml").write_text("- {source: 淘宝, target: Taobao}\n")
    (root / "glossary" / "contexts").mkdir()
    contexts = "video: {strong: [app]}\ngeneral: {weak: [yuan]}\nsport: {strong: [ball]}\n"
    (root / "glossary" / "contexts" / "zh-en.yaml").write_text(contexts)
    monkeypatch.setattr("regloss.glossary.store.bundled", lambda *parts: root.joinpath(*parts))
    return folder


def sources(glossary: Glossary) -> list[str]:
    return [entry.source for entry in glossary.entries]


def test_the_bundled_glossaries_load_and_are_named() -> None:
    glossary = load_glossary()
    assert all(name.startswith("zh-en/") for name in bundled_names())
    assert {entry.layer for entry in glossary.entries} == {"bundled"}
    assert glossary.find("快手").target == "Kuaishou"
    assert len(glossary) == len(glossary.entries) > 0
    assert glossary.content_hash == load_glossary(["zh-en"]).content_hash


def test_bundled_names_are_sorted_and_leave_out_contexts(bundle: Path) -> None:
    assert bundled_names() == ("zh-en/retail", "zh-en/video")


def test_without_names_later_layers_override_by_source_term(bundle: Path, user_folder: Path) -> None:
    (user_folder / "mine.yaml").write_text("- {source: 抖音, target: TikTok China}\n- {source: 主播, target: host}\n")
    Path("regloss.glossary.yaml").write_text("- {source: 主播, target: streamer}\n")
    glossary = load_glossary()
    assert [(e.source, e.target, e.layer) for e in glossary.entries] == [
        ("淘宝", "Taobao", "bundled"),
        ("快手", "Kuaishou", "bundled"),
        ("抖音", "TikTok China", "user"),
        ("主播", "streamer", "project"),
    ]
    assert [(e.source, e.target) for e in glossary.overridden] == [("抖音", "Douyin"), ("主播", "host")]


def test_an_override_replaces_the_whole_entry() -> None:
    new = TermEntry("快手", "Kuai", layer="user")
    glossary = Glossary.of([ENTRY, TermEntry("a", "b"), new])
    assert glossary.entries == (new, TermEntry("a", "b"))
    assert glossary.overridden == (ENTRY,)


def test_names_are_used_alone_and_in_their_order(bundle: Path, tmp_path: Path) -> None:
    Path("regloss.glossary.yaml").write_text("- {source: 主播, target: streamer}\n")
    mine = tmp_path / "mine.yaml"
    mine.write_text("- {source: 快手, target: Kwai}\n")
    assert sources(load_glossary([str(mine)])) == ["快手"]
    glossary = load_glossary(["zh-en/video", str(mine)])
    assert [(e.target, e.layer) for e in glossary.entries] == [("Kwai", "command line"), ("Douyin", "bundled")]
    assert sources(load_glossary(["zh-en"])) == ["淘宝", "快手", "抖音"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "- {source: 快手, target: Kuaishou}\n"),
        ("a.csv", "source_term,target\n快手,Kuaishou\n"),
        ("a.TSV", "source_term\ttarget\n快手\tKuaishou\n"),
    ],
)
def test_a_file_is_read_by_its_suffix(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert load_glossary([str(tmp_path / name)]).find("快手").target == "Kuaishou"


def test_contexts_come_with_the_domains_that_need_them(bundle: Path) -> None:
    general = Context(weak=("yuan",))
    assert load_glossary().contexts == {"general": general, "video": Context(strong=("app",))}
    assert load_glossary(["zh-en/retail"]).contexts == {"general": general}


def test_without_a_contexts_file_there_are_none(bundle: Path) -> None:
    (bundle.parent / "contexts" / "zh-en.yaml").unlink()
    assert load_glossary().contexts == {}


def test_an_unknown_name_lists_close_ones_first(bundle: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_glossary(["zh-en/vidio"])
    assert str(caught.value) == (
        "there is no glossary 'zh-en/vidio'; available: zh-en/video, zh-en/retail; "
        "or give the path of a .yaml, .csv, .tsv or .tbx file"
    )


def test_a_missing_file_and_an_unknown_suffix_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.yaml: no such file"):
        load_glossary([str(tmp_path / "nothing.yaml")])
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(GlossaryError, match=r"a\.doc: is no glossary format; use one of \.yaml, \.yml, \.csv"):
        load_glossary([str(tmp_path / "a.doc")])
    with pytest.raises(GlossaryError, match="is a folder; give a file in it"):
        load_glossary([str(tmp_path)])


def test_the_hash_ignores_what_changes_no_behaviour(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("- source: a\n  target: b\n  domain: d\n  forbidden: [c]\n")
    second.write_text("# x\n\n- {forbidden: [{form: c}], note: n, domain: d, target: 'b', source: a, admitted: []}\n")
    assert load_glossary([str(first)]).content_hash == load_glossary([str(second)]).content_hash
    assert len(Glossary.of([ENTRY]).content_hash) == 12
    for idle in (replace(ENTRY, examples=(Example(keep="x"),)), replace(ENTRY, layer="user", line=3, path=first)):
        assert Glossary.of([idle]).content_hash == Glossary.of([ENTRY]).content_hash


@pytest.mark.parametrize(
    "other",
    [
        replace(ENTRY, target="Kwai"),
        replace(ENTRY, admitted=()),
        replace(ENTRY, forbidden=(Forbidden("quick hands", exact=True),)),
        replace(ENTRY, forbidden=(Forbidden("quick hands", unguarded=True),)),
        replace(ENTRY, guard=Guard(unless=("x",))),
        replace(ENTRY, kind=Kind.NAME),
        replace(ENTRY, case=CaseRule.FIXED),
        replace(ENTRY, forbidden=(Forbidden("quick hands", guard=Guard(after=("x",))),)),
        replace(ENTRY, forbidden=(Forbidden("quick hands", kind=Kind.NAME),)),
        replace(ENTRY, forbidden=(Forbidden("quick hands", target="x"),)),
        replace(ENTRY, domain="x"),
    ],
)
def test_the_hash_sees_what_changes_behaviour(other: TermEntry) -> None:
    assert Glossary.of([other]).content_hash != Glossary.of([ENTRY]).content_hash


def test_every_field_of_the_records_is_weighed_for_the_hash() -> None:
    # A field that is added must be put into the hash, or here, on purpose.
    assert {f.name for f in fields(TermEntry)} - {"note", "examples", "path", "line", "layer"} == {
        "source",
        "target",
        "admitted",
        "forbidden",
        "kind",
        "case",
        "domain",
        "guard",
    }
    assert {f.name for f in fields(Forbidden)} == {"form", "target", "kind", "guard", "exact", "unguarded"}
    assert {f.name for f in fields(Guard)} == {"unless", "when", "before", "after"}
    assert {f.name for f in fields(Context)} == {"strong", "weak"}


def test_the_hash_sees_the_order_of_entries_and_the_contexts() -> None:
    one, two = TermEntry("a", "b", domain="d"), TermEntry("c", "d")
    hashes = {
        Glossary.of([one, two]).content_hash,
        Glossary.of([two, one]).content_hash,
        Glossary.of([one, two], {"d": Context(("w",))}).content_hash,
        Glossary.of([one, two], {"d": Context((), ("w",))}).content_hash,
    }
    assert len(hashes) == 4


def test_hash_and_order_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from regloss.glossary import load_glossary as l; g = l(); print(g.content_hash, [e.source for e in g.entries])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_a_glossary_can_be_pickled_hashed_and_compared() -> None:
    glossary = Glossary.of([ENTRY], {"short-video": Context(("app",))})
    copy = pickle.loads(pickle.dumps(glossary))
    assert copy == glossary
    assert hash(copy) == hash(glossary)
    assert copy.find("快手") == ENTRY
    assert copy.find("x") is None
