"""The one line that says how a figure came about."""

from collections.abc import Iterable

import regloss
from regloss.scoring.metric import MetricInfo

__all__ = ["signature_line"]


def signature_line(
    infos: Iterable[MetricInfo],
    *,
    glossary_hash: str = "none",
    seed: int,
    resamples: int,
    test: str = "bootstrap",
    model: str = "none",
) -> str:
    """Return the signature: regloss version, glossary hash, model, test and seed, and each metric's own signature.

    Metrics of the same signature (all figures of one glossary, say) are named together.
    """
    grouped: dict[str, list[str]] = {}
    for info in infos:
        # The glossary is named once, in front.
        own = info.signature.removeprefix(f"glossary:{glossary_hash}|")
        grouped.setdefault(own, []).append(info.name)
    metrics = " ".join(f"{'+'.join(names)}[{signature}]" for signature, names in grouped.items())
    head = f"regloss:{regloss.__version__} glossary:{glossary_hash} model:{model} {test}:{resamples} seed:{seed}"
    return f"{head} {metrics}".strip()
