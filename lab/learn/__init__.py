"""Learning by doing: exercises that are proven by the state of the workspace, not by ticks."""
