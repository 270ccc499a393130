"""Anomaly detectors behind one protocol, one algorithm per module.

The convention all members share:

- A **higher score is more anomalous**; 1.0 is the fitted threshold, so ``score >= 1`` is an alarm.
- Input is a table of one host: a UTC ``DatetimeIndex`` with a regular step, one column per metric.
- **Missing input gives a missing score, never "normal".** A row that misses some columns still
  alarms when a column that is present does; otherwise its score is missing (Kleene's "or").
- Scores are causal: the score of a row depends on that row and earlier ones only.
- ``fit`` returns the detector itself, fitted names end in ``_``, randomness comes from ``seed``.

``lab.aiops.detect.base.detectors()`` finds every detector in this package; a new module with a
class that has ``name``, ``title``, ``fit`` and ``score`` is found without registering it.
"""
