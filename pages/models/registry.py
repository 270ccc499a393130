"""Placeholder until its part lands."""

from lab import ui

ui.head("registry", "In the making.")
