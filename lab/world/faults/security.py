"""What an attacker or a careless colleague leaves behind.

A pickle that runs code and a model file that is damaged cannot be seen through any lens of the
shop; both belong to the model registry, which refuses them.
"""

from lab.world.faults.fault import Effect, Fault, Health
from lab.world.faults.shown import INNER

FAULTS = (
    Fault(
        kind="leaked_key",
        family="security",
        title="A key is leaked",
        note="An access key appears in log lines that many can read.",
        targets=("payment", *(name for name in INNER if name != "payment")),
        minutes=(30, 240),
        effects=(Effect("leaked_key", 1.0),),
        shows="logs.message",
        remedies=("rotate_key",),
        healthy=Health("logs.message", "lines with a key", below=0.5),
    ),
    Fault(
        kind="tampered_artefact",
        family="security",
        title="An artefact was tampered with",
        note="A service runs what was never released; no change record says why.",
        targets=INNER,
        minutes=(60, 480),
        effects=(Effect("digest_differs", 1.0),),
        shows="app_build_info",
        remedies=("roll_back", "rotate_key"),
        healthy=Health("app_build_info", "digests no change names", below=0.5),
    ),
)
