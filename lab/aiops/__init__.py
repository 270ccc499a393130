"""Operations on telemetry: detect anomalies and judge the detections."""
