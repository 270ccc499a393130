"""Models behind an HTTP address, in a hardened container or a local process.

Every endpoint speaks MLflow's scoring protocol (``/ping``, ``/health``, ``/version``,
``/invocations``) and Prometheus' (``/metrics``). The server side (``server``, ``scoring``,
``telemetry``) runs with a handful of packages and knows no tracker, store or page.
"""
