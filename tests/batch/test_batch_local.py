"""Batches: the same result whatever happens on the way, and nothing done twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from regloss.batch.items import read_items
from regloss.batch.journal import Entry, Journal
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.undo import undo_run
from regloss.config import Config
from regloss.errors import InputError, UsageError

SUFFIXES = (".txt", ".md", ".jsonl")
TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for number in range(8):
        (folder / f"{number}.en.txt").write_text(f"Kaishou has {number} fans.\r\nIt grows.\n", encoding="utf-8")
        (folder / f"{number}.zh.txt").write_text(f"快手有{number}个粉丝。\n它在增长。\n", encoding="utf-8")
    (folder / "deep" / "a.md").write_text("# Kaishou\n", encoding="utf-8")
    (folder / "b.jsonl").write_text('{"id": 1, "target": "Kaishou"}\n' * 3, encoding="utf-8")
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    return folder


def _setup(tmp_path: Path, name: str = "out") -> Setup:
    return Setup(tmp_path / name, Config(glossary=(str(tmp_path / "terms.tsv"),)))


def _run(place: Path, setup: Setup, options: BatchOptions | None = None) -> list[Entry]:
    told: list[Entry] = []
    run_batch(read_items(place, SUFFIXES), setup, options or BatchOptions(), lambda entry, _fresh: told.append(entry))
    return told


def _content(folder: Path) -> dict[str, bytes]:
    """Return every result by name; the journal's own folder says when things were done, and is left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".batch" not in path.parts
    }


def test_sources_are_paired_and_are_no_targets(place: Path) -> None:
    items = {item.file.name: item.source for item in read_items(place, SUFFIXES)}
    assert items["0.en.txt"] == place / "0.zh.txt"
    assert items["deep/a.md"] is None
    assert not any(name.endswith(".zh.txt") for name in items)


def test_one_file_of_another_format_is_no_manifest(place: Path) -> None:
    (place / "all.jsonl").write_text('{"id": 1, "target": "Kaishou grows."}\n', encoding="utf-8")
    assert [item.file.name for item in read_items(place / "all.jsonl", SUFFIXES)] == ["all.jsonl"]


