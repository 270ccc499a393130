"""Placeholder until its part lands."""

from lab import ui

ui.head("doctor", "In the making.")
