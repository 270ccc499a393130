"""Which detectors there are for a person to choose from, and which cannot run here."""

RECOMMENDED = "seasonal_robust"


def detector_titles() -> dict[str, str]:
    """Title of each detector by name, the recommended first, the baseline last."""
    from lab.aiops.detect.base import detectors
    from lab.aiops.scan import BASELINE

    found = {name: kind.title for name, kind in detectors().items()}
    order = sorted(found, key=lambda name: (name == BASELINE, name != RECOMMENDED, name))
    return {name: found[name] for name in order}


def usable_detectors() -> dict[str, str]:
    """Title by name of the detectors that can run here."""
    return {name: title for name, title in detector_titles().items() if not _problem(name)}


def unusable_detectors() -> dict[str, str]:
    """Reason by title for the detectors that cannot run here."""
    return {title: _problem(name) for name, title in detector_titles().items() if _problem(name)}


def _problem(name: str) -> str:
    from lab.aiops.detect.keras_dense import available

    return available() if name == "autoencoder" else ""
