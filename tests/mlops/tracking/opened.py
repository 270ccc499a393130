"""Opens the tracking store of a path, as a process of its own: ``python -m ... PATH``."""

import sys
from pathlib import Path

from lab.core.workspace import open_workspace
from lab.mlops.tracking import experiment_id

if __name__ == "__main__":
    print(experiment_id(open_workspace(Path(sys.argv[1])), "sales"))
