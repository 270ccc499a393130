"""Silences hold back what they cover, and tell it when they are over."""

from datetime import UTC, datetime, timedelta

from lab.world.live.silences import Silences

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minute):
    return NOON + timedelta(minutes=minute)


def alert(minute, status="firing", starts=None, service="web", name="a"):
    return {"fingerprint": name, "status": status, "service": service, "instance": None,
            "received_at": at(minute).isoformat(),
            "starts_at": at(minute if starts is None else starts).isoformat()}  # fmt: skip


def silenced(target="web"):
    silences = Silences()
    silences.add(target, NOON)
    return silences


def test_others_are_told_and_the_whole_shop_covers_all():
    other = alert(5, service="cart")
    assert silenced().told([other], at(6)) == [other]
    assert silenced("shop").told([other], at(6)) == []


def test_what_begins_and_ends_under_it_is_never_told():
    silences = silenced()
    assert silences.told([alert(5)], at(6)) == []
    assert silences.told([alert(9, "resolved", starts=5)], at(10)) == []
    assert silences.told([], at(90)) == []


def test_what_goes_on_is_told_once_when_it_is_over():
    silences = silenced()
    silences.told([alert(5)], at(6))
    (told,) = silences.told([], at(60))
    assert (told["status"], told["received_at"]) == ("firing", at(60).isoformat())
    assert silences.told([], at(61)) == []


def test_the_end_of_what_was_told_before_is_told():
    silences = silenced()
    silences.told([alert(2, starts=-30), alert(9, "resolved", starts=-30)], at(10))
    (told,) = silences.told([], at(60))
    assert told["status"] == "resolved"


def test_all_come_in_order_of_time():
    silences = silenced()
    silences.told([alert(5)], at(6))
    later = alert(70, service="cart", name="b")
    assert [one["fingerprint"] for one in silences.told([later], at(80))] == ["a", "b"]


def test_after_it_everything_is_told():
    assert len(silenced().told([alert(60)], at(61))) == 1
