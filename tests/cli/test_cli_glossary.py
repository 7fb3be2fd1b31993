"""`regloss glossary` does what its help says: what it prints, what it writes, how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from regloss.cli.glossary import glossary_app
from regloss.errors import GlossaryError, InputError, UsageError

SOUND = """\
# Ours.
- source: 快手
  target: Kuaishou
  forbidden: [quick hands, Kaishou]
  kind: name
  domain: video
  guard: {when: [app]}

- source: 主播
  target: streamer
  admitted: [host]
"""


@pytest.fixture(autouse=True)
def terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a glossary in the current folder; there is no user's glossary."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "terms.yaml"
    path.write_text(SOUND, encoding="utf-8")
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(glossary_app, list(arguments))


def fails(kind: type[Exception], *arguments: str) -> str:
    result = call(*arguments)
    assert isinstance(result.exception, kind), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_list_prints_every_entry_uncut() -> None:
    result = call("list", "-g", "terms.yaml")
    assert result.exit_code == 0
    for text in ("快手", "Kuaishou", "quick hands, Kaishou", "name", "video", "主播", "2 of 2 entries, glossary "):
        assert text in result.stdout


def test_list_filters() -> None:
    by_domain = call("list", "-g", "terms.yaml", "--domain", "video").stdout
    assert "Kuaishou" in by_domain
    assert "streamer" not in by_domain
    by_text = call("list", "-g", "terms.yaml", "--search", "HOST").stdout
    assert "streamer" in by_text
    assert "Kuaishou" not in by_text
    assert "0 of 2 entries" in call("list", "-g", "terms.yaml", "--search", "xyz").stdout
    message = fails(UsageError, "list", "-g", "terms.yaml", "--domain", "vidoe")
    assert message == "no entry has the domain 'vidoe'; domains: terms, video"


def test_list_does_not_read_markup_in_terms(terms: Path) -> None:
    terms.write_text("- {source: a, target: '[bold]b[/bold]'}\n")
    assert "[bold]b[/bold]" in call("list", "-g", "terms.yaml").stdout


@pytest.mark.parametrize("term", ["快手", "Quick hands", "kuaishou"])
def test_show_finds_by_any_term(term: str) -> None:
    assert call("show", term, "-g", "terms.yaml").stdout == (
        "# terms.yaml:2 (command line)\n"
        "- source: 快手\n"
        "  target: Kuaishou\n"
        "  forbidden: [quick hands, Kaishou]\n"
        "  kind: name\n"
        "  domain: video\n"
        "  guard: {when: [app]}\n"
    )


def test_show_names_close_terms() -> None:
    message = fails(UsageError, "show", "streamers", "-g", "terms.yaml")
    assert message == "no entry has the term 'streamers'; close: streamer"


def test_add_writes_the_project_glossary() -> None:
    result = call("add", "抖音", "Douyin", "--forbidden", "vibrato", "-f", "shake sound", "--note", "App: video")
    assert result.stdout.startswith(
        "regloss.glossary.yaml:1: 抖音 → Douyin\n  overrides 抖音 → Douyin (short-video.yaml:"
    )
    assert Path("regloss.glossary.yaml").read_text(encoding="utf-8") == (
        '- source: 抖音\n  target: Douyin\n  forbidden: [vibrato, shake sound]\n  kind: name\n  note: "App: video"\n'
    )
    assert "Douyin" in call("list", "--search", "抖音").stdout


def test_add_takes_every_key_and_keeps_the_file(terms: Path) -> None:
    options = ["--kind", "verb", "--case", "fixed", "--domain", "live", "--admitted", "promote", "-g", "terms.yaml"]
    assert call("add", "带货", "sell goods", *options).stdout.startswith("terms.yaml:13: 带货 → sell goods\n")
    assert terms.read_text(encoding="utf-8") == SOUND + (
        "\n- source: 带货\n  target: sell goods\n  admitted: [promote]\n  kind: verb\n  case: fixed\n  domain: live\n"
    )


def test_add_refuses_or_merges_what_is_there(terms: Path) -> None:
    message = fails(GlossaryError, "add", "快手", "Kuaishou", "-f", "fast hands", "-g", "terms.yaml")
    assert message == (
        "terms.yaml:2: '快手' already has an entry; --merge adds to it, --replace puts this one in its place"
    )
    assert fails(GlossaryError, "add", "快手", "Kuaishou", "-g", "terms.yaml", "--dry-run") == message
    assert terms.read_text(encoding="utf-8") == SOUND
    assert call("add", "快手", "Kuaishou", "-f", "fast hands", "--merge", "-g", "terms.yaml").exit_code == 0
    assert terms.read_text(encoding="utf-8") == SOUND.replace("Kaishou]", "Kaishou, fast hands]")
    call("add", "快手", "Kuaishou", "--unless", "boxer", "--admitted", "Kwai", "--merge", "-g", "terms.yaml")
    text = terms.read_text(encoding="utf-8")
    assert "guard: {unless: [boxer], when: [app]}" in text
    assert "admitted: [Kwai]" in text


def test_merge_takes_over_every_key_that_is_given(terms: Path) -> None:
    options = ["--note", "App.", "--kind", "noun", "--domain", "apps", "--before", "the", "--after", "app", "--merge"]
    printed = call("add", "快手", "Kuaishou", *options, "-g", "terms.yaml").stdout
    assert "    + " in printed
    text = terms.read_text(encoding="utf-8")
    for line in ("note: App.", "domain: apps", "guard: {when: [app], before: [the], after: [app]}"):
        assert line in text, text
    assert "kind: name" not in text


def test_replace_changes_the_target_in_its_place(terms: Path) -> None:
    message = fails(UsageError, "add", "快手", "Kwai", "--merge", "-g", "terms.yaml")
    assert message == (
        "'快手' has the target 'Kuaishou' in terms.yaml:2; put --replace in the place of --merge to override it"
    )
    printed = call("add", "快手", "Kwai", "-f", "quick hands", "--replace", "-g", "terms.yaml").stdout
    assert printed.startswith("terms.yaml:2: 快手 → Kwai\n")
    assert "    -   target: Kuaishou\n" in printed
    text = terms.read_text(encoding="utf-8")
    assert text.startswith("# Ours.\n- source: 快手\n  target: Kwai\n  forbidden: [quick hands]\n")
    assert "Kuaishou" not in text
    assert text.endswith(SOUND[SOUND.index("\n- source: 主播") :])
    assert call("add", "带货", "sell goods", "--replace", "-g", "terms.yaml").exit_code == 0
    assert fails(UsageError, "add", "a", "b", "--merge", "--replace") == "choose one of --merge and --replace"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["", "Foo"], "SOURCE is empty; give the source term, then the preferred target term"),
        (["抖音", " "], "TARGET is empty; give the source term, then the preferred target term"),
        (["Douyin", "抖音"], "TARGET '抖音' is Chinese and SOURCE 'Douyin' is not; the source comes first"),
        (["抖音", "Douyin", "-f", ""], "--forbidden is empty; give it a text, or leave it out"),
        (["抖音", "Douyin", "--unless", " "], "--unless is empty; give it a text, or leave it out"),
        (["抖音", "Douyin", "-f", "a b|c d"], "--forbidden 'a b|c d' holds a bar; give --forbidden once for each text"),
        (["抖音", "Douyin", "-f", "Douyin"], "--forbidden 'Douyin' is the right term itself; give a wrong rendering"),
        (
            ["抖音", "Douyin", "-a", "Tik", "-f", "Tik"],
            "--forbidden 'Tik' is the right term itself; give a wrong rendering",
        ),
    ],
)
def test_a_slip_of_the_fingers_is_refused_and_nothing_is_written(arguments: list[str], told: str) -> None:
    assert fails(UsageError, "add", *arguments) == told
    assert not Path("regloss.glossary.yaml").exists()


def test_a_spelling_may_be_forbidden() -> None:
    assert call("add", "微信", "WeChat", "-f", "Wechat").exit_code == 0


def test_a_folder_is_no_glossary() -> None:
    Path("more").mkdir()
    told = "more: is a folder; give a file in it, and repeat --glossary for more"
    assert fails(GlossaryError, "lint", "-g", "more") == told


@pytest.mark.parametrize("command", [("add", "a", "b"), ("remove", "a")])
def test_only_yaml_files_are_changed(command: tuple[str, ...]) -> None:
    assert fails(UsageError, *command, "-g", "zh-en/short-video") == (
        "zh-en/short-video is no YAML file; give a path that ends in .yaml"
    )


def test_remove_takes_the_entry_out(terms: Path) -> None:
    assert call("remove", "主播", "-g", "terms.yaml").stdout == (
        "terms.yaml:9: removed 主播 → streamer\n  主播 → streamer is in force again (live-commerce.yaml:4)\n"
    )
    assert terms.read_text(encoding="utf-8") == SOUND[: SOUND.index("\n- source: 主播")]
    assert fails(GlossaryError, "remove", "主播", "-g", "terms.yaml") == (
        "terms.yaml: has no entry '主播'; it stands in live-commerce.yaml:4, and an entry of your own overrides it"
    )
    assert fails(GlossaryError, "remove", "快", "-g", "no.yaml") == "no.yaml: has no entry '快'; there is no such file"
    assert fails(GlossaryError, "remove", "快", "-g", "terms.yaml").endswith("has no entry '快'; close: 快手")


def test_a_dry_removal_says_what_would_go_and_what_comes_back(terms: Path) -> None:
    printed = call("remove", "主播", "-g", "terms.yaml", "--dry-run").stdout
    assert printed.startswith(
        "terms.yaml:9: would remove 主播 → streamer\n  主播 → streamer is in force again (live-commerce.yaml:"
    )
    assert terms.read_text(encoding="utf-8") == SOUND


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder with one article in which a made-up wrong rendering stands twice."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The blue gourd grew.\nShe saw a blue gourd.\n", encoding="utf-8")
    return folder


def test_add_shows_what_it_changes(articles: Path) -> None:
    result = call("add", "蓝葫芦", "Lanhulu", "-f", "blue gourd", "--try", str(articles), "-g", "terms.yaml")
    assert result.exit_code == 0, result.output
    assert "[The blue gourd → Lanhulu] grew." in result.stdout
    assert "a.txt:1:1" in result.stdout
    assert result.stdout.rstrip().endswith("changes 2")
    assert "Lanhulu" in Path("terms.yaml").read_text(encoding="utf-8")


def test_a_dry_run_writes_nothing_and_says_what_is_left(articles: Path, terms: Path) -> None:
    options = ["--when", "harvest", "--try", str(articles), "-g", "terms.yaml", "--dry-run"]
    result = call("add", "蓝葫芦", "Lanhulu", "-f", "blue gourd", *options)
    assert result.stdout.rstrip().endswith("leaves 2")
    assert "no word that the glossary asks for stands in the sentence" in result.stdout
    assert terms.read_text(encoding="utf-8") == SOUND


def test_remove_shows_what_is_no_longer_changed(articles: Path) -> None:
    call("add", "蓝葫芦", "Lanhulu", "-f", "blue gourd", "-g", "terms.yaml")
    result = call("remove", "蓝葫芦", "--try", str(articles), "-g", "terms.yaml")
    assert result.stdout.rstrip().endswith("no longer changes 2")


def test_try_on_a_missing_file_writes_nothing(terms: Path) -> None:
    assert fails(InputError, "add", "a", "b", "--try", "none.txt", "-g", "terms.yaml").startswith("none.txt: ")
    assert terms.read_text(encoding="utf-8") == SOUND


def test_add_says_what_it_touches() -> None:
    call("add", "蓝葫芦", "Lanhulu", "-f", "blue gourd")
    out = call("add", "小蓝葫芦", "Lanhulu Mini", "-f", "small blue gourd", "-f", "Kaishou", "-g", "terms.yaml").stdout
    assert "小蓝葫芦 holds 蓝葫芦 → Lanhulu (regloss.glossary.yaml:1)" in out
    assert "'blue gourd' stands in 'small blue gourd'" in out
    assert "warning conflict: 'kaishou' stands for 'Lanhulu Mini' here and for 'Kuaishou'" in out


def test_merge_keeps_what_the_layers_below_have() -> None:
    bundled = call("show", "快手").stdout
    out = call("add", "快手", "Kuaishou", "-f", "swift paws", "--merge").stdout
    assert "no longer corrected" not in out
    # What its older forms have to do with other entries is no news.
    assert "stands in" not in out
    here = call("show", "快手").stdout
    assert "regloss.glossary.yaml:1 (project)" in here
    assert "swift paws" in here
    assert [line for line in bundled.splitlines()[1:] if line not in here and "forbidden" not in line] == []


def test_add_puts_an_entry_into_the_file_of_its_domain(tmp_path: Path) -> None:
    folder = tmp_path / "domains"
    folder.mkdir()
    (folder / "trade.yaml").write_text("- {source: x, target: y}\n")
    message = fails(UsageError, "add", "蓝葫芦", "Lanhulu", "-g", str(folder))
    assert message.endswith("is a folder; give --domain to choose its file: trade")
    call("add", "蓝葫芦", "Lanhulu", "--domain", "trade", "-g", str(folder))
    assert "Lanhulu" in (folder / "trade.yaml").read_text(encoding="utf-8")
    assert "cannot name a file" in fails(UsageError, "add", "a", "b", "--domain", "../x", "-g", str(folder))


GUARDED = """\
# Ours.
- source: 蓝葫芦
  target: Lanhulu
  kind: name
  domain: video
  forbidden: [blue gourd]
  guard: {unless: [garden]}   # from readers
  examples:
    - {wrong: "The blue gourd and Douyin grew.", right: "Lanhulu and Douyin grew."}
    - {wrong: "The blue gourd and Douyin hired a soprano.", right: "Lanhulu and Douyin hired a soprano."}
