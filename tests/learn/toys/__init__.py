"""A tiny exercise, so that the engine is tested apart from any real one."""
