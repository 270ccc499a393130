"""What the hosts of the shop do, how large they are and how hard they work."""

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True)
class Role:
    """A kind of host.

    Attributes:
        name: What it does.
        cores: CPU cores.
        memory: Bytes of memory.
        disk: Bytes of the root file system.
        traffic: Bytes received per second at a weekday's peak.
        floor: Share of that peak that remains at night, 0 to 1.
        weekend: Factor at the weekend.
        idle_cpu: CPU share without traffic, 0 to 1.
        traffic_cpu: CPU share that peak traffic adds, 0 to 1.
        memory_share: Share of memory in use without traffic, 0 to 1.
        job_hour: UTC hour of the nightly job, or -1 for none.
        job_minutes: How long it runs.
        job_cpu: CPU share it adds, 0 to 1.
    """

    name: str
    cores: int
    memory: int
    disk: int
    traffic: float
    floor: float
    weekend: float
    idle_cpu: float
    traffic_cpu: float
    memory_share: float
    job_hour: int = -1
    job_minutes: int = 0
    job_cpu: float = 0.0


WEB = Role("web", 8, 16 * GIB, 80 * GIB, 6.0e6, 0.12, 0.70, 0.05, 0.42, 0.38)
API = Role("api", 8, 32 * GIB, 100 * GIB, 9.0e6, 0.18, 0.75, 0.08, 0.48, 0.45)
DATABASE = Role(
    "database", 16, 64 * GIB, 500 * GIB, 4.0e6, 0.25, 0.80, 0.10, 0.30, 0.62, 2, 45, 0.28
)
CACHE = Role("cache", 4, 32 * GIB, 60 * GIB, 12.0e6, 0.20, 0.75, 0.04, 0.26, 0.70)
BATCH = Role("batch", 16, 32 * GIB, 250 * GIB, 1.5e6, 0.40, 0.90, 0.12, 0.12, 0.30, 1, 170, 0.45)

ROLES = (WEB, WEB, WEB, API, API, DATABASE, DATABASE, CACHE, BATCH, API)


def role_of(number: int) -> Role:
    """Return the role of a host by its number, from 1; the row of ten repeats.

    >>> role_of(6).name, role_of(11).name
    ('database', 'web')
    """
    return ROLES[(number - 1) % len(ROLES)]
