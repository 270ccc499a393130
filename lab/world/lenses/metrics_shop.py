"""What single nodes show beyond what all do: customers, orders, cache, queue, pool."""

from lab.world.lenses.metrics_nodes import Target
from lab.world.lenses.samples import Series
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import NODE_AT, NODES


def shop_series(run: ShopRun, nodes: list[Target]) -> list[Series]:
    """Return the series that only one node has.

    Args:
        run: What happened.
        nodes: The nodes; their counters go on.

    Returns:
        The series.
    """
    flows = run.flows
    edge, cart, payment, cache, queue, database = (
        nodes[NODE_AT[name]] for name in ("edge", "cart", "payment", "cache", "queue", "database")
    )
    pool = NODES[database.place].workers * flows.replicas[:, database.place]
    return [
        edge.counter("shop_sessions_total", flows.sessions),
        cart.counter("shop_checkouts_total", flows.checkouts),
        payment.counter("shop_orders_total", flows.orders),
        cache.counter("cache_hits_total", flows.cache_hits),
        cache.counter("cache_misses_total", flows.cache_misses),
        queue.gauge("queue_depth", flows.queue_depth),
        queue.gauge("queue_oldest_message_age_seconds", flows.queue_age_seconds),
        database.gauge("db_pool_connections_in_use", flows.pool_in_use.round(4)),
        database.gauge("db_pool_connections_max", pool),
    ]
