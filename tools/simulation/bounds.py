"""How far chance alone takes a share from what it should be."""

import math

# What chance does to one figure in a thousand: half of it on each side.
TAIL = 0.0005


def binomial_bounds(trials: int, share: float, tail: float = TAIL) -> tuple[float, float]:
    """The lowest and the highest share of `trials` that are no surprise: beyond each lies a probability of at most
    `tail`."""

    def probability(count: int) -> float:
        return math.exp(
            math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
            + count * math.log(share) + (trials - count) * math.log1p(-share)
        )  # fmt: skip

    low, below = 0, probability(0)
    while below <= tail:
        low += 1
        below += probability(low)
    high, above = trials, probability(trials)
    while above <= tail:
        high -= 1
        above += probability(high)
    return low / trials, high / trials


def uniform_p_value(values: list[float]) -> float:
    """Kolmogorov's test of whether values are spread evenly over 0 to 1, by its limit for many values."""
    values, n = sorted(values), len(values)
    distance = max(max((i + 1) / n - value, value - i / n) for i, value in enumerate(values))
    scaled = distance * (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n))
    if scaled < 0.3:
        return 1.0
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101)))
