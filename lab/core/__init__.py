"""What every floor stands on: errors, progress, settings, workspace, store, jobs."""
