"""One file per kind of model; each holds ``MODEL``, found by its place here."""
