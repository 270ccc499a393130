"""Tables in which the lab writes down what was loaded, checked, done and learnt."""

from lab.core.contracts import table

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
LEDGER_TABLES = (LOADS, REJECTS, QUALITY_RESULTS, ACTIONS, ATTEMPTS, LIVE_CURSORS, STREAM_OFFSETS)
