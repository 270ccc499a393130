"""What faults would look like on one host, before anything is written or learnt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.core.errors import unknown
from lab.core.workspace import Workspace
from lab.flows.metric_hosts import ALL, hosts
from lab.flows.overlay_plan import host_samples, laying_ground
from lab.flows.rehearsed import AROUND, LEAST_MINUTES, CloseUp

if TYPE_CHECKING:
    import pandas as pd

    from lab.world.overlay.plan import Overlay


def host_names(ws: Workspace, dataset: str) -> dict[str, str]:
    """Hosts of a data set, sorted, and what to call each; series without one stand together."""
    names = [host.name for host in hosts(ws, dataset)]
    return {name: "All series" if name == ALL else name for name in names}


def preview(
    ws: Workspace,
    dataset: str,
    host: str,
    faults: Sequence[str],
    severity: float,
    *,
    metrics: Sequence[str] | None = None,
    seed: int = 1,
) -> list[CloseUp]:
    """Lay each fault over one host by itself, on paper.

    Args:
        ws: The workspace.
        dataset: Data set with metrics.
        host: One of its hosts.
        faults: Kinds of faults; those that strike nothing there are left out.
        severity: Above 0, to 1.
        metrics: Metrics to lay them over; all when not given.
        seed: What draws times.

    Returns:
        One close-up for each fault, in the order of the catalogue.

    Raises:
        NotFound: There is no such data set, metric, host or fault.
    """
    from lab.world.overlay.effects import LAID
    from lab.world.overlay.laying import lay
    from lab.world.overlay.plan import plan

    ground = laying_ground(ws, dataset, metrics)
    if host not in ground.hosts:
        raise unknown("host", host, ground.hosts)
    samples = host_samples(ws, ground, host)
    mine = {host: ground.hosts[host]}
    shown = []
    for kind in sorted(faults, key=list(LAID).index):
        for each in plan(mine, [kind], [severity], ground.window, seed):
            ids = [touch.series.series_id for touch in each.touches]
            struck = samples[samples["series_id"].isin(ids)]
            changed = lay(struck, [each], ground.window.step_seconds)
            shown += [_close_up(struck, changed.samples, one) for one in changed.overlays]
    return shown


def _close_up(struck: "pd.DataFrame", changed: "pd.DataFrame", overlay: "Overlay") -> CloseUp:
    import pandas as pd

    from lab.world.overlay.effects import laid
    from lab.world.overlay.meaning import is_counter

    main = overlay.touches[0].series
    start, end = pd.Timestamp(overlay.start), pd.Timestamp(overlay.end)
    around = AROUND * max(end - start, pd.Timedelta(minutes=LEAST_MINUTES))
    before = struck[struck["series_id"] == main.series_id].set_index("timestamp")["value"]
    new = changed[changed["series_id"] == main.series_id].set_index("timestamp")["value"]
    after = before.mask(before.index.isin(new.index), new.reindex(before.index))
    samples = pd.DataFrame({"before": before, "after": after})
    samples = samples.diff() if is_counter(main.metric) else samples
    samples = samples.loc[start - around : end + around].reset_index()
    title = laid(overlay.kind).title
    return CloseUp(title, main.metric, "", main.metric, samples, start, end)
