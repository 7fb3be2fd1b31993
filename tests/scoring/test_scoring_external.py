"""Metrics that live elsewhere, with a fake in their place."""

import json
import sys

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


def test_a_missing_file_and_a_failing_command():
    with pytest.raises(InputError, match="cannot be read"):
        parse_external("m=file:nowhere.txt").statistics(Material(("a",)))
    with pytest.raises(UsageError, match="no-such-program cannot be run as a metric"):
        parse_external("m=no-such-program").statistics(Material(("a",)))
    failing = f"m={sys.executable} -c \"import sys; sys.exit('out of memory')\""
    with pytest.raises(UsageError, match="failed with exit code 1: out of memory"):
        parse_external(failing).statistics(Material(("a",)))


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
