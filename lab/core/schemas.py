"""Tables as contracts: columns, types, units and keys, declared once.

Times are UTC and tz-aware, intervals half-open [start, end). ``series_id`` is the Prometheus
text form with sorted labels. Each derived row carries the id of the run that made it.
"""

from collections.abc import Mapping

from lab.core.contracts import Table, table
from lab.core.shop_tables import SHOP_TABLES

OBSERVATIONS = table(
    "observations",
    "Metric samples",
    "dataset series_id timestamp",
    """
dataset VARCHAR! data set the sample came with
timestamp TIMESTAMPTZ! time of the sample, UTC
series_id VARCHAR! metric and sorted labels in Prometheus text form
value DOUBLE the sample, in the metric's own unit
""",
)
ROLLUPS = table(
    "observation_rollups",
    "Long series in stretches of time, for charts",
    "dataset series_id width bucket",
    """
dataset VARCHAR! data set of the series
series_id VARCHAR! series, or empty for what is known of the whole data set
width BIGINT! length of a stretch in microseconds, or 0 for the whole series
bucket TIMESTAMPTZ! start of the stretch
first_at TIMESTAMPTZ time of its first sample
first DOUBLE that sample
last_at TIMESTAMPTZ time of its last sample
last DOUBLE that sample
low_at TIMESTAMPTZ time of its lowest sample
low DOUBLE that sample
high_at TIMESTAMPTZ time of its highest sample
high DOUBLE that sample
total DOUBLE sum of its samples
samples BIGINT! how many there are
""",
)
SERIES = table(
    "series",
    "What each series is",
    "dataset series_id",
    """
dataset VARCHAR! data set it came with
series_id VARCHAR! metric and sorted labels in Prometheus text form
metric VARCHAR! metric name
labels VARCHAR! labels as a JSON object
""",
)
INCIDENTS = table(
    "incidents",
    "Labelled truth, where a data set has it",
    "dataset incident_id",
    """
dataset VARCHAR! data set it belongs to
incident_id VARCHAR! its id
start TIMESTAMPTZ! first moment
end TIMESTAMPTZ! first moment after
instance VARCHAR! host, or empty for all
metric VARCHAR metric that shows it most, or empty
kind VARCHAR! kind of fault
note VARCHAR one sentence
""",
)
OVERLAYS = table(
    "overlays",
    "Faults laid over metrics; each has its window in incidents",
    "dataset incident_id",
    """
dataset VARCHAR! data set with the faults
incident_id VARCHAR! its id
original VARCHAR! data set without them
laid_at TIMESTAMPTZ! when they were laid
laid_from TIMESTAMPTZ! nothing was laid before; training may last until here
severity DOUBLE! how hard, 0 to 1
series VARCHAR! ids of the series it touches as a JSON list, the plainest first
""",
)
ANOMALY_RUNS = table(
    "anomaly_runs",
    "One row per detection run",
    "run_id",
    """
run_id VARCHAR! its id
created_at TIMESTAMPTZ! when it ended
dataset VARCHAR! data set it read
detector VARCHAR! name of the detector
params VARCHAR! parameters as a JSON object
train_start TIMESTAMPTZ start of the training window
train_end TIMESTAMPTZ end of the training window, start of the scored one
n_series BIGINT series read
n_points BIGINT points scored
n_events BIGINT events found
event_recall DOUBLE labelled incidents found, 0 to 1
event_precision DOUBLE events that match an incident, 0 to 1
median_delay_seconds DOUBLE from the start of an incident to its first event
false_alarms_per_day DOUBLE events that match nothing, per day over all hosts
baseline_events BIGINT events of a static threshold on the same rows
baseline_recall DOUBLE its share of labelled incidents found
baseline_precision DOUBLE its share of events that match an incident
baseline_delay_seconds DOUBLE its median delay
baseline_false_alarms_per_day DOUBLE its false alarms per day over all hosts
""",
)
ANOMALY_SCORES = table(
    "anomaly_scores",
    "Scores by point",
    "run_id series_id timestamp",
    """
run_id VARCHAR! detection run
dataset VARCHAR! data set
series_id VARCHAR! series
timestamp TIMESTAMPTZ! time, UTC
value DOUBLE the sample
score DOUBLE higher is more anomalous; 1 is the threshold
expected DOUBLE what the detector expected
lower DOUBLE lower edge of the expected band
upper DOUBLE upper edge of the expected band
""",
)
ANOMALY_EVENTS = table(
    "anomaly_events",
    "Found events",
    "run_id event_id",
    """
run_id VARCHAR! detection run
dataset VARCHAR! data set
event_id VARCHAR! its id within the run
instance VARCHAR! host
series_id VARCHAR series that deviates most, if known
start TIMESTAMPTZ! first moment
end TIMESTAMPTZ! first moment after
peak_score DOUBLE highest score within
peak_at TIMESTAMPTZ when
matched_incident VARCHAR labelled incident behind it, or empty
""",
)
SALES = table(
    "sales",
    "Daily sales",
    "date store product",
    """
date DATE! day
store VARCHAR! shop
product VARCHAR! product
price DOUBLE price of one unit, in pounds
promotion BOOLEAN on promotion that day
holiday BOOLEAN public holiday
temperature_c DOUBLE mean temperature, in degrees Celsius
rain_mm DOUBLE rainfall, in millimetres
units BIGINT units sold
""",
)
DRIFT_RESULTS = table(
    "drift_results",
    "Verdict per column of a drift report",
    "report_id column_name",
    """
report_id VARCHAR! drift report
created_at TIMESTAMPTZ! when it was made
dataset VARCHAR! table compared
reference_start VARCHAR start of the reference window
reference_end VARCHAR end of the reference window
current_start VARCHAR start of the current window
current_end VARCHAR end of the current window
column_name VARCHAR! column
method VARCHAR! statistical method
statistic DOUBLE its value: a distance, or a p-value
threshold DOUBLE where drift begins
drifted BOOLEAN! the verdict
run_id VARCHAR tracking run that holds the report
""",
)
LOADS = table(
    "loads",
    "What was loaded",
    "load_id",
    """
load_id VARCHAR! its id
loaded_at TIMESTAMPTZ! when
dataset VARCHAR! name of the data set or table
kind VARCHAR! metrics or table
source VARCHAR! file it came from
sha256 VARCHAR! hash of the file
physical_lines BIGINT lines in the file, where it has lines
rows_read BIGINT data rows found
rows_loaded BIGINT rows that landed
rows_rejected BIGINT rows turned away
content_hash VARCHAR hash of the landed rows, whatever their order
mapping VARCHAR the mapping used, as a JSON object
""",
)
REJECTS = table(
    "rejects",
    "Rows turned away, with line and reason",
    "",
    """
load_id VARCHAR! load
line BIGINT line in the file, from 1
column_name VARCHAR column at fault, if one is
reason VARCHAR! why
text VARCHAR the line as it stands
""",
)
QUALITY_RESULTS = table(
    "quality_results",
    "Promise by promise, what a check of a table against its contract found",
    "quality_id position",
    """
quality_id VARCHAR! check
position BIGINT! place of the promise in the report, from 0
checked_at TIMESTAMPTZ! when
dataset VARCHAR! table or data set
load_id VARCHAR! load it belongs to; empty for a check of a table as it lies
contract VARCHAR! first digits of the hash of the contract
column_name VARCHAR! column, or empty for the table as a whole
promise VARCHAR! which promise: type, required, least, most, only, pattern, complete, ...
expected VARCHAR! what was promised, in words
found VARCHAR! what was found, in words
verdict VARCHAR! pass, warn or fail
bad_rows BIGINT! rows that break it
rows BIGINT! rows checked
rows_bad_in_all BIGINT! rows that break any promise about single cells
""",
)
ONLINE_FEATURES = table(
    "online_features",
    "Newest features of each entity, ready to be looked up",
    "feature_set entity",
    """
feature_set VARCHAR! set of features
definition VARCHAR! first digits of the hash of its definition
entity VARCHAR! values of the entity's columns as a JSON array
as_of TIMESTAMPTZ! time the features are of; nothing later is in them
newest_event TIMESTAMPTZ! newest event known by then
feature_values VARCHAR! feature by name as a JSON object
""",
)
PREDICTIONS = table(
    "predictions",
    "What a served model answered",
    "request_id row_number",
    """
request_id VARCHAR! id the endpoint gave
row_number BIGINT! row within the request
predicted_at TIMESTAMPTZ! when
model VARCHAR! name of the model
version VARCHAR! its version
features VARCHAR! the row as a JSON object
prediction DOUBLE the answer
""",
)
ACTIONS = table(
    "actions",
    "Audit log: who changed what, append-only",
    "action_id",
    """
action_id VARCHAR! its id
acted_at TIMESTAMPTZ! when
actor VARCHAR! who
verb VARCHAR! what was done
object VARCHAR! to what
detail VARCHAR the circumstances as a JSON object
""",
)
ATTEMPTS = table(
    "attempts",
    "Learning events, append-only",
    "event_id",
    """
event_id VARCHAR! its id
happened_at TIMESTAMPTZ! when
learner VARCHAR! who
exercise VARCHAR! exercise
seed BIGINT seed the exercise was set up with
event VARCHAR! started, checked, hint, solved, assisted, broke, recovered, reset or restored
passed BOOLEAN the verdict of a check
detail VARCHAR sub-results as a JSON object
""",
)
LIVE_CURSORS = table(
    "live_cursors",
    "How far the events of each live world were read",
    "world stream",
    """
world VARCHAR! live world
stream VARCHAR! table its events go to
read_to BIGINT! number of the last event that landed
""",
)
STREAM_OFFSETS = table(
    "stream_offsets",
    "What of each stream has landed, written together with its rows",
    "stream key",
    """
stream VARCHAR! where the rows come from
key VARCHAR! batch or partition within it
position BIGINT! first record that has not landed yet
dataset VARCHAR! table they land in
rows_loaded BIGINT! rows that landed under this key
rows_rejected BIGINT! rows turned away
sha256 VARCHAR! hash of the batch, or empty for a partition
problem VARCHAR! why the whole batch was turned away, or empty
landed_at TIMESTAMPTZ! when
""",
)

TABLES: Mapping[str, Table] = {
    declared.name: declared
    for declared in (
        OBSERVATIONS, ROLLUPS, SERIES, INCIDENTS, OVERLAYS, ANOMALY_RUNS, ANOMALY_SCORES,
        ANOMALY_EVENTS, SALES, DRIFT_RESULTS, LOADS, REJECTS, QUALITY_RESULTS, ONLINE_FEATURES,
        PREDICTIONS, ACTIONS, ATTEMPTS, LIVE_CURSORS, STREAM_OFFSETS, *SHOP_TABLES,
    )
}  # fmt: skip


def series_id(metric: str, labels: Mapping[str, str]) -> str:
    r"""Write a series in Prometheus text form with sorted labels.

    Args:
        metric: Metric name.
        labels: Label names and values; empty values are left out, as Prometheus does.

    Returns:
        The text form, escaped as the exposition format asks.

    >>> series_id("node_load1", {"job": "node", "instance": "host-01"})
    'node_load1{instance="host-01",job="node"}'
    """
    escape = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
    inner = ",".join(f'{k}="{v.translate(escape)}"' for k, v in sorted(labels.items()) if v)
    return f"{metric}{{{inner}}}" if inner else metric
