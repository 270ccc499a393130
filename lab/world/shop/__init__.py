"""The shop as a system: services that call each other, on hosts, under a workload."""
