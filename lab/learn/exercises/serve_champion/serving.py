"""The endpoint under test: is it the champion, does it answer as it should, and fast enough."""

import time
from typing import Any

import requests

from lab.core.errors import LabError
from lab.flows.endpoints import endpoints
from lab.flows.model_versions import champion_number
from lab.flows.serve import sample_rows
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.serve_champion.world import chosen, model
from lab.mlops.serving.endpoint import EndpointInfo, invoke, reason_of

ROWS, RELATIVE = 100, 1e-6
REQUESTS, ROUNDS, SLOWEST = 40, 3, 2  # two of forty may be slower: the 95th percentile
FAST_MS, BUSY_MS, BUSY_MACHINE_MS = 100.0, 250.0, 40.0
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
    """The 95th percentile of single requests; a busy machine is measured and allowed more."""
    row = sample_rows(task.ws, info.model, info.version, 1)
    alone = _alone(task, row)
    allowed = FAST_MS if alone < BUSY_MACHINE_MS else BUSY_MS
    best = float("inf")
    for _ in range(ROUNDS):
        best = min(best, _round(info, row, allowed))
        if best <= allowed:
            break
    expected = f"19 of 20 answers within {allowed:.0f} ms"
    said = f"{best:.0f} ms; the model alone takes {alone:.0f} ms on this machine"
    return judge("latency", best <= allowed, expected, said, f"{info.url}/metrics")


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


def _alone(task: Task, row: list[dict[str, Any]]) -> float:
    """The 95th percentile of the model without a server, in milliseconds."""
    import pandas as pd

    from lab.mlops.models.artifact import load_model

    local, frame, took = load_model(chosen(task).folder), pd.DataFrame(row), []
    for _ in range(REQUESTS // 2):
        began = time.perf_counter()
        local.predict(frame)
        took.append(time.perf_counter() - began)
    return sorted(took)[-SLOWEST] * 1000


def _round(info: EndpointInfo, row: list[dict[str, Any]], allowed: float) -> float:
    """The slowest but two of forty, in milliseconds; it ends as soon as it is lost."""
    session, took = _session(), []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        session.post(f"{info.url}/invocations", json={"dataframe_records": row}, timeout=10)
        took.append((time.perf_counter() - began) * 1000)
        if sum(each > allowed for each in took) > SLOWEST:
            break
    return sorted(took)[-SLOWEST - 1]


def _post(info: EndpointInfo, body: str) -> requests.Response:
    headers = {"Content-Type": "application/json"}
    return _session().post(f"{info.url}/invocations", data=body, headers=headers, timeout=10)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a loopback address never goes through a proxy
    return session
