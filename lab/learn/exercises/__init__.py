"""One folder per exercise: exercise.yaml, lesson.md, hints.md and exercise.py."""
