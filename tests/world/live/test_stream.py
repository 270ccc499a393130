"""A bounded stream gives each event once, and says what it has lost."""

from hypothesis import given
from hypothesis import strategies as st

from lab.world.live.stream import Stream


@given(st.integers(1, 20), st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=20))
def test_each_event_is_read_once_in_order_or_counted_as_missed(keep, rounds):
    stream, cursor, added, read, missed = Stream(keep), 0, 0, [], 0
    for more, most in rounds:
        stream.add({"number": added + i + 1} for i in range(more))
        added += more
        batch = stream.after(cursor, most)
        assert len(batch.events) <= most
        read += [event["number"] for event in batch.events]
        cursor, missed = batch.cursor, missed + batch.missed
    rest = stream.after(cursor, 1000)
    read += [event["number"] for event in rest.events]
    assert read == sorted(set(read))
    assert len(read) + missed + rest.missed == added


def test_a_cursor_of_another_life_starts_anew():
    stream = Stream(5)
    stream.add([{"a": 1}])
    assert stream.after(99, 5).cursor == 1
    assert stream.newest(3) == ({"a": 1},)
