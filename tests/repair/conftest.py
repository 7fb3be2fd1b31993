"""A glossary small enough to be read, with one entry of each kind."""

import pytest

from regloss.glossary.entry import CaseRule, Context, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.repair import Repairer

ENTRIES = (
    TermEntry(
        "快手",
        "Kuaishou",
        forbidden=(Forbidden("quick hand"), Forbidden("Kaishou", guard=Guard())),
        kind=Kind.NAME,
        case=CaseRule.FIXED,
        domain="short-video",
        guard=Guard(unless=("boxer", "goalkeeper")),
    ),
    TermEntry(
        "抖音",
        "Douyin",
        forbidden=(Forbidden("vibrato"),),
        kind=Kind.NAME,
        case=CaseRule.FIXED,
        domain="short-video",
        guard=Guard(unless=("violin", "singer")),
    ),
    TermEntry(
        "主播",
        "streamer",
        admitted=("host",),
        forbidden=(Forbidden("anchor"),),
        kind=Kind.NOUN,
        domain="live-commerce",
        guard=Guard(unless=("ship",)),
    ),
    TermEntry("老铁", "loyal fan", admitted=("loyal-fan",), forbidden=(Forbidden("old iron"), Forbidden("Lao Tie"))),
    TermEntry("瓜", "piece of gossip", forbidden=(Forbidden("melon"),), guard=Guard(when=("entertainment circle",))),
    TermEntry("流量", "traffic", forbidden=(Forbidden("flow"),), guard=Guard(when=("merchant", "platform"))),
    TermEntry("刷礼物", "send virtual gifts", forbidden=(Forbidden("brush gifts"),), kind=Kind.VERB),
    TermEntry("下沉市场", "lower-tier market", forbidden=(Forbidden("sinking market"),)),
    TermEntry("拼多多", "Pinduoduo", forbidden=(Forbidden("fight more"),), kind=Kind.NAME, case=CaseRule.FIXED,
              domain="short-video", guard=Guard(unless=("sibling",))),
    TermEntry("退网", "quit the internet", forbidden=(Forbidden("quit the network"),), kind=Kind.VERB),
    TermEntry("独立博主", "independent blogger", forbidden=(Forbidden("self-media person"),)),
)  # fmt: skip
CONTEXTS = {"general": Context(strong=("Taobao", "yuan", "livestream"), weak=("profit", "user", "listing"))}


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return Glossary.of(ENTRIES, CONTEXTS)


@pytest.fixture(scope="session")
def repairer(glossary: Glossary) -> Repairer:
    return Repairer(glossary)
