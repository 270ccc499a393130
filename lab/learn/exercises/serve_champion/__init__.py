"""Serve the champion, and batch beside it."""
