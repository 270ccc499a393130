"""Models from training to serving: models, tracking, drift, monitoring and serving."""
