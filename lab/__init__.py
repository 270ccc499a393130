"""The lab workbench as a module."""
