"""More customers than usual, wanted or not."""

from lab.world.faults.fault import Effect, Fault, Health
from lab.world.faults.shown import REQUESTS

FAULTS = (
    Fault(
        kind="sale_day",
        family="load",
        title="Sale day",
        note="Three times the customers, which is good news as long as the shop holds.",
        targets=("edge",),
        minutes=(240, 960),
        effects=(Effect("demand", 3.0),),
        shows=REQUESTS,
        remedies=("scale", "wait"),
        healthy=Health(REQUESTS, "error_ratio", below=0.03),
    ),
    Fault(
        kind="flood",
        family="load",
        title="A tenfold flood",
        note="Ten times the usual requests arrive, more than the shop can bear.",
        targets=("edge",),
        minutes=(15, 60),
        effects=(Effect("demand", 10.0),),
        shows=REQUESTS,
        remedies=("shed_load", "scale", "wait"),
        healthy=Health(REQUESTS, "error_ratio", below=0.03),
    ),
)
