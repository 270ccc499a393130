"""Placeholder until its part lands."""

from lab import ui

ui.head("train", "In the making.")
