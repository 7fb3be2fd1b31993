"""Workers: the three tasks, what fails alone, what stops all, and what a worker's death does."""

import json
import os
import signal
from pathlib import Path

import pytest

from regloss.batch import local, tasks
from regloss.batch.items import Item, read_items
from regloss.batch.journal import Entry
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.summary import Summary
from regloss.config import Config
from regloss.errors import InputError, UsageError
from regloss.formats import Fields

TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    _pair(folder, "good", "Kuaishou has 300,000 fans.\nIt grows by 5 %.\n", "快手有30万粉丝。\n它增长5%。\n")
    _pair(folder, "wrong", "Kaishou has 300 fans.\nIt grows by 5 %.\n", "快手有30万粉丝。\n它增长5%。\n")
    return folder


def _pair(folder: Path, name: str, target: str, source: str) -> None:
    (folder / f"{name}.en.txt").write_text(target, encoding="utf-8")
    (folder / f"{name}.zh.txt").write_text(source, encoding="utf-8")


def _setup(place: Path, task: TaskName, **more: object) -> Setup:
    config = Config(glossary=(str(place.parent / "terms.tsv"),), model="echo")
    return Setup(place.parent / "out", config, task, **more)  # type: ignore[arg-type]


def _run(place: Path, setup: Setup, options: BatchOptions = BatchOptions()) -> tuple[Summary, list[Entry]]:  # noqa: B008
    told: list[Entry] = []
    items = read_items(place, (".txt", ".csv", ".jsonl"), fields=setup.fields)
    return run_batch(items, setup, options, lambda entry, _fresh: told.append(entry)), told


