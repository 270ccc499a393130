"""Placeholder until its part lands."""

from lab import ui

ui.head("drift", "In the making.")
