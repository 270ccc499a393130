"""What makes a model wrong while every service answers."""

from lab.world.faults.fault import Effect, Fault, Health
from lab.world.faults.shown import DAY

WEEKS = (3 * DAY, 14 * DAY)
GOOD_ENOUGH = Health("predictions.prediction", "F1 by the labels", above=0.7, minutes=DAY)


def _drift(kind: str, title: str, note: str, effect: Effect) -> Fault:
    return Fault(
        kind=kind,
        family="model",
        title=title,
        note=note,
        targets=("order_labels",),
        minutes=WEEKS,
        effects=(effect,),
        shows="order_labels.fraud",
        remedies=("retrain", "roll_back"),
        healthy=GOOD_ENOUGH,
    )


FAULTS = (
    Fault(
        kind="covariate_drift",
        family="model",
        title="Customers buy differently",
        note="Baskets grow, while what makes an order fraudulent stays the same.",
        targets=("orders",),
        minutes=WEEKS,
        effects=(Effect("covariate_shift", 2.0),),
        shows="orders.items",
        remedies=("retrain",),
        healthy=Health("orders.items", "mean", below=6, minutes=DAY),
    ),
    _drift(
        "prediction_drift",
        "There is more fraud",
        "The share of fraudulent orders rises, and with it what the model predicts.",
        Effect("prior_shift", 0.3),
    ),
    _drift(
        "concept_drift_sudden",
        "Fraud changes overnight",
        "What marked fraud yesterday does not mark it today.",
        Effect("concept_shift", 1.0),
    ),
    _drift(
        "concept_drift_gradual",
        "Fraud changes slowly",
        "Fraud changes its habits a little every day until the old marks are useless.",
        Effect("concept_shift", 1.0, "ramp"),
    ),
    _drift(
        "concept_drift_seasonal",
        "Fraud changes with the hour",
        "Around noon fraud looks different from at night, and back again.",
        Effect("concept_shift", 1.0, "daily"),
    ),
    _drift(
        "concept_drift_segment",
        "Fraud changes in one country",
        "Only one country changes, and the overall score hardly moves.",
        Effect("segment_shift", 1.0),
    ),
    Fault(
        kind="serving_skew",
        family="model",
        title="Serving prepares data differently",
        note="The served amounts are off, although those learnt from were right.",
        targets=("orders",),
        minutes=WEEKS,
        effects=(Effect("serving_skew", 0.5),),
        shows="orders.served_amount",
        remedies=("roll_back",),
        healthy=Health("orders.served_amount", "difference to amount", below=0.01),
        change="deploy",
    ),
    Fault(
        kind="slow_labels",
        family="model",
        title="Labels come late",
        note="The truth about orders arrives days later than usual.",
        targets=("order_labels",),
        minutes=WEEKS,
        effects=(Effect("label_delay_days", 14.0),),
        shows="order_labels.labelled_at",
        remedies=("wait",),
        healthy=Health("order_labels.labelled_at", "days since the order", below=8, minutes=DAY),
    ),
    Fault(
        kind="missing_labels",
        family="model",
        title="Labels never come",
        note="The truth about a share of the orders is lost.",
        targets=("order_labels",),
        minutes=WEEKS,
        effects=(Effect("label_loss", 0.9),),
        shows="order_labels",
        remedies=("wait",),
        healthy=Health("order_labels", "share of orders without", below=0.05, minutes=DAY),
    ),
)
