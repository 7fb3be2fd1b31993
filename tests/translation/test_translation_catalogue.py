"""Pulling models: from a hub on loopback, whole or not at all."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub import COMMIT, Hub, folder_files, serving

from regloss.errors import MissingExtraError, ModelError, UsageError
from regloss.translation import catalogue
from regloss.translation.cards import read_card
from regloss.translation.catalogue import CatalogueEntry, find_entry, pull, read_catalogue, verify
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.download import hub_address
from regloss.translation.engines import EngineOptions, load_translator, model_names, resolve_model

ENTRY = CatalogueEntry(
    name="pulled",
    repository="someone/zh-en-small",
    revision="main",
    licence="CC-BY-SA-4.0",
    kind="marian",
    megabytes=25,
    files=("config.json", "source.spm", "target.spm", "vocab.json", "target_vocab.json"),
    weights=("model.safetensors", "pytorch_model.bin"),
    flores_chrf=33.5,
)


@pytest.fixture
def hub(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REGLOSS_MODELS", str(tmp_path / "models"))
    with serving(Hub(folder_files(shipped))) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def installed(tmp_path: Path) -> list[str]:
    folder = tmp_path / "models"
    return [p.name for p in folder.iterdir()] if folder.exists() else []


def test_a_pulled_model_is_there_checked_and_translates_alike(hub: Hub, model: Ct2Translator) -> None:
    seen: list[tuple[str, int, int]] = []
    place = pull(ENTRY, progress=lambda *x: seen.append(x))
    assert resolve_model("pulled") == place
    assert "pulled" in model_names()
    assert verify("pulled") >= 7
    card = tomllib.loads((place / "card.toml").read_text())
    assert (card["commit"], card["revision"], card["licence"]) == (COMMIT, "main", "CC-BY-SA-4.0")
    assert read_card(place).chrf == 33.5
    assert not (place / "model.safetensors").exists()
    sources = ["公司盈利。", "你好。"]
    assert [c[0].text for c in load_translator("pulled").translate(sources)] == [
        c[0].text for c in model.translate(sources)
    ]
    assert seen[-1][0] == "model.safetensors"
    assert seen[-1][1] == seen[-1][2] == len(hub.files["model.safetensors"])


def test_an_interrupted_download_installs_nothing_and_is_continued(hub: Hub, tmp_path: Path) -> None:
    hub.break_after["model.safetensors"] = 3_000_000
    with pytest.raises(ModelError, match=r"broke after 3,000,000 of [\d,]+ bytes; nothing was installed"):
        pull(ENTRY)
    assert installed(tmp_path) == []
    hub.asked.clear()
    pull(ENTRY)
    ranges = {name: wanted for method, name, wanted in hub.asked if method == "GET" and wanted}
    assert ranges == {"model.safetensors": "bytes=3000000-"}
    assert installed(tmp_path) == ["pulled"]
    assert not (tmp_path / "cache" / "downloads" / "pulled").exists()


def test_a_part_of_something_else_is_not_built_on(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "cache" / "downloads" / "pulled" / COMMIT / "model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match=r"checksum is [0-9a-f]{64}, but [0-9a-f]{64} is expected"):
        pull(ENTRY)
    assert installed(tmp_path) == []
    pull(ENTRY)
    assert installed(tmp_path) == ["pulled"]


def test_a_wrong_checksum_installs_nothing(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"source\.spm: checksum is .*; nothing was installed"):
        pull(replace(ENTRY, sha256={"source.spm": "0" * 64}))
    assert installed(tmp_path) == []
    assert not list((tmp_path / "cache").rglob("source.spm*"))


def test_damaged_weights_install_nothing(hub: Hub, tmp_path: Path) -> None:
    hub.files["model.safetensors"] = hub.files["model.safetensors"][:5000]
    with pytest.raises(ModelError, match=r"cannot be read as safetensors"):
        pull(ENTRY)
    assert installed(tmp_path) == []


def test_no_network_is_said_in_one_line(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(ModelError) as fault:
        pull(ENTRY)
    assert "no connection to 127.0.0.1:1" in str(fault.value)
    assert "needs a network" in str(fault.value)
    assert "\n" not in str(fault.value)
    assert "unsupported" not in str(fault.value)
    assert installed(tmp_path) == []


def test_what_the_hub_lacks_is_named(hub: Hub) -> None:
    del hub.files["source.spm"], hub.files["model.safetensors"]
    with pytest.raises(ModelError, match=r"has no source\.spm, model\.safetensors or pytorch_model\.bin in someone/"):
        pull(ENTRY)


def test_a_fault_of_the_hub_is_its_own(hub: Hub) -> None:
    hub.status["vocab.json"] = 503
    with pytest.raises(ModelError, match=r"answered 503 for .*vocab\.json; try again later"):
        pull(ENTRY)


def test_a_redirect_to_plain_http_elsewhere_is_not_followed(hub: Hub, tmp_path: Path) -> None:
    hub.redirect = "http://example.invalid"
    with pytest.raises(
        ModelError, match=r"redirects to http://example\.invalid/model\.safetensors, which is not HTTPS"
    ):
        pull(ENTRY)
    assert installed(tmp_path) == []


def test_installed_models_are_replaced_only_by_force(hub: Hub, tmp_path: Path) -> None:
    pull(ENTRY)
    with pytest.raises(UsageError, match=r"installed already .* use --force"):
        pull(ENTRY)
    (tmp_path / "models" / "pulled" / "source.spm").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"source\.spm: its checksum"):
        verify("pulled")
    pull(ENTRY, force=True)
    assert verify("pulled") >= 7
    assert installed(tmp_path) == ["pulled"]


def test_a_damaged_built_model_is_found(hub: Hub, tmp_path: Path) -> None:
    place = pull(ENTRY)
    weights = place / "ct2-int8" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"model\.bin: its checksum"):
        verify("pulled")


def test_what_needs_transformers_says_so_before_anything_large_is_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise MissingExtraError("the transformers engine", "transformers")

    monkeypatch.setattr(catalogue, "import_transformers", absent)
    hub.files["pytorch_model.bin"] = hub.files.pop("model.safetensors")
    with pytest.raises(MissingExtraError, match=r"pip install 'regloss\[transformers\]'"):
        pull(ENTRY)
    assert {method for method, _, _ in hub.asked} == {"HEAD"}


class TestCatalogue:
    def test_the_bundled_one_is_sound(self) -> None:
        entries = read_catalogue()
        assert entries[0].name == "opus-mt-zh-en"
        assert len(entries) >= 3
        for entry in entries:
            assert entry.licence
            assert entry.megabytes > 0
            assert entry.kind in ("marian", "m2m100", "t5")
            assert entry.needs in ("", "transformers")
            assert "NC" not in entry.licence
            assert entry.pinned
            assert any(name in entry.sha256 for name in entry.weights)
            assert set(entry.sha256) <= {*entry.files, *entry.weights}
            assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in entry.sha256.values())

    def test_an_unknown_name_lists_the_known_ones(self) -> None:
        with pytest.raises(UsageError, match="no model 'nope'; available: opus-mt-zh-en, "):
            find_entry("nope", read_catalogue())

    def test_the_shipped_model_needs_no_pull(self) -> None:
        with pytest.raises(UsageError, match="zh-en-small is installed already"):
            find_entry("zh-en-small", read_catalogue())

    @pytest.mark.parametrize(
        "change",
        ['repository = "../x/y"', 'repository = "a/b"\nfiles = ["../../evil"]', 'repository = "a/b"\nnew_key = 1', "x"],
    )
    def test_a_wrong_entry_is_refused(self, tmp_path: Path, change: str) -> None:
        rest = 'revision = "main"\nlicence = "MIT"\nkind = "marian"\nmegabytes = 1\nweights = ["w"]\n'
        files = "" if "files" in change else 'files = ["a"]\n'
        path = tmp_path / "catalogue.toml"
        path.write_text(f"[bad]\n{rest}{files}{change}\n")
        with pytest.raises(ModelError, match=r"catalogue\.toml"):
            read_catalogue(path)


@pytest.mark.parametrize("address", ["http://example.org", "ftp://example.org", "file:///etc", "https://"])
def test_only_https_hubs_are_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(UsageError, match="only https://"):
        hub_address()


class TestEngines:
    def test_an_unknown_model_lists_the_known_ones(self) -> None:
        with pytest.raises(UsageError, match=r"no model 'nope'; installed: zh-en-small; .*regloss models pull"):
            load_translator("nope")

    @pytest.mark.parametrize("name", ["", ".", "..", "../models"])
    def test_a_name_cannot_lead_elsewhere(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises((UsageError, ModelError)):
            load_translator(name)

    def test_a_folder_without_a_model_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="no model"):
            load_translator(str(tmp_path))

    def test_echo_needs_no_files(self) -> None:
        assert load_translator("echo").translate(["快"])[0][0].text == "快"

    def test_unknown_options_list_the_known_ones(self) -> None:
        with pytest.raises(UsageError, match="'magic' is not known; choose from auto, ctranslate2, transformers"):
            EngineOptions(engine="magic")

    def test_a_path_works_as_well_as_a_name(self, shipped: Path) -> None:
        assert load_translator(str(shipped)).name == "zh-en-small"
