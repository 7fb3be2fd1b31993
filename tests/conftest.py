import time
from collections.abc import Callable

import pytest

Growth = Callable[[Callable[[int], object], int, int], float]


@pytest.fixture(scope="session")
def growth() -> Growth:
    """How many times as long a function takes for a larger size, by processor time.

    The best of three runs counts: whatever else a machine does can make a run longer, and nothing makes it shorter.
    """

    def seconds(work: Callable[[int], object], size: int) -> float:
        begun = time.process_time()
        work(size)
        return time.process_time() - begun

    def ratio(work: Callable[[int], object], small: int, large: int) -> float:
        least = [min(seconds(work, size) for _ in range(3)) for size in (small, large)]
        return least[1] / max(least[0], 0.005)

    return ratio