def test_a_manifest_names_files_and_sources(place: Path) -> None:
    manifest = place / "list"
    manifest.write_text("# ours\n0.en.txt\t0.zh.txt\n\ndeep/a.md\n", encoding="utf-8")
    items = read_items(manifest, SUFFIXES)
    assert [(item.file.name, item.source) for item in items] == [
        ("0.en.txt", place / "0.zh.txt"),
        ("deep/a.md", None),
    ]
    manifest.write_text("0.en.txt\nnowhere.txt\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"list:2: names .*nowhere\.txt, which is no file"):
        read_items(manifest, SUFFIXES)


def test_every_file_is_written_with_edits_summary_and_a_way_back(place: Path, tmp_path: Path) -> None:
    setup = _setup(tmp_path)
    _run(place, setup)
    assert (setup.folder / "0.en.txt").read_bytes() == b"Kuaishou has 0 fans.\r\nIt grows.\n"
    assert (setup.folder / "deep" / "a.md").read_bytes() == b"# Kuaishou\n"
    summary = json.loads((setup.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["terms"] == [["快手", 12]]
    assert summary["totals"]["documents"] == 12
    edits = [json.loads(line) for line in (setup.folder / "edits.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(edits) == 12
    assert "12 edits in 12 documents" in (setup.folder / "summary.html").read_text(encoding="utf-8")
    undo_run(setup.folder)
    assert (setup.folder / "0.en.txt").read_bytes() == (place / "0.en.txt").read_bytes()


def test_two_workers_do_what_one_does(place: Path, tmp_path: Path) -> None:
    _run(place, _setup(tmp_path, "one"))
    _run(place, _setup(tmp_path, "two"), BatchOptions(jobs=2))
    assert _content(tmp_path / "one") == _content(tmp_path / "two")


def test_a_file_that_fails_is_reported_and_stops_nobody(place: Path, tmp_path: Path) -> None:
    (place / "broken.txt").write_bytes(b"\x00\x01")
    setup = _setup(tmp_path)
    entries = {entry.name: entry for entry in _run(place, setup)}
    assert "broken.txt" in entries["broken.txt"].error
    assert (setup.folder / "7.en.txt").exists()
    assert not (setup.folder / "broken.txt").exists()
    assert "broken.txt" in (setup.folder / "summary.md").read_text(encoding="utf-8")


def test_resume_does_nothing_twice_and_notices_changed_input(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = _setup(tmp_path)
    _run(place, setup)
    done: list[str] = []
    from regloss.batch import tasks

    original = tasks.fix_file
    monkeypatch.setattr(tasks, "fix_file", lambda file, *rest: done.append(file.name) or original(file, *rest))
    _run(place, setup, BatchOptions(resume=True))
    assert done == []
    (place / "3.en.txt").write_text("Kaishou again.\n", encoding="utf-8")
    _run(place, setup, BatchOptions(resume=True))
    assert done == ["3.en.txt"]
    assert (setup.folder / "3.en.txt").read_text(encoding="utf-8") == "Kuaishou again.\n"


def test_a_folder_in_use_is_refused_with_the_way_on(place: Path, tmp_path: Path) -> None:
    setup = _setup(tmp_path)
    _run(place, setup)
    with pytest.raises(UsageError, match="--resume to go on with it, or --force"):
        _run(place, setup)
    (tmp_path / "terms.tsv").write_text(TERMS.replace("Kaishou", "Kuai Shou"), encoding="utf-8")
    with pytest.raises(UsageError, match="begun with another glossary"):
        _run(place, setup, BatchOptions(resume=True))
    _run(place, setup, BatchOptions(force=True))


def test_a_torn_journal_line_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, {"signature": "s"})
    journal.add(Entry("a", ("1", "")))
    journal.close()
    with path.open("ab") as stream:
        stream.write(b'{"name": "b", "inp')
    again = Journal(path, {"signature": "s"})
    assert len(again) == 1
    assert again.entry("a") == Entry("a", ("1", ""))
    again.add(Entry("c", ("2", "")))
    again.close()
    last = Journal(path, {"signature": "s"})
    assert "b" not in last
    assert last.entry("c") == Entry("c", ("2", ""))
    assert last.entry("a") == Entry("a", ("1", ""))
    last.close()


def test_a_batch_killed_before_its_first_line_begins_anew(place: Path, tmp_path: Path) -> None:
    setup = _setup(tmp_path)
    (setup.folder / ".batch").mkdir(parents=True)
    _run(place, setup, BatchOptions(resume=True))
    (tmp_path / "torn" / ".batch").mkdir(parents=True)
    (tmp_path / "torn" / ".batch" / "journal.jsonl").write_bytes(b'{"form')
    _run(place, _setup(tmp_path, "torn"), BatchOptions(resume=True))
    assert _content(setup.folder) == _content(tmp_path / "torn")


def _command(place: Path, out: Path, task: TaskName) -> list[str]:
    begun = (out / ".batch" / "journal.jsonl").exists()
    return [
        sys.executable, "-m", "regloss", "batch", str(place), "-o", str(out), "--task", task, "--jobs", "2",
        "--glossary", str(place.parent / "terms.tsv"), *(["--model", "echo"] if task is TaskName.RUN else []),
        "--resume" if begun else "--force",
    ]  # fmt: skip


def _kill_after(command: list[str], delay: float) -> None:
    """Run the command in a process group of its own and kill the group after `delay`."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, start_new_session=True, stdout=quiet, stderr=quiet)
    time.sleep(delay)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize(("task", "kills"), [(TaskName.FIX, 3), (TaskName.RUN, 2), (TaskName.SCORE, 2)])
def test_killed_anywhere_and_resumed_the_result_is_that_of_an_undisturbed_run(
    task: TaskName, kills: int, place: Path, tmp_path: Path
) -> None:
    (place / "b.jsonl").unlink()
    (place / "deep" / "a.md").unlink()
    for number in range(12):
        (place / f"more{number}.en.txt").write_text("Kaishou grows.\n" * 5, encoding="utf-8")
        (place / f"more{number}.zh.txt").write_text("快手在增长。\n" * 5, encoding="utf-8")
    whole = replace(_setup(tmp_path, "whole"), task=task)
    model = "echo" if task is TaskName.RUN else whole.config.model
    _run(place, replace(whole, config=replace(whole.config, model=model)))
    out = tmp_path / "killed"
    pick = random.Random(7)
    for _ in range(kills):
        _kill_after(_command(place, out, task), pick.uniform(0.5, 4.0))
    done = subprocess.run(_command(place, out, task), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert _content(out) == _content(tmp_path / "whole")
    journal = (out / ".batch" / "journal.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    names = [json.loads(line)["name"] for line in journal if line.endswith("}")]
    assert len(names) == len(set(names)), "something was done twice"


def test_workers_end_when_the_parent_alone_is_killed(place: Path, tmp_path: Path) -> None:
    for number in range(300):
        (place / f"more{number}.en.txt").write_text("Kaishou grows.\n" * 50, encoding="utf-8")
    journal = tmp_path / "killed" / ".batch" / "journal.jsonl"
    process = subprocess.Popen(_command(place, tmp_path / "killed", TaskName.FIX), stdout=subprocess.PIPE)
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 1):
        time.sleep(0.05)
    assert process.poll() is None, "it was done before it could be killed"
    process.kill()
    # The workers hold the pipe too: it ends when the last of them has.
    process.communicate(timeout=60)


def test_a_full_disk_is_one_clear_line(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from regloss.batch import tasks

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tasks, "fix_file", full)
    with pytest.raises(InputError, match="No space left on device; continue later with --resume"):
        _run(place, _setup(tmp_path))


def test_a_read_only_place_is_one_clear_line(place: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(InputError, match="cannot be written"):
        _run(place, _setup(tmp_path, "locked/out"))


def test_two_batches_at_once_do_not_share_a_folder(place: Path, tmp_path: Path) -> None:
    items, setup = read_items(place, SUFFIXES), _setup(tmp_path)
    refused: list[str] = []

    def begin_another(_entry: Entry, _fresh: bool) -> None:
        for options in (BatchOptions(resume=True), BatchOptions(force=True)):
            with pytest.raises(UsageError, match="another batch is at work in") as caught:
                _run(place, setup, options)
            refused.append(str(caught.value))

    run_batch(items, setup, BatchOptions(), begin_another)
    assert len(refused) == 2 * len(items)
    assert _run(place, setup, BatchOptions(resume=True))


def test_results_are_never_written_over_what_is_read(place: Path, tmp_path: Path) -> None:
    before = _content(place)
    with pytest.raises(UsageError, match=r"would be written over, and it is a text to read"):
        _run(place, replace(_setup(tmp_path), folder=place), BatchOptions(force=True))
    assert _content(place) == before


def test_a_batch_into_a_folder_below_what_it_reads_can_be_resumed(place: Path, tmp_path: Path) -> None:
    setup = replace(_setup(tmp_path), folder=place / "out")
    for options in (BatchOptions(), BatchOptions(resume=True)):
        items = read_items(place, SUFFIXES, results=setup.folder)
        assert len(items) == 10
        run_batch(items, setup, options, lambda _entry, _fresh: None)
