"""What a run found, as HTML, Markdown and JSON.

Fill a `RunReport` and hand it to `render_html` (one self-contained page), `render_markdown` (a short digest) or
`render_json` (for programs). All three are pure: the same record gives the same text, byte for byte.
"""

from regloss.report.record import Choice, Direction, ModelFacts, RunReport, ScoreRow, TermCount, TranslatedLine
from regloss.report.to_html import render_html
from regloss.report.to_json import render_json, report_record
from regloss.report.to_markdown import render_markdown

__all__ = [
    "Choice",
    "Direction",
    "ModelFacts",
    "RunReport",
    "ScoreRow",
    "TermCount",
    "TranslatedLine",
    "render_html",
    "render_json",
    "render_markdown",
    "report_record",
]
