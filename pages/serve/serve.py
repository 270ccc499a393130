"""Placeholder until its part lands."""

from lab import ui

ui.head("serve", "In the making.")
