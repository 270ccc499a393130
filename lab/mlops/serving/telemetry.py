"""What an endpoint tells Prometheus: requests, latency, predictions, and which model answers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.mlops.models.manifest import Manifest

ROUTES = frozenset({"/ping", "/health", "/version", "/invocations", "/metrics"})
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """The counters of one app, in a registry of their own so that two apps never mix.

    Routes are a fixed set and unknown paths count as ``other``: a scanner cannot grow the
    number of series.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
        from prometheus_client.process_collector import ProcessCollector

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "lab_serving_requests", "Requests answered.", ["route", "code"], registry=self.registry
        )
        self.latency = Histogram(
            "lab_serving_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ["route"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.predictions = Counter(
            "lab_serving_predictions", "Rows predicted.", registry=self.registry
        )
        self.ready = Gauge(
            "lab_serving_ready", "1 when the model is loaded.", registry=self.registry
        )
        self.model = Info("lab_serving_model", "The model that answers.", registry=self.registry)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        route = path if path in ROUTES else "other"
        self.requests.labels(route, str(status)).inc()
        self.latency.labels(route).observe(seconds)

    def loaded(self, manifest: "Manifest", fingerprint: str) -> None:
        """Name the model that answers from now on."""
        self.model.info({
            "model": manifest.name,
            "version": manifest.version or "",
            "run_id": manifest.run_id or "",
            "flavor": manifest.flavor,
            "fingerprint": fingerprint,
        })  # fmt: skip
        self.ready.set(1)

    def exposition(self) -> tuple[bytes, str]:
        """The page Prometheus scrapes, and its content type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self.registry), CONTENT_TYPE_LATEST
