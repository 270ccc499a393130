"""What goes wrong with alerts, whatever they are about."""

from lab.world.faults.fault import Effect, Fault, Health

FAULTS = (
    Fault(
        kind="alert_storm",
        family="alerts",
        title="An alert storm",
        note="Dozens of alerts about nothing arrive in every minute.",
        targets=("alerts",),
        minutes=(10, 60),
        effects=(Effect("alert_noise", 40.0), Effect("alert_repeats", 3.0)),
        shows="alerts",
        remedies=("silence", "wait"),
        healthy=Health("alerts", "notifications a minute", below=5),
    ),
    Fault(
        kind="flapping_alerts",
        family="alerts",
        title="Alerts flap",
        note="Alerts resolve and fire again every few minutes, a ticket each time.",
        targets=("alerts",),
        minutes=(30, 120),
        effects=(Effect("alert_flapping", 0.8),),
        shows="alerts.status",
        remedies=("silence", "wait"),
        healthy=Health("alerts.status", "share that is resolved", below=0.2),
    ),
    Fault(
        kind="duplicate_alerts",
        family="alerts",
        title="Alerts are sent again and again",
        note="Every alert is delivered many times over.",
        targets=("alerts",),
        minutes=(30, 180),
        effects=(Effect("alert_repeats", 12.0),),
        shows="alerts.fingerprint",
        remedies=("silence", "wait"),
        healthy=Health("alerts.fingerprint", "share that is repeated", below=0.1),
    ),
    Fault(
        kind="late_alerts",
        family="alerts",
        title="Alerts arrive late",
        note="Alerts are held up and arrive in the wrong order.",
        targets=("alerts",),
        minutes=(30, 180),
        effects=(Effect("alert_delay_seconds", 1200.0),),
        shows="alerts.received_at",
        remedies=("wait",),
        healthy=Health("alerts.received_at", "seconds since evaluation", below=60),
    ),
)
