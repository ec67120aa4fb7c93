"""The colours that stand beside each other, as people with each of the common colour blindnesses see them."""

from itertools import combinations

import pytest

from dashboard import present

# What is left of light, as red, green and blue: Machado, Oliveira and Fernandes 2009, the whole of a kind of cone missing.
SEEN = {
    "by most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "without green cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "without blue cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)
TOGETHER = {
    "lines": present.SERIES, "parts of a bar": present.PARTS,
    "verdicts": [colour for _, colour in present.VERDICTS.values()], "checks": [colour for _, colour in present.STATUSES.values()],
    "sizes": present.SIZE_STATUSES.values(),
}


def times(matrix: tuple, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour: str, seen: str) -> tuple[float, float, float]:
    """CIE L*a*b* of #rrggbb as it is seen."""
    coded = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = times(SEEN[seen], [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in coded])
    parts = [part / white for part, white in zip(times(XYZ, [min(1, max(0, one)) for one in light]), WHITE, strict=True)]
    x, y, z = (part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29 for part in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, seen: str) -> float:
    """CIE76: from about 2 on a difference is noticed, from 10 on at a glance."""
    return sum((a - b) ** 2 for a, b in zip(lab(one, seen), lab(other, seen), strict=True)) ** 0.5


def test_the_measure_is_right():
    assert lab("#FFFFFF", "by most") == pytest.approx((100, 0, 0), abs=0.01)
    assert lab("#FF0000", "by most") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert apart("#CC3333", "#339933", "by most") > 90 and apart("#997A00", "#B8641F", "without green cones") < 20


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("what", TOGETHER)
def test_colours_beside_each_other_are_told_apart(what, seen):
    for one, other in combinations(dict.fromkeys(TOGETHER[what]), 2):
        assert apart(one, other, seen) > 10, f"{one} and {other}, {seen}"
