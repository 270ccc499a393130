"""Placeholder until its part lands."""

from lab import ui

ui.head("load", "In the making.")
