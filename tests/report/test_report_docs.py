"""docs/report.md: its example runs, and it explains every section of the page."""

import re
from pathlib import Path
from typing import Any

from report_page import Page
from report_sample import sample

from regloss.report import render_html

GUIDE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert "<ins" in names["page"]
    assert "Kuaishou has" in names["page"]


def test_every_section_of_the_page_is_explained() -> None:
    titles = [title for tag, title in Page(render_html(sample())).texts if tag == "h2"]
    assert len(titles) == 8
    assert [title for title in titles if f"**{title}**" not in GUIDE] == []
