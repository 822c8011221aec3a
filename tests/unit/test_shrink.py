from jupyter_live.testing.shrink import shrink


def test_only_the_steps_that_make_it_fail_are_left() -> None:
    tried: list[list[int]] = []

    def fails(steps: list[int]) -> bool:
        tried.append(steps)
        return {3, 50, 51, 97} <= set(steps)

    assert shrink(range(100), fails) == [3, 50, 51, 97]
    assert len(tried) < 150


def test_what_cannot_be_shortened_stays() -> None:
    assert shrink([1, 2, 3], lambda steps: steps == [1, 2, 3]) == [1, 2, 3]
    assert shrink([1], lambda steps: True) == [1]
