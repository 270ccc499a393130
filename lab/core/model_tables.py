"""Tables that models learn from, answer into and are watched by."""

from lab.core.contracts import table

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
MODEL_TABLES = (SALES, ONLINE_FEATURES, PREDICTIONS, DRIFT_RESULTS)
