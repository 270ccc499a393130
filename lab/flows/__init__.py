"""The use cases: the only place where compute meets store, tracker and containers."""
