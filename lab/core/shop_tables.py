"""Tables that the simulated shop fills: what it leaves besides its metrics."""

from lab.core.contracts import table

LOGS = table(
    "logs",
    "Log lines",
    "dataset log_id",
    """
dataset VARCHAR! data set it belongs to
log_id BIGINT! its id; lines are numbered in the order of writing
timestamp TIMESTAMPTZ! time by the clock of the writer, which may be wrong
service VARCHAR! who writes
instance VARCHAR! which replica
level VARCHAR! DEBUG, INFO, WARN or ERROR
message VARCHAR! what it says
trace_id VARCHAR trace of the request it is about, or empty
line VARCHAR! the line as written
weight DOUBLE! requests one line stands for; 1 for lines about no request
""",
)
SPANS = table(
    "spans",
    "Traced requests",
    "dataset span_id",
    """
dataset VARCHAR! data set it belongs to
trace_id VARCHAR! request it is a part of
span_id VARCHAR! its id
parent_id VARCHAR span of the caller, empty for the first of a trace
service VARCHAR! who reports it
operation VARCHAR! what was done
weight DOUBLE! requests the trace stands for
start TIMESTAMPTZ! when it began
duration_ms DOUBLE! how long it took, in milliseconds
status VARCHAR! ok or error
""",
)
ALERTS = table(
    "alerts",
    "Notifications of alerts",
    "dataset notification_id",
    """
dataset VARCHAR! data set it belongs to
notification_id BIGINT! its id, in the order of evaluation
received_at TIMESTAMPTZ! when it arrived
fingerprint VARCHAR! the same for the same labels
status VARCHAR! firing or resolved
alertname VARCHAR! name of the rule
severity VARCHAR! info, warning or critical
service VARCHAR service it is about, or empty
instance VARCHAR host it is about, or empty
starts_at TIMESTAMPTZ! when it began to fire
ends_at TIMESTAMPTZ when it was over, empty while it fires
labels VARCHAR! labels as a JSON object
annotations VARCHAR! annotations as a JSON object
generator_url VARCHAR! where the rule can be looked at, or empty
""",
)
CHANGES = table(
    "changes",
    "What was released and configured",
    "dataset change_id",
    """
dataset VARCHAR! data set it belongs to
timestamp TIMESTAMPTZ! when
change_id VARCHAR! its id
kind VARCHAR! deploy, config or rollback
service VARCHAR! what was changed
version VARCHAR! version it has since
author VARCHAR! role of the author
summary VARCHAR! a few words
digest VARCHAR digest of the image, empty for configuration
lines_changed BIGINT! lines changed
files BIGINT! files changed
tests_passed DOUBLE! share of tests that passed, 0 to 1
reviewers BIGINT! how many looked at it
friday BOOLEAN! made on a Friday
evening BOOLEAN! made after 17:00 UTC
tenure_days BIGINT! days the author has been there
""",
)
ORDERS = table(
    "orders",
    "Paid orders as they were delivered",
    "dataset order_id delivered_at",
    """
dataset VARCHAR! data set it belongs to
order_id BIGINT! its id
customer_id BIGINT! who ordered
timestamp TIMESTAMPTZ! when it was paid
delivered_at TIMESTAMPTZ! when the row arrived here
country VARCHAR! country of the customer
payment_method VARCHAR! how it was paid
device VARCHAR! what it was ordered with
account_age_days DOUBLE! days since the customer joined
n_orders_before BIGINT! orders of the account before, by any channel
new_address BOOLEAN! sent where the account has not ordered to before
total DOUBLE the amount where it arrived under this name, else empty
review_flag BOOLEAN verdict of a review after the fact, else empty
items BIGINT! items bought
served_amount DOUBLE amount as it was prepared for the model that serves, in pounds
amount DOUBLE price of all items, in pounds
""",
)
ORDER_LABELS = table(
    "order_labels",
    "Which orders were fraudulent, as far as it came out",
    "dataset order_id",
    """
dataset VARCHAR! data set it belongs to
order_id BIGINT! order
fraud BOOLEAN! whether it was fraud
labelled_at TIMESTAMPTZ! when that was known, days after the order
""",
)
DAILY_SALES = table(
    "daily_sales",
    "Daily sales of the shop's stores and online",
    "dataset date store product",
    """
dataset VARCHAR! data set it belongs to
date DATE! day
store VARCHAR! store, or Online for orders of its region
product VARCHAR! product
price DOUBLE! price of one unit, in pounds
promotion BOOLEAN! on promotion that day
holiday BOOLEAN! public holiday
temperature_c DOUBLE! mean temperature, in degrees Celsius
rain_mm DOUBLE! rainfall, in millimetres
units BIGINT! units sold
""",
)
SHOP_TABLES = (LOGS, SPANS, ALERTS, CHANGES, ORDERS, ORDER_LABELS, DAILY_SALES)
