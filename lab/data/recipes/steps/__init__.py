"""The steps a recipe can have; a module with a ``STEPS`` is found by being here."""
