"""What the shop shows of itself: metrics, logs, traces, alerts, changes, orders and sales."""
