"""Faults laid over series that somebody brought along.

Nothing is known about such series but their names and what they did so far, so a fault is a
shape in time, sized by the series' own robust spread: severity 1 on a quiet series and on a
noisy one is equally hard to miss. What is not inside a fault's window stays as it was.
"""
