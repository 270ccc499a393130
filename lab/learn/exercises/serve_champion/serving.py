"""The endpoint under test: is it the champion, does it answer as it should, and fast enough."""

import time
from collections.abc import Callable
from statistics import median

import requests

from lab.core.errors import LabError
from lab.flows.endpoints import endpoints
from lab.flows.model_versions import champion_number
from lab.flows.serve import sample_rows
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.serve_champion.world import chosen, model
from lab.mlops.serving.endpoint import EndpointInfo, invoke, reason_of

ROWS, RELATIVE = 100, 1e-6
REQUESTS, ROUNDS, HOPELESS, SLOWEST = 40, 3, 5, 2  # two of forty may be slower: the 95th percentile
FAST_MS, BUSY_MS = 100.0, 40.0  # for an answer; from here on the same work alone says: busy
MALFORMED, STRANGE = '{"dataframe_records": [', '{"dataframe_records": [{"colour": "red"}]}'
KINDS = {"process": "a local process", "docker": "a container"}


def healthy(task: Task) -> tuple[Finding, EndpointInfo | None]:
    """The newest healthy endpoint of the champion, or what there is instead."""
    name, number = model(task), champion_number(task.ws, model(task))
    expected = f"a healthy endpoint of {name}, version {number}"
    found = endpoints(task.ws)
    mine = [info for info in found if info.model == name]
    up = [info for info in mine if info.state == "healthy"]
    for info in up:
        if info.version == number:
            said = f"healthy, version {number}, served by {KINDS[info.backend]}"
            return judge("endpoint", True, expected, said, info.url), info
    if up:
        said = f"version {up[0].version} is served, which is not the champion"
    elif mine:
        said = _state(mine[0])
    else:
        others = sorted({info.model for info in found if info.state == "healthy"})
        said = f"served: {', '.join(others)}" if others else "nothing is served"
    return judge("endpoint", False, expected, said), None


def fingerprint(task: Task, info: EndpointInfo) -> Finding:
    """Whether the server holds exactly the registered files."""
    from lab.mlops.models.artifact import fingerprint as named

    wanted = named(chosen(task).folder)
    served = str(_session().get(f"{info.url}/version", timeout=10).json().get("fingerprint", ""))
    said = served[:12] if served == wanted else f"{served[:12]}: other files under the same label"
    return judge("fingerprint", served == wanted, wanted[:12], said, f"{info.url}/version")


def same(task: Task, info: EndpointInfo) -> Finding:
    """Whether it answers as the registered model does on this machine."""
    import numpy as np
    import pandas as pd

    from lab.mlops.models.artifact import load_model

    rows = sample_rows(task.ws, info.model, info.version, ROWS)
    expected = f"{len(rows)} predictions equal to the registered model's"
    local = load_model(chosen(task).folder).predict(pd.DataFrame(rows))
    try:
        served = np.asarray(invoke(info.url, rows).predictions, dtype="float64")
    except LabError as error:
        return judge("same", False, expected, error.message)
    off = np.abs(served - local)
    equal = off <= RELATIVE * np.maximum(1.0, np.abs(local))
    said = "all equal" if equal.all() else f"{(~equal).sum()} differ, by up to {off.max():.3g}"
    return judge("same", bool(equal.all()), expected, said)


def refusals(info: EndpointInfo) -> Finding:
    """Whether bad requests are refused as what they are."""
    codes = tuple(_post(info, body).status_code for body in (MALFORMED, STRANGE))
    said = f"half a body got {codes[0]}, unknown columns got {codes[1]}"
    expected = "half a body gets 400, unknown columns get 422"
    return judge("refusals", codes == (400, 422), expected, said)


def latency(task: Task, info: EndpointInfo) -> Finding:
    """The 95th percentile of single requests; on a busy machine, the median beyond the same work.

    The same work is the model's own prediction and an empty answer. A busy machine delays whatever
    it likes for as long as it likes, so its percentile says nothing about the server.
    """
    ask, work = _ways(task, info)
    for _ in range(ROUNDS):
        took, alone = _round(ask, work)
        busy = _p95(alone) > BUSY_MS
        allowed = FAST_MS + busy * median(alone)
        found = median(took) if busy else _p95(took)
        if found <= allowed:
            break
    expected = f"{10 if busy else 19} of 20 answers within {allowed:.0f} ms"
    said = f"{found:.0f} ms; the same work alone takes {median(alone):.0f} ms on this machine"
    return judge("latency", found <= allowed, expected, said, f"{info.url}/metrics")


def retired(task: Task) -> Finding:
    """Whether what cannot answer was taken down."""
    refused = [i for i in endpoints(task.ws) if i.model == model(task) and i.state == "refused"]
    said = f"{len(refused)} of them still listed" if refused else "none"
    return judge("retired", not refused, "no endpoint that refuses its model", said)


def _state(info: EndpointInfo) -> str:
    if info.state != "refused":
        return f"its endpoint is {info.state}"
    reason = reason_of(info.url)[0].rpartition("is refused: ")[2]
    return f"its endpoint answers 503: {reason}"


def _ways(task: Task, info: EndpointInfo) -> tuple[Callable[[], object], Callable[[], object]]:
    """To ask the server for a prediction, and to do the same work without it."""
    import pandas as pd

    from lab.mlops.models.artifact import load_model

    row = sample_rows(task.ws, info.model, info.version, 1)
    session, local, frame = _session(), load_model(chosen(task).folder), pd.DataFrame(row)
    url, body = f"{info.url}/invocations", {"dataframe_records": row}

    def work() -> None:
        local.predict(frame)
        session.get(f"{info.url}/health", timeout=10)

    return lambda: session.post(url, json=body, timeout=10), work


def _round(
    ask: Callable[[], object], work: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Milliseconds of forty requests and of the same work after each; fewer if hopeless."""
    took: list[float] = []
    alone: list[float] = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        ask()
        answered = time.perf_counter()
        work()
        took.append((answered - began) * 1000)
        alone.append((time.perf_counter() - answered) * 1000)
        if len(took) == HOPELESS and min(took) > FAST_MS + max(alone):
            break
    return took, alone


def _p95(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[-SLOWEST - 1]


def _post(info: EndpointInfo, body: str) -> requests.Response:
    headers = {"Content-Type": "application/json"}
    return _session().post(f"{info.url}/invocations", data=body, headers=headers, timeout=10)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a loopback address never goes through a proxy
    return session
