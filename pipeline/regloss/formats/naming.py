"""Finding the source file of a target file by its name.

The language stands in the name as its own part (``article.en.md``, ``article-en.md``, ``article_en.md``) or is the
name of a folder (``en/article.md``); the source has a Chinese code in the same place.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["pair_source"]

_CHINESE = (
    "zh", "zh-CN", "zh_CN", "zh-Hans", "zh-TW", "zh_TW", "zh-HK", "zh_HK", "zh-Hant", "cn", "chs", "cht", "zho", "chi",
)  # fmt: skip
_ENGLISH = re.compile(r"(?i)en(?:[-_](?:US|GB|AU|CA|HK|SG))?|eng")
_TAG = re.compile(r"(?i)(?<=[._-])(?:en(?:[-_](?:US|GB|AU|CA|HK|SG))?|eng)(?=[._-]|$)")


def pair_source(
    target: Path, sources: Path | None = None, is_file: Callable[[Path], bool] = Path.is_file
) -> Path | None:
    """Return the Chinese file that belongs to an English one, or None.

    Args:
        target: the English file; need not exist.
        sources: the folder to look in. None: the target's own folder, or the Chinese folder beside an English one.
            In a folder of its own, the source may also have the very name of the target.
        is_file: tells whether there is such a file, for paths that are looked for elsewhere than on this machine.
    """
    found = (path for path in _candidates(target, sources) if path != target and is_file(path))
    return next(found, None)


def _candidates(target: Path, sources: Path | None) -> Iterator[Path]:
    names = list(_source_names(target.name))
    folder = target.parent if sources is None else sources
    yield from (folder / name for name in names)
    if sources is not None:
        yield folder / target.name
    elif _ENGLISH.fullmatch(target.parent.name):
        for code in _CHINESE:
            yield from (target.parent.with_name(code) / name for name in (target.name, *names))


def _source_names(name: str) -> Iterator[str]:
    """Yield the name with the last language tag in it replaced by each Chinese code."""
    tags = list(_TAG.finditer(name))
    if tags:
        start, end = tags[-1].span()
        yield from (name[:start] + code + name[end:] for code in _CHINESE)
