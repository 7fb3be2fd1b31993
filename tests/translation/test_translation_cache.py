"""The cache of built models: made once, whole, mended when damaged."""

import multiprocessing
from pathlib import Path

import pytest

from regloss.errors import ModelError
from regloss.translation.cache import built_model, cache_folder
from regloss.translation.ct2 import Ct2Translator


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Builder:
    """Writes one file and counts how often it was asked to."""

    def __init__(self, content: str = "weights") -> None:
        self.content, self.calls = content, 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "model.bin").write_text(self.content)


def test_a_model_is_built_once(cache: Path) -> None:
    build = Builder()
    for _ in range(3):
        with built_model("m", build) as folder:
            assert (folder / "model.bin").read_text() == "weights"
    assert build.calls == 1
    assert folder.is_relative_to(cache)


@pytest.mark.parametrize("damage", ["change", "remove", "forget"])
def test_a_damaged_build_is_made_again(cache: Path, damage: str) -> None:
    build = Builder()
    with built_model("m", build) as folder:
        pass
    if damage == "change":
        (folder / "model.bin").write_text("weightz")
    elif damage == "remove":
        (folder / "model.bin").unlink()
    else:
        (folder / "built.json").write_text("[")
    with built_model("m", build) as folder:
        assert (folder / "model.bin").read_text() == "weights"
    assert build.calls == 2


def test_a_failed_build_leaves_nothing(cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ModelError("no")

    with pytest.raises(ModelError, match=r"^no$"), built_model("m", fail):
        pass
    assert list((cache / "models").iterdir()) == []


def test_a_full_disk_is_one_clear_error(cache: Path) -> None:
    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match=r"cannot be built there \(No space left on device\)"), built_model("m", fail):
        pass


def test_without_a_writable_cache_the_model_is_built_for_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file where the folder should be: not even the superuser can make a folder below it.
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="cannot be written to"), built_model("m", Builder()) as folder:
        assert (folder / "model.bin").is_file()
    assert not folder.exists()


def _load(shipped: str, results: "multiprocessing.Queue[str]") -> None:
    results.put(Ct2Translator(Path(shipped)).translate(["你好。"])[0][0].text)


def test_processes_that_start_together_share_one_build(cache: Path, shipped: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[str] = context.Queue()
    processes = [context.Process(target=_load, args=(str(shipped), results)) for _ in range(2)]
    for process in processes:
        process.start()
    made = {results.get(timeout=120) for _ in processes}
    for process in processes:
        process.join()
    assert len(made) == 1
    assert len(list((cache / "models").iterdir())) == 1


def test_the_cache_folder_can_be_chosen(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == cache
    monkeypatch.delenv("REGLOSS_CACHE")
    assert cache_folder().name == "regloss"
