import pytest

from tests.evaluate.figures import Better, intent_scores, macro_f1, share, wilson


@pytest.mark.parametrize(
    ("count", "rows", "low", "high"),
    # From the formula in Wilson (1927), as other statistics programs give them to four places.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 100, 0.0018, 0.0545)],
)
def test_wilson_intervals_are_those_of_the_books(count: int, rows: int, low: float, high: float) -> None:
    assert wilson(count, rows) == pytest.approx((low, high), abs=1e-4)


def test_without_rows_a_share_may_be_anything() -> None:
    figure = share("nothing", 0, 0, Better.LOWER)

    assert (figure.value, figure.low, figure.high) == (0.0, 0.0, 1.0)


def test_a_share_is_named_with_its_unit() -> None:
    figure = share("answered", 1, 4, Better.LOWER)

    assert (figure.name, figure.unit, figure.value, figure.count, figure.rows) == (
        "answered_share",
        "share",
        0.25,
        1,
        4,
    )


def test_f1_counts_misses_and_false_alarms_and_names_the_commonest_confusion() -> None:
    pairs = [("greet", "greet")] * 3 + [("greet", "thanks")] + [("thanks", "thanks")] * 2

    weakest, best = intent_scores(pairs)

    assert (weakest.intent, weakest.mostly_taken_for) == ("thanks", None)
    assert (best.intent, best.mostly_taken_for) == ("greet", "thanks")
    assert [weakest.f1, best.f1] == pytest.approx([4 / 5, 6 / 7])


def test_an_intent_that_nobody_asked_for_is_no_class_of_the_macro_mean() -> None:
    scores = intent_scores([("greet", "greet"), ("greet", "out_of_scope")])

    assert [score.intent for score in scores] == ["greet"]
    assert macro_f1(scores) == pytest.approx(2 / 3)
