"""Exercise: anomalies in infrastructure metrics."""
