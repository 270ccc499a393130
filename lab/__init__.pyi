"""What type checkers and editors see of ``lab``: the names of ``__init__.py`` from their homes."""

from lab.core.errors import LabError as LabError
from lab.core.progress import drain as drain
from lab.core.workspace import open_workspace as open_workspace
from lab.flows.chart import chart as chart
from lab.flows.detect import detect as detect
from lab.flows.detections import detection as detection
from lab.flows.doctor import diagnose as diagnose
from lab.flows.drift import drift as drift
from lab.flows.explore import query as query
from lab.flows.explore import tables as tables
from lab.flows.ingest import ingest as ingest
from lab.flows.ingest import preview as preview
from lab.flows.registry import champion as champion
from lab.flows.registry import register as register
from lab.flows.runs import runs as runs
from lab.flows.serve import compare_with_local as compare_with_local
from lab.flows.serve import launch as launch
from lab.flows.serve import predict as predict
from lab.flows.serve import sample_rows as sample_rows
from lab.flows.serve import stop as stop
from lab.flows.train import train as train
from lab.learn.api import check as check
from lab.learn.api import exercises as exercises
from lab.learn.api import hint as hint
from lab.learn.api import start as start
