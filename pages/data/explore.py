"""Placeholder until its part lands."""

from lab import ui

ui.head("explore", "In the making.")