"""


def test_keep_adds_the_example_and_one_word(terms: Path) -> None:
    terms.write_text(GUARDED, encoding="utf-8")
    sentence = "The blue gourd, said the soprano on Douyin, is a vegetable."
    result = call("keep", sentence, "-g", "terms.yaml")
    assert result.exit_code == 0, result.output
    # "soprano" is rarer, but an example needs it.
    assert "the entry is now left alone near: vegetable" in result.stdout
    assert terms.read_text(encoding="utf-8") == GUARDED.replace("[garden]", "[garden, vegetable]") + (
        f'    - {{keep: "{sentence}"}}\n'
    )
    assert call("test", "-g", "terms.yaml").exit_code == 0
    assert (
        call("keep", sentence, "-g", "terms.yaml").stdout == "nothing changes this sentence; there is nothing to do\n"
    )


def test_keep_overrides_a_layer_below_and_guards_every_term() -> None:
    entries = "".join(
        f"- {{source: {source}, target: {target}, kind: name, domain: video, forbidden: [{form}], "
        "guard: {unless: [x]}}\n"
        for source, target, form in (("蓝葫芦", "Lanhulu", "blue gourd"), ("绿葫芦", "Lühulu", "green gourd"))
    )
    Path("regloss.glossary.yaml").write_text(entries, encoding="utf-8")
    sentence = "On Douyin, the blue gourd and the green gourd are vegetables."
    result = call("keep", sentence, "-g", "ours.yaml")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("is now left alone near: vegetable\n") == 2
    assert Path("regloss.glossary.yaml").read_text(encoding="utf-8") == entries
    assert Path("ours.yaml").read_text(encoding="utf-8").count(sentence) == 2


def test_keep_gives_up_where_an_example_would_be_lost(terms: Path) -> None:
    terms.write_text(
        "- source: 蓝葫芦\n  target: Lanhulu\n  kind: name\n  forbidden: [lanhullu]\n  examples:\n"
        "    - {wrong: Lanhullu grew., right: Lanhulu grew.}\n",
        encoding="utf-8",
    )
    before = terms.read_text(encoding="utf-8")
    message = fails(GlossaryError, "keep", "Mrs Lanhullu waters her cactus.", "-g", "terms.yaml")
    assert message == (
        "terms.yaml:1: no guard of '蓝葫芦' keeps this sentence: it would lose 'Lanhullu grew.'; "
        "write the guard by hand"
    )
    assert terms.read_text(encoding="utf-8") == before


def test_diff_shows_entries_and_keys() -> None:
    Path("new.yaml").write_text(
        SOUND.replace("target: streamer", "target: live streamer").replace("快手", "抖音"), encoding="utf-8"
    )
    result = call("diff", "terms.yaml", "new.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:5] == [
        "- 快手 → Kuaishou",
        "+ 抖音 → Kuaishou",
        "~ 主播 → live streamer",
        "    -   target: streamer",
        "    +   target: live streamer",
    ]
    assert "1 added, 1 removed, 1 changed; glossary " in result.stdout
    same = call("diff", "terms.yaml", "terms.yaml")
    assert (same.exit_code, same.stdout.startswith("0 added, 0 removed, 0 changed")) == (0, True)


def test_stats_count() -> None:
    lines = call("stats", "-g", "terms.yaml").stdout.splitlines()
    row = next(line for line in lines if "video" in line)
    assert row.replace("│", " ").split() == ["video", "1", "2", "4", "1", "0", "1"]
    assert "kinds: name 1, noun 1" in lines


def test_lint_passes_a_sound_glossary() -> None:
    result = call("lint", "-g", "terms.yaml")
    assert (result.exit_code, result.stdout) == (0, "2 entries, no errors, no warnings\n")


def test_lint_fails_on_errors_and_prints_one_line_each(terms: Path) -> None:
    terms.write_text("- {source: 抖音, target: Douyin, forbidden: [vibrato]}\n")
    result = call("lint", "-g", "terms.yaml")
    assert result.exit_code == 1
    assert result.stdout == (
        "terms.yaml:1: error ambiguous-word: "
        "the forbidden form 'vibrato' is an ordinary English word; give it a guard\n"
        "1 entry, 1 error, no warnings\n"
    )


def test_lint_passes_with_warnings_only(terms: Path) -> None:
    terms.write_text("- {source: a, target: b b, forbidden: [c c, c-c]}\n")
    result = call("lint", "-g", "terms.yaml")
    assert result.exit_code == 0
    assert "warning repeated-form" in result.stdout


def test_lint_as_json(terms: Path) -> None:
    terms.write_text("- {source: 抖音, target: Douyin, forbidden: [vibrato]}\n")
    result = call("lint", "-g", "terms.yaml", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "severity": "error",
            "code": "ambiguous-word",
            "message": "the forbidden form 'vibrato' is an ordinary English word; give it a guard",
            "source": "抖音",
            "path": "terms.yaml",
            "line": 1,
        }
    ]


def test_lint_fix_takes_out_what_can_have_no_good_effect(terms: Path) -> None:
    terms.write_text(
        "- {source: c, target: d}\n# Mind the gap.\n- source: a\n  target: b b\n  forbidden: [c c, b b, c-c, e]\n"
    )
    result = call("lint", "-g", "terms.yaml", "--fix")
    assert result.exit_code == 0
    assert result.stdout == "2 entries, no errors, no warnings\n"
    assert result.stderr == "terms.yaml:3: took out 'b b' of a\nterms.yaml:3: took out 'c-c' of a\n"
    assert terms.read_text() == (
        "- {source: c, target: d}\n# Mind the gap.\n- source: a\n  target: b b\n  forbidden: [c c, e]\n"
    )


def test_lint_fix_leaves_a_sound_file_alone(terms: Path) -> None:
    assert call("lint", "-g", "terms.yaml", "--fix").stderr == ""
    assert terms.read_text(encoding="utf-8") == SOUND
    assert "is no YAML file" in fails(UsageError, "lint", "-g", "zh-en/short-video", "--fix")


def test_check_counts_how_terms_are_rendered() -> None:
    for name, lines in {
        "zh/a.txt": "快手和快手的主播。\n\n主播走了。\n快手增长了。\n",
        "en/a.txt": "Kuaishou and the hosts of quick hands.\n\nThe streamers left.\nThe fast one grew.\n",
    }.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(lines, encoding="utf-8")
    options = ["check", "--source", "zh", "--target", "en", "-g", "terms.yaml"]
    result = call(*options)
    assert result.exit_code == 0, result.output
    rows = {line.split()[1]: line for line in result.stdout.splitlines() if line.startswith("│")}
    assert [cell.strip() for cell in rows["快手"].split("│")[1:-1]] == [
        "快手", "Kuaishou", "3", "1", "", "quick hands 1", "1", "33 %",
    ]  # fmt: skip
    assert [cell.strip() for cell in rows["主播"].split("│")[1:-1]] == [
        "主播", "streamer", "2", "1", "host 1", "", "0", "100 %",
    ]  # fmt: skip
    assert "3 of 5 term occurrences as the glossary wants (60.0 %)" in result.stdout
    assert call(*options, "--fail-under", "60").exit_code == 0
    failed = call(*options, "--fail-under", "61")
    assert failed.exit_code == 1
    assert failed.stdout.endswith("failed: the limit is 61 %\n")
    assert call(*options, "--fail-under", "101").exit_code == 2


def test_check_reads_traditional_sources() -> None:
    Path("a.zh.txt").write_text("這個快手直播間很紅，許多觀眾都認識它。\n", encoding="utf-8")
    Path("a.en.txt").write_text("This Kuaishou livestream room is popular.\n", encoding="utf-8")
    Path("t.tsv").write_text("source\ttarget\n快手\tKuaishou\n直播间\tlivestream room\n", encoding="utf-8")
    result = call("check", "--source", "a.zh.txt", "--target", "a.en.txt", "-g", "t.tsv")
    assert "2 of 2 term occurrences" in result.stdout


def test_check_does_not_pass_where_no_term_occurs() -> None:
    Path("a.zh.txt").write_text("今天天气很好。\n", encoding="utf-8")
    Path("a.en.txt").write_text("The weather is fine today.\n", encoding="utf-8")
    options = ["check", "--source", "a.zh.txt", "--target", "a.en.txt", "-g", "terms.yaml"]
    assert call(*options).stdout.startswith("no term occurs in the sources; nothing was checked")
    assert call(*options).exit_code == 0
    assert call(*options, "--fail-under", "50").exit_code == 1


def test_test_passes_examples_that_come_out_right(terms: Path) -> None:
    terms.write_text(
        "- source: 天眼查\n  target: Tianyancha\n  kind: name\n  forbidden: [Tianyanzha]\n  examples:\n"
        "    - {wrong: Tianyanzha lists two holders., right: Tianyancha lists two holders.}\n"
        "    - {keep: The eye looks up.}\n",
        encoding="utf-8",
    )
    result = call("test", "-g", "terms.yaml")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 examples, no failures, glossary ")


def test_test_fails_with_the_difference_marked(terms: Path) -> None:
    terms.write_text(
        "- source: 天眼查\n  target: Tianyancha\n  kind: name\n  forbidden: [Tianyanzha]\n  examples:\n"
        "    - {wrong: The data of Tianyanzha say so., right: The data of Tianyancha say no.}\n",
        encoding="utf-8",
    )
    result = call("test", "-g", "terms.yaml")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "terms.yaml:1: 天眼查: must be repaired\n"
        "  text  The data of Tianyanzha say so.\n"
        "  - The data of Tianyancha say [no.]\n"
        "  + The data of Tianyancha say [so.]\n"
        "1 example, 1 failure, glossary "
    )


def test_import_turns_a_table_into_yaml() -> None:
    Path("in.tsv").write_text("source_term\ttarget\twrong_variants\n快手\tKuaishou\tquick hands\n", encoding="utf-8")
    assert call("import", "in.tsv", "-o", "out.yaml").stdout == "out.yaml: 1 entry\n"
    assert Path("out.yaml").read_text(encoding="utf-8") == (
        "- source: 快手\n  target: Kuaishou\n  forbidden: [quick hands]\n  kind: name\n  domain: in\n"
    )


@pytest.mark.parametrize("command", [("import", "terms.yaml"), ("export", "-g", "terms.yaml")])
def test_an_output_that_exists_needs_force(command: tuple[str, ...]) -> None:
    out = Path("out.yaml")
    out.write_text("mine")
    message = fails(UsageError, *command, "-o", "out.yaml")
    assert message == "out.yaml exists; give another name, or --force to replace it"
    assert out.read_text() == "mine"
    assert call(*command, "-o", "out.yaml", "--force").exit_code == 0
    assert "Kuaishou" in out.read_text(encoding="utf-8")
    Path("folder.yaml").mkdir()
    assert (
        fails(UsageError, *command, "-o", "folder.yaml", "--force") == "folder.yaml is a folder; give a file to write"
    )


def test_a_broken_input_writes_nothing() -> None:
    Path("in.tsv").write_text("source_term\ttarget\n快手\t\n", encoding="utf-8")
    message = fails(GlossaryError, "import", "in.tsv", "-o", "out.yaml")
    assert message == "in.tsv:2: the target is empty; fill it in or delete the row"
    assert not Path("out.yaml").exists()


def test_export_says_what_it_leaves_out() -> None:
    result = call("export", "-g", "terms.yaml", "-o", "out.csv")
    assert (result.exit_code, result.stdout) == (0, "out.csv: 2 entries\n")
    assert result.stderr == "warning: 快手: left out the guard\n"
    assert Path("out.csv").read_text(encoding="utf-8").splitlines()[1] == (
        "快手,Kuaishou,quick hands|Kaishou,,name,fixed,video,"
    )


def test_export_knows_its_formats() -> None:
    message = fails(UsageError, "export", "-g", "terms.yaml", "-o", "out.doc")
    assert message == "out.doc names no format that can be written; use .csv, .tsv, .xlsx, .tbx or .yaml"
    assert not Path("out.doc").exists()


def test_yaml_export_and_import_lose_nothing() -> None:
    call("export", "-g", "terms.yaml", "-o", "out.yaml")
    shown = [
        call("show", term, "-g", name).stdout.splitlines()[1:]
        for term in ("快手", "主播")
        for name in ("terms.yaml", "out.yaml")
    ]
    assert shown[0] == shown[1]
    assert shown[3] == shown[2]


def test_suggest_prints_what_to_expect_and_how_to_add_it(terms: Path) -> None:
    result = call("suggest", "小红书", "-g", "terms.yaml", "-n", "3")
    assert result.exit_code == 0, result.output
    assert sum(line.startswith("│") for line in result.stdout.splitlines()) == 3
    assert result.stdout.splitlines()[-1].startswith("to add: regloss glossary add 小红书 TARGET -f ")
    records = json.loads(call("suggest", "小红书", "-g", "terms.yaml", "--json").stdout)
    assert len(records) == 10
    assert {"literal", "pinyin"} <= {record["way"] for record in records}
    told = "SOURCE 'xyz' holds no Chinese; give the source term"
    assert fails(UsageError, "suggest", "xyz", "-g", "terms.yaml") == told


def test_what_is_mined_and_ticked_is_corrected_from_then_on(terms: Path) -> None:
    lines = ("快手增长了。", "The fast players grew."), ("我喜欢快手。", "I like fast players.")
    records = (json.dumps({"source": zh, "target": en}, ensure_ascii=False) for zh, en in lines)
    Path("memory.jsonl").write_text("\n".join(records), encoding="utf-8")
    shown = call("mine", "--target", "memory.jsonl", "-g", "terms.yaml")
    assert shown.exit_code == 0, shown.output
    assert "fast players" in shown.stdout
    assert "2 pairs: rendering 1, unused 1; glossary " in shown.stdout
    result = call("mine", "--target", "memory.jsonl", "-g", "terms.yaml", "-o", "review")
    assert result.exit_code == 0, result.output
    assert "<title>Glossary review</title>" in Path("review/review.html").read_text(encoding="utf-8")
    sheet = Path("review/review.tsv")
    call("mine", "--target", "memory.jsonl", "-g", "terms.yaml", "-o", "alone.tsv")
    assert Path("alone.tsv").read_bytes() == sheet.read_bytes()
    assert "alone.tsv exists" in fails(
        UsageError, "mine", "--target", "memory.jsonl", "-g", "terms.yaml", "-o", "alone.tsv"
    )
    head, *rest = sheet.read_text(encoding="utf-8").splitlines()
    sheet.write_text("\n".join([head, *(f"x{line}" for line in rest)]) + "\n", encoding="utf-8")
    taken = call("import", "--review", str(sheet), "-o", "terms.yaml")
    assert taken.exit_code == 0, taken.output
    assert "主播: removed" in taken.stdout
    assert taken.stdout.endswith("terms.yaml: 2 decisions taken over\n")
    assert "forbidden: [quick hands, Kaishou, fast players]" in terms.read_text(encoding="utf-8")
    assert "主播" not in terms.read_text(encoding="utf-8")


def test_a_review_that_fails_changes_nothing(terms: Path) -> None:
    # The second entry cannot be changed without losing the comment in it.
    both = SOUND + "\n- {source: 抖音, target: Douyin, # ours\n   kind: name}\n"
    terms.write_text(both, encoding="utf-8")
    Path("review.tsv").write_text(
        "accept\tkind\tsource\ttarget\trendering\n"
        "x\trendering\t快手\tKuaishou\tfast players\nx\trendering\t抖音\tDouyin\tvibrato\n",
        encoding="utf-8",
    )
    message = fails(GlossaryError, "import", "--review", "review.tsv", "-o", "terms.yaml")
    assert message == "terms.yaml:13: a comment stands within '抖音' where it changes; edit it by hand"
    assert terms.read_text(encoding="utf-8") == both


def test_a_review_may_speak_of_other_files(terms: Path) -> None:
    Path("review.tsv").write_text("accept\tkind\tsource\ttarget\trendering\nx\tunused\t无\t\t\n", encoding="utf-8")
    result = call("import", "--review", "review.tsv", "-o", "terms.yaml")
    assert "无: stands in another file; nothing to remove here" in result.stdout
    assert terms.read_text(encoding="utf-8") == SOUND


def test_import_needs_to_know_where_to() -> None:
    assert fails(UsageError, "import", "terms.yaml") == "give the YAML glossary to write with -o"


@pytest.mark.parametrize(
    "command",
    [
        "list",
        "show",
        "diff",
        "stats",
        "add",
        "remove",
        "keep",
        "lint",
        "test",
        "check",
        "suggest",
        "mine",
        "import",
        "export",
    ],
)
def test_every_command_has_examples_in_its_help(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert f"regloss glossary {command}" in result.stdout[result.stdout.index("Examples:") :]
