"""Placeholder until its part lands."""

from lab import ui

ui.head("roadmap", "In the making.")
