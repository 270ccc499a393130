"""What people break by changing something; each leaves a change record at its start."""

from lab.world.faults.fault import Effect, Fault, Health
from lab.world.faults.shown import DURATION, ERRORS_GONE, FAST_AGAIN, INNER, REQUESTS

FAULTS = (
    Fault(
        kind="bad_deploy",
        family="change",
        title="A bad deploy",
        note="A release fails a share of its requests and works harder for the others.",
        targets=INNER,
        minutes=(20, 120),
        effects=(Effect("error_rate", 0.6), Effect("slowdown", 1.8)),
        shows=REQUESTS,
        remedies=("roll_back",),
        healthy=ERRORS_GONE,
        change="deploy",
    ),
    Fault(
        kind="slow_deploy",
        family="change",
        title="A slow deploy",
        note="A release answers correctly and needs several times the CPU.",
        targets=INNER,
        minutes=(30, 180),
        effects=(Effect("slowdown", 6.0),),
        shows=DURATION,
        remedies=("roll_back", "scale"),
        healthy=FAST_AGAIN,
        change="deploy",
    ),
    Fault(
        kind="config_typo",
        family="change",
        title="A typing error in the configuration",
        note="A changed setting sends most requests astray one minute after it is read.",
        targets=INNER,
        minutes=(10, 60),
        effects=(Effect("error_rate", 0.9, delay_minutes=1),),
        shows=REQUESTS,
        remedies=("roll_back",),
        healthy=ERRORS_GONE,
        change="config",
    ),
    Fault(
        kind="bad_image_tag",
        family="change",
        title="An image that is not there",
        note="A rollout names an image that cannot be pulled; replicas leave one by one.",
        targets=INNER,
        minutes=(15, 90),
        effects=(Effect("replicas", 0.0, "ramp"),),
        shows="service_replicas",
        remedies=("roll_back",),
        healthy=Health("service_replicas", "value", above=1.5),
        change="deploy",
    ),
)
