"""Row ids sort by the time they were made."""

from concurrent.futures import ThreadPoolExecutor

from bot.domain.ids import new_id


def test_ids_are_version_7_and_rise() -> None:
    ids = [new_id() for _ in range(5000)]
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {"specified in RFC 4122"}
    assert ids == sorted(ids)


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for batch in pool.map(lambda _: [new_id() for _ in range(2000)], range(4)) for one in batch]
    assert len(set(made)) == 8000
