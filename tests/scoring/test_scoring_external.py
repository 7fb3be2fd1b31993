"""Metrics that live elsewhere, with a fake in their place."""

import json
import sys
import time
from pathlib import Path

import pytest
from test_scoring_comparison import BAD, GOOD, SOURCE

from regloss.errors import InputError, UsageError
from regloss.scoring import Direction, System, compare, judge, parse_threshold
from regloss.scoring.external import parse_external
from regloss.scoring.metric import Material

FAKE = """
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    assert set(record) == {"source", "hypothesis", "references"}
    print(0.9 if record["hypothesis"] in record["references"] else 0.4)
"""


@pytest.fixture
def fake(tmp_path):
    path = tmp_path / "fake metric.py"
    path.write_text(FAKE, "utf-8")
    return f"neural={sys.executable} '{path}'"


def test_a_command_is_a_metric_like_any_other(fake):
    metric = parse_external(fake)
    systems = [System("mt", BAD, SOURCE), System("pe", GOOD, SOURCE)]
    table = compare(systems, [metric], references=[GOOD], baseline="mt")
    assert table.value("mt", "neural") == pytest.approx(0.4)
    assert table.value("pe", "neural") == pytest.approx(0.9)
    assert str(table.verdict("pe")) == "better"
    assert judge(table, [parse_threshold("neural=0.5", ["neural"])]).exit_code == 1
    assert "external:" in table.signature


def test_a_file_a_system_and_less_is_better(tmp_path):
    (tmp_path / "mt.txt").write_text("1.5\n2\n", "utf-8")
    (tmp_path / "pe.txt").write_text('{"score": 1}\n{"score": 0.5}\n', "utf-8")
    metric = parse_external(f"metricx:lower=file:{tmp_path}/{{system}}.txt")
    assert metric.info.direction is Direction.LOWER
    table = compare([System("mt", ("a", "b")), System("pe", ("c", "d"))], [metric])
    assert table.value("mt", "metricx") == 1.75
    assert table.value("pe", "metricx") == 0.75
    assert table.as_record()["metrics"][0]["range"] == [None, None]


@pytest.mark.parametrize(
    ("printed", "told"),
    [("1\n", "gives 1 scores for 2 segments"), ("1\nx\n", "line 2: 'x' is not a score"), ("1\nNaN\n", "finite")],
)
def test_scores_that_do_not_fit(tmp_path, printed, told):
    (tmp_path / "s.txt").write_text(printed, "utf-8")
    with pytest.raises(InputError, match=told):
        parse_external(f"m=file:{tmp_path}/s.txt").statistics(Material(("a", "b")))


def run_code(tmp_path, code, *, timeout=20.0, told=None):
    path = tmp_path / "metric.py"
    path.write_text(code, "utf-8")
    heard = []
    metric = parse_external(f"m={sys.executable} {path}", timeout, told or heard.append)
    return metric.statistics(Material(("a", "b"))), "".join(heard)


def test_a_missing_file_and_a_command_that_does_not_exist():
    with pytest.raises(InputError, match="cannot be read"):
        parse_external("m=file:nowhere.txt").statistics(Material(("a",)))
    with pytest.raises(UsageError, match="no-such-program cannot be run as a metric: No such file"):
        parse_external("m=no-such-program").statistics(Material(("a",)))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('out of memory')", "failed with exit code 1: out of memory"),
        ("import sys; sys.exit(3)", "failed with exit code 3: it gave no reason"),
        ("raise ValueError('no such checkpoint')", "failed with exit code 1: ValueError: no such checkpoint"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL, as by a machine out of memory"),
        ("import time; time.sleep(60)", r"has not finished in 0.5 s; allow more with --external-timeout"),
        (r"import sys; sys.stdout.buffer.write(b'\xff\n\xff\n')", "prints something else than UTF-8"),
    ],
)
def test_a_command_that_dies_or_hangs(tmp_path, code, told):
    with pytest.raises(UsageError, match=told):
        run_code(tmp_path, code, timeout=0.5 if "sleep" in code else 20)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("print(1)", "the command of m gives 1 scores for 2 segments"),
        ("print(1); print(2); print(3)", "the command of m gives 3 scores for 2 segments"),
        ("print(1); print('nan')", "line 2: a score must be a finite number"),
        ("print(1); print('NaN')", "line 2: a score must be a finite number"),
        (
            "print('Fetching 5 files'); print(1); print(2)",
            "line 1: 'Fetching 5 files' is not a score; one number a line",
        ),
        ("", "gives 0 scores for 2 segments"),
    ],
)
def test_a_command_that_prints_what_does_not_fit(tmp_path, code, told):
    with pytest.raises(InputError, match=told):
        run_code(tmp_path, code)


