"""Queries worth trying: for each table, what one answers, and the query."""

EXAMPLES = {
    "observations": (
        "Mean of each metric by host",
        "SELECT metric, labels::JSON ->> 'instance' AS host, round(avg(value), 3) AS mean\n"
        "FROM observations JOIN series USING (dataset, series_id)\n"
        "GROUP BY ALL ORDER BY ALL",
    ),
    "incidents": (
        "Labelled incidents, longest first",
        'SELECT instance, kind, start, "end" - start AS lasted\n'
        "FROM incidents\nORDER BY lasted DESC",
    ),
    "sales": (
        "Units sold by month and store",
        "SELECT date_trunc('month', date) AS month, store, sum(units) AS units\n"
        "FROM sales\nGROUP BY ALL ORDER BY ALL",
    ),
    "logs": (
        "Errors by service and hour",
        "SELECT time_bucket(INTERVAL 1 HOUR, timestamp) AS hour, service,\n"
        "  round(sum(weight * (level = 'ERROR')::INT)) AS failed_requests\n"
        "FROM logs WHERE trace_id IS NOT NULL\nGROUP BY ALL ORDER BY ALL",
    ),
    "spans": (
        "Slowest operations",
        "SELECT service, operation, round(quantile_cont(duration_ms, 0.95), 1) AS p95_ms\n"
        "FROM spans\nGROUP BY ALL ORDER BY p95_ms DESC",
    ),
    "alerts": (
        "Notifications by alert",
        "SELECT alertname, coalesce(service, instance) AS subject, severity,\n"
        "  count(DISTINCT starts_at) AS firings, count(*) AS notifications\n"
        "FROM alerts\nGROUP BY ALL ORDER BY notifications DESC",
    ),
    "changes": (
        "Changes before each alert",
        "SELECT a.alertname, a.service, a.starts_at, c.kind, c.service AS changed, c.summary,\n"
        "  a.starts_at - c.timestamp AS before\n"
        "FROM (SELECT DISTINCT alertname, service, starts_at FROM alerts) a\n"
        "ASOF JOIN changes c ON a.starts_at >= c.timestamp\nORDER BY a.starts_at",
    ),
    "order_labels": (
        "Fraud by way of payment",
        "SELECT payment_method, count(*) AS orders, round(100.0 * avg(fraud::INT), 2) AS percent\n"
        "FROM orders JOIN order_labels USING (dataset, order_id)\n"
        "GROUP BY ALL ORDER BY percent DESC",
    ),
    "daily_sales": (
        "Units sold by day and store",
        "SELECT date, store, sum(units) AS units\nFROM daily_sales\nGROUP BY ALL ORDER BY ALL",
    ),
    "loads": (
        "What was loaded, newest first",
        "SELECT loaded_at, dataset, source, rows_loaded, rows_rejected\n"
        "FROM loads\nORDER BY loaded_at DESC",
    ),
    "rejects": (
        "Why rows were turned away",
        "SELECT dataset, reason, count(*) AS rows\nFROM rejects JOIN loads USING (load_id)\n"
        "GROUP BY ALL ORDER BY rows DESC",
    ),
}
