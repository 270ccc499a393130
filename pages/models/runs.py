"""Placeholder until its part lands."""

from lab import ui

ui.head("runs", "In the making.")