def test_what_a_command_starts_ends_with_it(tmp_path):
    mark = tmp_path / "mark"
    child = f"import time; time.sleep(1.5); open({str(mark)!r}, 'w')"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(UsageError, match="has not finished"):
        run_code(tmp_path, code, timeout=0.7)
    time.sleep(1.5)
    assert not mark.exists()


def test_what_it_says_meanwhile_is_passed_on_at_once(tmp_path):
    go = tmp_path / "go"
    code = f"""
import pathlib, sys, time
sys.stderr.write("50 %\\r")
sys.stderr.flush()
while not pathlib.Path({str(go)!r}).exists():
    time.sleep(0.01)
sys.stderr.write("100 %\\n")
print(1); print(2)
"""
    pieces = []

    def told(piece):
        pieces.append(piece)
        go.touch()

    statistics, _ = run_code(tmp_path, code, told=told)
    assert statistics.total() == 1.5
    assert "".join(pieces) == "50 %\r100 %\n"
    assert pieces[0] == "50 %\r"


def test_much_is_said_and_asked_without_a_standstill(tmp_path):
    code = "import sys\nfor line in sys.stdin:\n    sys.stderr.write('x' * 2000)\n    print(1)\n"
    path = tmp_path / "metric.py"
    path.write_text(code, "utf-8")
    metric = parse_external(f"m={sys.executable} {path}", 20.0)
    assert metric.statistics(Material(("word " * 400,) * 300)).total() == 1


def test_no_shell_reads_the_command(tmp_path):
    mark = tmp_path / "mark"
    with pytest.raises((UsageError, InputError)):
        parse_external(f"m=echo 1; touch {mark}").statistics(Material(("a", "b", "c")))
    assert not mark.exists()


@pytest.mark.parametrize("text", ["m", "m=", "=x", "m:up=x"])
def test_how_it_is_written(text):
    with pytest.raises(UsageError, match="write NAME=COMMAND"):
        parse_external(text)


def test_what_a_command_is_given(tmp_path):
    path = tmp_path / "seen.json"
    code = f"import sys; d = sys.stdin.read(); open({str(path)!r}, 'w').write(d); print(1)"
    parse_external(f'm={sys.executable} -c "{code}"').statistics(Material(("好 a",), ("源",), (("r1",), ("r2",))))
    assert json.loads(path.read_text("utf-8")) == {"source": "源", "hypothesis": "好 a", "references": ["r1", "r2"]}


COMET = """
import collections

Prediction = collections.namedtuple("Prediction", "scores system_score")


class Model:
    def predict(self, samples, batch_size=16, gpus=1):
        print("GPU available: False")
        assert gpus == 0
        assert all(set(sample) == {"src", "mt", "ref"} for sample in samples)
        scores = [1.0 if sample["mt"] == sample["ref"] else 0.5 for sample in samples]
        return Prediction(scores, sum(scores) / len(scores))


def download_model(name):
    return f"{name}/model.ckpt"


def load_from_checkpoint(path):
    print("Loading", path)
    assert path == "Unbabel/wmt22-comet-da/model.ckpt"
    return Model()
"""


def test_the_documented_recipe_for_comet(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text("utf-8")
    recipe = page.partition("```python\n")[2].partition("```")[0]
    (tmp_path / "comet_lines.py").write_text(recipe, "utf-8")
    # Both are replaced: the recipe is for an environment that has them.
    (tmp_path / "comet.py").write_text(COMET, "utf-8")
    (tmp_path / "torch.py").write_text("class cuda:\n    device_count = staticmethod(lambda: 0)\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    metric = parse_external(f"COMET={sys.executable} comet_lines.py Unbabel/wmt22-comet-da")
    statistics = metric.statistics(Material(("a", "b"), ("甲", "乙"), (("a", "c"),)))
    assert statistics.by_segment().tolist() == [1.0, 0.5]


def test_a_last_line_without_an_end_and_a_byte_order_mark_are_read(tmp_path):
    (tmp_path / "s.txt").write_text("\ufeff1\n2", "utf-8")
    assert parse_external(f"m=file:{tmp_path}/s.txt").statistics(Material(("a", "b"))).total() == 1.5
