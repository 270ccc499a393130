"""The fault: one bit of the served copy flips, and the machine comes back from a restart."""

from lab.core.progress import Steps
from lab.core.workspace import Workspace
from lab.flows.endpoints import endpoints, remove
from lab.flows.serve import launch
from lab.mlops.serving.process import Processes


def damage(ws: Workspace, name: str) -> Steps[None]:
    """Leave one endpoint of a model, which refuses its damaged copy; the registry is untouched.

    Args:
        ws: The workspace.
        name: Registered name.
    """
    mine = [info for info in endpoints(ws) if info.model == name]
    if any(info.state == "refused" for info in mine):
        return
    local = [info for info in mine if info.state == "healthy" and info.backend == "process"]
    victim = local[0] if local else (yield from launch(ws, name, backend="process"))
    for info in mine:
        if info.id != victim.id:
            remove(ws, info.id)
    server = Processes(ws)
    server.stop(victim.id)
    copy = server.root / victim.id / "model" / "model.skops"
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(bytes(content))
    yield from server.restart(victim.id)
