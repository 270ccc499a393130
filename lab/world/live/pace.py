"""How world time runs: faster than the wall clock until it has caught up, then with it.

Prometheus takes no samples from the future, and a world that lies hours back at the start has
room to run fast. So the world begins some hours ago, runs at its speed, and never passes the
present.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lab.core.errors import BadInput

FASTEST = 3600.0


@dataclass(frozen=True)
class Pace:
    """World time as a function of wall time.

    Args:
        world: World time when it was last set, UTC.
        wall: Wall time at that moment, UTC.
        speed: World seconds in a second; 0 stands still.
    """

    world: datetime
    wall: datetime
    speed: float

    def at(self, now: datetime) -> datetime:
        """World time at a moment; it never runs backwards, nor past the present.

        Args:
            now: The present, UTC.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 3, 9, 12, tzinfo=UTC)
        >>> pace = Pace(noon - timedelta(hours=2), noon, 60.0)
        >>> str(pace.at(noon + timedelta(seconds=30)).time())
        '10:30:00'
        >>> str(pace.at(noon + timedelta(minutes=5)).time())
        '12:05:00'
        """
        passed = max(timedelta(0), now - self.wall) * self.speed
        return max(self.world, min(now, self.world + passed))

    def caught_up(self, now: datetime) -> bool:
        """Whether world time is the present."""
        return self.at(now) >= now

    def changed(self, now: datetime, speed: float) -> "Pace":
        """The same world from now on at another speed.

        Args:
            now: The present, UTC.
            speed: World seconds in a second, 0 to 3600.

        Raises:
            BadInput: The speed is out of range.
        """
        checked_speed(speed)
        return replace(self, world=self.at(now), wall=now, speed=speed)


def checked_speed(speed: float) -> float:
    """Return a speed the world can run at.

    Raises:
        BadInput: It is below 0 or above 3600.
    """
    if not 0 <= speed <= FASTEST:
        raise BadInput(
            f"The world cannot run at {speed:g} times.", f"Choose a speed from 0 to {FASTEST:g}."
        )
    return speed
