"""A small glossary for the scoring tests."""

from regloss.glossary.entry import CaseRule, Context, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.store import Glossary

ENTRIES = (
    TermEntry("快手", "Kuaishou", (), (Forbidden("quick hands"),), Kind.NAME, CaseRule.FIXED, "short-video"),
    TermEntry(
        "直播间", "livestream room", ("live room",), (Forbidden("broadcast closet"),), Kind.NOUN, domain="short-video"
    ),
    TermEntry("直播", "livestream", (), (Forbidden("direct seeding"),), Kind.NOUN, domain="short-video"),
    TermEntry(
        "抖音",
        "Douyin",
        (),
        (Forbidden("vibrato", guard=Guard(unless=("violin",), when=("app",))),),
        Kind.NAME,
        CaseRule.FIXED,
        "short-video",
    ),
)
GLOSSARY = Glossary(ENTRIES, "0123456789ab", {"short-video": Context(("livestream",))})
