"""Sanity checks: small functions, each with one question, that need no reference and may veto a good-looking score.

A check takes a translation and its source (None where nothing is aligned) and returns a finding or None. Those that
cannot judge without a source return None then; `Check.needs_source` says which, so that nobody mistakes silence for
praise.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from regloss.document import Finding, Severity
from regloss.errors import UsageError
from regloss.scoring.checks.language import check_empty, check_residue, check_untranslated
from regloss.scoring.checks.names import check_names
from regloss.scoring.checks.numbers import check_numbers
from regloss.scoring.checks.shape import check_length, check_pairs, check_repetition

__all__ = ["CHECKS", "Check", "check_named", "run_checks"]


@dataclass(frozen=True, slots=True)
class Check:
    """A sanity check.

    Attributes:
        name: such as ``number-mismatch``; its findings carry it.
        title: what a finding means, in the words of a report.
        severity: of its findings.
        needs_source: whether it is silent without an aligned source.
        run: takes (target, source) and returns a finding or None.
    """

    name: str
    title: str
    severity: Severity
    needs_source: bool
    run: Callable[[str, str | None], Finding | None]


CHECKS: tuple[Check, ...] = (
    Check("empty", "Empty translations", Severity.CRITICAL, True, check_empty),
    Check("untranslated", "Untranslated segments", Severity.CRITICAL, False, check_untranslated),
    Check("cjk-residue", "Segments with Chinese left in", Severity.MAJOR, False, check_residue),
    Check("number-mismatch", "Segments whose numbers disagree with the source", Severity.MAJOR, True, check_numbers),
    Check("missing-name", "Segments that lack a Latin name or address", Severity.MAJOR, True, check_names),
    Check("length-ratio", "Segments of implausible length", Severity.MAJOR, True, check_length),
    Check("repetition", "Segments that repeat themselves", Severity.CRITICAL, False, check_repetition),
    Check("unbalanced", "Segments with an unpaired bracket or quote", Severity.MINOR, False, check_pairs),
)


def check_named(name: str) -> Check:
    """Return the check called `name`.

    Raises:
        UsageError: there is none.
    """
    for check in CHECKS:
        if check.name == name:
            return check
    raise UsageError(f"unknown check {name!r}; available: {', '.join(check.name for check in CHECKS)}")


def run_checks(
    targets: Sequence[str],
    sources: Sequence[str] | None,
    ids: Sequence[str] | None = None,
    checks: Iterable[Check] = CHECKS,
) -> tuple[Finding, ...]:
    """Return the findings of every segment, in order of segments, then checks.

    Args:
        targets: n translations.
        sources: n aligned sources, or None.
        ids: n segment ids; ``s1``, ``s2``, … where None.
        checks: which to run.
    """
    chosen = tuple(checks)
    found: list[Finding] = []
    for index, target in enumerate(targets):
        source = None if sources is None else sources[index]
        segment = ids[index] if ids else f"s{index + 1}"
        for check in chosen:
            finding = check.run(target, source)
            if finding is not None:
                found.append(replace(finding, segment=segment))
    return tuple(found)
