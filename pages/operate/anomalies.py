"""Placeholder until its part lands."""

from lab import ui

ui.head("anomalies", "In the making.")
