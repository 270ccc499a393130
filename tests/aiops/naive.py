"""Slow, obvious twins of the numeric routines: plain loops, one value at a time."""

import math
from statistics import fmean, median, pstdev


def trailing_mean(values, window):
    padded = [0.0] * (window - 1) + list(values)
    out = []
    for place in range(len(values)):
        seen = [v for v in padded[place : place + window] if not math.isnan(v)]
        out.append(fmean(seen) if seen else math.nan)
    return out


def trailing_median(values, window):
    padded = [0.0] * window + list(values)
    out, last = [], math.nan
    for place in range(len(values)):
        seen = [v for v in padded[place + 1 : place + window + 1] if not math.isnan(v)]
        last = median(seen) if seen else last
        out.append(last)
    return out


def bin_medians(times, values, bins):
    cells = [[] for _ in range(bins)]
    for time, value in zip(times, values, strict=True):
        of_day = time.hour * 3600 + time.minute * 60 + time.second
        if not math.isnan(value):
            cells[of_day * bins // 86_400].append(value)
    return [median(cell) for cell in cells]


def between_bins(time, medians):
    bins = len(medians)
    place = (time.hour * 3600 + time.minute * 60 + time.second) * bins / 86_400 - 0.5
    low = math.floor(place)
    share = place - low
    return medians[low % bins] * (1 - share) + medians[(low + 1) % bins] * share


def window_features(values, window):
    rows, before = [], None
    for place, value in enumerate(values):
        if math.isnan(value):
            rows.append([math.nan] * 5)
            continue
        near = [v for v in values[max(0, place - window + 1) : place + 1] if not math.isnan(v)]
        far = [v for v in values[max(0, place - 4 * window + 1) : place + 1] if not math.isnan(v)]
        change = value - (value if before is None else before)
        features = [value, change, fmean(near), pstdev(near), fmean(far)]
        rows.append([abs(feature) for feature in features])
        before = value
    return rows


def events(times, scores, threshold, merge_seconds, step):
    """(start, end) of each event: walk the rows, open on an alarm, close after a long quiet."""
    found, start, end = [], None, None
    for time, score in zip(times, scores, strict=True):
        if math.isnan(score) or score < threshold:
            continue
        if start is not None and (time - end).total_seconds() > merge_seconds:
            found.append((start, end))
            start = None
        start = time if start is None else start
        end = time + step
    return [*found, (start, end)] if start is not None else found


def standstill_scores(train, values, step_minutes, telling):
    """Rows of the last quarter of an hour at neither the constant nor the level of four hours."""
    constant, window = train[0], max(1, round(15 / step_minutes))
    reach = max(2, round(240 / step_minutes))
    history, news, scores, level = [constant] * reach, [], [], constant
    for value in values:
        history.append(value)
        known = [each for each in history[-reach:] if not math.isnan(each)]
        level = median(known) if known else level
        missing = math.isnan(value)
        news.append(not missing and value != constant and value != level)
        counted = sum(news[-window:]) / telling(len(train), window)
        scores.append(math.nan if missing else counted * news[-1])
    return scores
