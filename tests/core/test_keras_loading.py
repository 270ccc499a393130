import os
import subprocess
import sys

import pytest

from lab.core.errors import Unavailable
from lab.core.keras_loading import load_keras, quiet_stderr
from tests.needs import needs


def test_what_c_code_writes_is_silenced_and_python_goes_on(capfd):
    with quiet_stderr():
        os.write(2, b"noise")
    os.write(2, b"signal")
    assert capfd.readouterr().err == "signal"
    with pytest.raises(ValueError, match="mine"), quiet_stderr():
        raise ValueError("mine")
    os.write(2, b"again")
    assert capfd.readouterr().err == "again"


def test_an_absent_tensorflow_is_told_with_a_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(Unavailable, match="needs TensorFlow") as caught:
        load_keras()
    assert caught.value.hint


@needs("tensorflow")
def test_loading_is_silent_and_keeps_to_one_arithmetic():
    script = (
        "import os; from lab.core.keras_loading import load_keras; load_keras();"
        "print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=kept, capture_output=True, text=True, timeout=400
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "0", "")
