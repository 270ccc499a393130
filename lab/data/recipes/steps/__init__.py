"""The steps a recipe can have; a module with a ``STEP`` is found by being here."""
