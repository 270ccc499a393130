"""Tables of metrics and of the anomalies found in them."""

from lab.core.contracts import table

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
METRIC_TABLES = (
    OBSERVATIONS,
    ROLLUPS,
    SERIES,
    INCIDENTS,
    OVERLAYS,
    ANOMALY_RUNS,
    ANOMALY_SCORES,
    ANOMALY_EVENTS,
)