def _read(path: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return record


def test_run_gives_each_item_what_the_main_job_writes(place: Path) -> None:
    setup = _setup(place, TaskName.RUN)
    summary, _ = _run(place, setup)
    assert summary.totals["edits"] == 1
    folder = setup.folder / "wrong.en.txt"
    assert {path.name for path in folder.iterdir()} == {
        "fixed.txt", "retranslated.txt", "chosen.txt", "edits.jsonl", "proposals.jsonl", "scores.json", "run.json",
        "report.html", "report.md", "report.json",
    }  # fmt: skip
    assert (folder / "fixed.txt").read_text(encoding="utf-8").startswith("Kuaishou has 300 fans.")
    (line,) = (setup.folder / "edits.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["file"] == "wrong.en.txt/fixed.txt"
    assert _read(setup.folder / "run.json")["runs"] == ["good.en.txt", "wrong.en.txt"]


def test_run_refuses_items_that_are_no_pair_with_the_reason_and_goes_on(place: Path) -> None:
    (place / "alone.txt").write_text("Kaishou\n", encoding="utf-8")
    (place / "lines.jsonl").write_text('{"target": "Kaishou", "source": "快手"}\n', encoding="utf-8")
    summary, _ = _run(place, _setup(place, TaskName.RUN))
    assert [name for name, _ in summary.failures] == ["alone.txt", "lines.jsonl"]
    assert "has no source file; name one in a manifest" in summary.failures[0][1]
    assert "holds many documents" in summary.failures[1][1]
    assert summary.totals["documents"] == 2


def test_score_ranks_files_by_what_is_worst(place: Path) -> None:
    _pair(place, "copied", "快手有30万粉丝。\n它增长5%。\n", "快手有30万粉丝。\n它增长5%。\n")
    setup = _setup(place, TaskName.SCORE)
    summary, _ = _run(place, setup)
    assert [name for name, _ in summary.rankings[0].rows] == ["copied.en.txt", "wrong.en.txt"]
    assert summary.terms == (("快手", 1),)
    table = _read(setup.folder / "wrong.en.txt.scores.json")
    values = {m["name"]: m["values"]["target"]["value"] for m in table["metrics"]}  # type: ignore[attr-defined, index]
    assert values["number-agreement"] == 50
    assert values["term-success"] == 0
    found = [json.loads(line) for line in (setup.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(each["position"], each["check"]) for each in found if each["file"] == "wrong.en.txt"} == {
        ("1:1", "number-mismatch"),
        ("1:1", "forbidden-term"),
    }
    assert not (setup.folder / "wrong.en.txt").exists()


def test_score_takes_the_sources_that_records_and_tables_bring(place: Path) -> None:
    lines = [{"target": "It has 3 fans", "source": "它有4个粉丝"}, {"target": "Kaishou has 4"}]
    (place / "lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (place / "table.csv").write_text("out,in\nIt has 5 fans,它有5个粉丝\nIt has 6,它有7个\n", encoding="utf-8")
    setup = _setup(place, TaskName.SCORE, fields=Fields("out", "in"))
    _run(place, setup)
    found = [json.loads(line) for line in (setup.folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(each["file"], each["position"], each["check"]) for each in found if each["file"][-3:] != "txt"] == [
        ("lines.jsonl", "1", "number-mismatch"),
        ("lines.jsonl", "2", "forbidden-term"),
        ("table.csv", "3:1", "number-mismatch"),
    ]
    lists = (setup.folder / "files.jsonl").read_text(encoding="utf-8").splitlines()
    counts = {line["name"]: line for line in map(json.loads, lists)}
    assert (counts["lines.jsonl"]["segments"], counts["lines.jsonl"]["with source"]) == (2, 1)


def test_quality_is_estimated_where_it_is_asked_for(place: Path) -> None:
    config = Config(glossary=(str(place.parent / "terms.tsv"),))
    setup = Setup(place.parent / "out", config, TaskName.SCORE, quality=True)
    summary, entries = _run(place, setup)
    by_name = {entry.name: entry.counts["quality"] for entry in entries}
    assert 0 <= by_name["wrong.en.txt"] < by_name["good.en.txt"] <= 100
    assert summary.totals["quality"] == pytest.approx(sum(by_name.values()) / 2, abs=0.01)
    assert "model:zh-en-small@" in summary.signature


@pytest.mark.parametrize("task", [TaskName.RUN, TaskName.SCORE])
def test_two_workers_write_what_one_does(task: TaskName, place: Path, tmp_path: Path) -> None:
    setup = _setup(place, task)
    _run(place, setup)
    one = _contents(setup.folder)
    setup.folder.rename(tmp_path / "one")
    _run(place, setup, BatchOptions(jobs=2))
    assert _contents(setup.folder) == one


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".batch" not in path.parts
    }


def test_another_task_is_not_gone_on_with(place: Path) -> None:
    _run(place, _setup(place, TaskName.FIX))
    with pytest.raises(UsageError, match="was begun with --task fix; finish it with that, or start anew with --force"):
        _run(place, _setup(place, TaskName.SCORE), BatchOptions(resume=True))


def test_a_file_by_the_name_of_the_summary_is_refused_before_anything_is_written(place: Path) -> None:
    (place / "summary.md").write_text("# Kaishou\n", encoding="utf-8")
    setup = _setup(place, TaskName.FIX)
    with pytest.raises(UsageError, match=r"summary\.md: regloss itself writes summary\.md there; rename the file"):
        run_batch(read_items(place, (".txt", ".md")), setup, BatchOptions(), lambda _entry, _fresh: None)
    assert not setup.folder.exists()


def test_a_defect_is_the_fault_of_one_item(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tasks.fix_file

    def faulty(file: object, *rest: object) -> object:
        if "good" in str(file):
            raise KeyError("lost")
        return real(file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(tasks, "fix_file", faulty)
    summary, _ = _run(place, _setup(place, TaskName.FIX))
    ((name, reason),) = summary.failures
    assert name == "good.en.txt"
    assert reason.endswith("good.en.txt: a defect (KeyError: 'lost'); please report it")
    assert summary.totals["edits"] == 1


def test_a_file_that_vanishes_or_may_not_be_read_fails_alone(place: Path) -> None:
    items = read_items(place, (".txt",))
    (place / "good.en.txt").unlink()
    setup = _setup(place, TaskName.FIX)
    summary = run_batch(items, setup, BatchOptions(), lambda _entry, _fresh: None)
    assert [(name, "no such file" in reason) for name, reason in summary.failures] == [("good.en.txt", True)]


class _Deadly:
    """A task whose worker dies of some items."""

    def __init__(self, setup: Setup) -> None:
        self._fix = tasks.build_task(setup)

    def __call__(self, item: Item, room: Path) -> tasks.Made:
        if item.file.name.startswith("dead") or "alldead" in str(item.file.path):
            os.kill(os.getpid(), signal.SIGKILL)
        return self._fix(item, room)


def _begin_deadly(setup: Setup) -> None:
    local._begin(setup)
    assert local._worker is not None
    local._worker._task = _Deadly(setup)


def test_an_item_that_kills_its_worker_fails_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt", "dead.txt", "e.txt", "f.txt"):
        (place / name).write_text("Kaishou\n", encoding="utf-8")
    monkeypatch.setattr(local, "_begin", _begin_deadly)
    summary, entries = _run(place, _setup(place, TaskName.FIX), BatchOptions(jobs=2))
    assert [name for name, _ in summary.failures] == ["dead.txt"]
    assert "workers die of it (out of memory?)" in summary.failures[0][1]
    assert summary.totals["edits"] == 5
    assert len({entry.name for entry in entries}) == len(entries)


def test_where_every_worker_dies_the_batch_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "alldead"
    folder.mkdir()
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    for number in range(2):
        (folder / f"{number}.txt").write_text("Kaishou\n", encoding="utf-8")
    monkeypatch.setattr(local, "_begin", _begin_deadly)
    with pytest.raises(InputError, match="whatever they do; continue with --resume and fewer --jobs"):
        _run(folder, _setup(folder, TaskName.FIX), BatchOptions(jobs=2))
