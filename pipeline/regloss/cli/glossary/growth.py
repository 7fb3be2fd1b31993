"""`regloss glossary suggest`: letting the glossary grow from evidence."""

import json
import shlex
from typing import Annotated

import typer

from regloss.alignment.lexicon import load_lexicon
from regloss.cli.glossary.application import GlossaryNames, glossary_app, print_lines, print_table, usage
from regloss.errors import UsageError
from regloss.glossary import load_glossary
from regloss.glossary.inflection import is_ordinary
from regloss.glossary.suggest import Suggestion, suggest
from regloss.text import fold

__all__: list[str] = []


@glossary_app.command("suggest", epilog=usage("suggest 小红书", "suggest 头部主播 --limit 30", "suggest 快手 --json"))
def suggest_command(
    term: Annotated[str, typer.Argument(metavar="SOURCE", help="A Chinese term; it need not be in the glossary.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    glossary: GlossaryNames = None,
) -> None:
    """Foresee likely wrong renderings of a term, before anyone has seen them."""
    loaded = load_glossary(glossary or ())
    entry = loaded.find(term)
    # What is known to go wrong with 主播 goes wrong within 头部主播, too.
    parts = {each.source: tuple(form.form for form in each.forbidden) for each in loaded.entries if each is not entry}
    found = suggest(term, load_lexicon(), entry, limit, parts)
    if as_json:
        records = [{"form": s.form, "way": s.way, "confidence": round(s.confidence, 3)} for s in found]
        print_lines(json.dumps(records, ensure_ascii=False, indent=2))
        return
    if not found:
        raise UsageError(f"nothing is known about the words of {term!r}; add its wrong renderings by hand")
    print_table(("rendering", "how", "confidence", ""), [_row(suggestion) for suggestion in found])
    target = entry.target if entry else "TARGET"
    forms = " ".join(f"-f {shlex.quote(suggestion.form)}" for suggestion in found[:2])
    merge = " --merge" if entry else ""
    print_lines(f"to add: regloss glossary add {term} {shlex.quote(target)} {forms}{merge}")


def _row(suggestion: Suggestion) -> tuple[str, ...]:
    warning = "ordinary English: needs a guard" if is_ordinary(fold(suggestion.form)) else ""
    return (suggestion.form, suggestion.way, f"{suggestion.confidence:.2f}", warning)
