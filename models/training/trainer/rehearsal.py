"""A corpus of some hundred made-up pairs, in the form of the real one, to rehearse every stage with (CC0-1.0)."""

import itertools
import lzma
import random
from pathlib import Path

__all__ = ["write_rehearsal_corpus"]

_WHO = {
    "主播": "the streamer",
    "商家": "the merchant",
    "品牌": "the brand",
    "平台": "the platform",
    "粉丝": "the fan",
    "经销商": "the dealer",
    "工厂": "the factory",
    "银行": "the bank",
}
_DID = {
    "讨论了": "discussed",
    "降低了": "lowered",
    "公布了": "published",
    "检查了": "checked",
    "提高了": "raised",
    "解释了": "explained",
}
_WHAT = {
    "价格": "the price",
    "库存": "the inventory",
    "利润": "the profit",
    "佣金": "the commission",
    "计划": "the plan",
    "订单": "the order",
    "合同": "the contract",
}
_WHEN = {"昨天": "yesterday", "周一": "on Monday", "今年": "this year", "去年": "last year"}
_NAMES = {"北京": "Beijing", "上海": "Shanghai", "南京": "Nanjing", "广州": "Guangzhou", "伦敦": "London"}
_SHARES = {"authored": 0.3, "tatoeba": 0.4, "ms_docs": 0.3}


def write_rehearsal_corpus(folder: Path, seed: int) -> None:
    """Write training and validation files of some 500 and 40 pairs into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    combinations = list(itertools.product(_WHO, _DID, _WHAT, _WHEN, _NAMES))
    sentences = [_pair(rng, *chosen) for chosen in rng.sample(combinations, 540)]
    sets = {"authored-valid": sentences[:20], "valid": sentences[20:40]}
    training = sentences[40:]
    start = 0
    by_origin: dict[str, list[tuple[str, str]]] = {}
    for origin, share in _SHARES.items():
        end = start + int(share * len(training))
        by_origin[origin] = training[start:end]
        start = end
    glosses = {**_WHO, **_WHAT, **_NAMES}
    by_origin["cedict"] = [(source, target.removeprefix("the ")) for source, target in glosses.items()]
    for name, pairs in sets.items():
        (folder / f"zh-en.{name}.tsv").write_text(_lines(pairs, "authored"), encoding="utf-8")
    (folder / "zh-en.authored.tsv").write_text(_lines(by_origin.pop("authored"), "authored"), encoding="utf-8")
    core = "".join(_lines(pairs, origin) for origin, pairs in by_origin.items())
    with lzma.open(folder / "zh-en.core.tsv.xz", "wt", encoding="utf-8") as stream:
        stream.write(core)


def _pair(rng: random.Random, who: str, did: str, what: str, when: str, name: str) -> tuple[str, str]:
    number = rng.randint(2, 99)
    if rng.random() < 0.5:
        source = f"{when}，{name}的{who}{did}{what}。"
        target = f"{_WHO[who]} in {_NAMES[name]} {_DID[did]} {_WHAT[what]} {_WHEN[when]}."
    else:
        source = f"{name}的{number}名{who}{when}{did}{what}。"
        target = (
            f"{number} {_WHO[who].removeprefix('the ')}s in {_NAMES[name]} {_DID[did]} {_WHAT[what]} {_WHEN[when]}."
        )
    return source, target[0].upper() + target[1:]


def _lines(pairs: list[tuple[str, str]], origin: str) -> str:
    return "".join(f"{source}\t{target}\t{origin}\n" for source, target in pairs)
