"""Shown parts add up to the shown score, whatever rounding does to each of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from health.scoring import share_out


def test_parts_of_a_full_score_are_their_points() -> None:
    parts = share_out(Decimal("85.3"), {"users": 25, "adoption": 19.5, "tickets": 16, "nps": 11.625, "logins": 13.2})

    # Of 85.325 points 85.3 are shown: floors leave 25.0 - 0.1 and so on; the largest remainders get it back.
    assert parts == {
        "users": Decimal("25.0"),
        "adoption": Decimal("19.5"),
        "tickets": Decimal("16.0"),
        "nps": Decimal("11.6"),
        "logins": Decimal("13.2"),
    }
    assert sum(parts.values()) == Decimal("85.3")


def test_parts_are_scaled_up_where_a_signal_is_missing() -> None:
    parts = share_out(Decimal("86.7"), {"users": 25, "adoption": 19.5, "tickets": 16, "logins": 13.2})

    # 86.7 / 73.7 = 1.17639...: 29.41, 22.94, 18.82, 15.53; floors 29.4 + 22.9 + 18.8 + 15.5 = 86.6,
    # the tenth left goes to adoption, whose remainder (0.04) is the largest
    assert list(parts.values()) == [Decimal("29.4"), Decimal("23.0"), Decimal("18.8"), Decimal("15.5")]


def test_nothing_earned_is_nothing_everywhere() -> None:
    assert share_out(Decimal("0.0"), {"users": 0, "nps": 0}) == {"users": Decimal(0), "nps": Decimal(0)}


@settings(deadline=None)
@given(
    st.decimals(0, 100, places=1),
    st.dictionaries(st.sampled_from("abcdefg"), st.floats(0.001, 25), min_size=1),
)
def test_parts_always_add_up(total: Decimal, points: dict[str, float]) -> None:
    parts = share_out(total, points)

    assert sum(parts.values()) == total
    assert all(part >= 0 for part in parts.values())


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.integers(1, 40), st.floats(0, 1)), min_size=1).filter(
        lambda parts: any(weight * share > 0.01 for weight, share in parts.values())
    )
)
def test_no_part_is_shown_larger_than_what_it_could_give(parts: dict[str, tuple[int, float]]) -> None:
    weights = {key: float(weight) for key, (weight, _) in parts.items()}
    points = {key: weight * share for key, (weight, share) in parts.items()}
    exact = Decimal(100 * sum(points.values()) / sum(weights.values()))
    score = min(exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP), Decimal(100))
    most = share_out(Decimal("100.0"), weights)

    shares = share_out(score, points, at_most=most)

    assert sum(most.values()) == 100
    assert sum(shares.values()) == score
    assert all(shares[key] <= most[key] for key in shares)


def test_what_rounding_left_for_parts_of_nothing_is_not_lost() -> None:
    assert share_out(Decimal("0.1"), {"a": 0.0, "b": 0.0}) == {"a": Decimal("0.1"), "b": Decimal("0.0")}
