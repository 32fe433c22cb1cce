"""The kinds of jobs, by name; what each does is found by `service.jobs.process`."""

TRAINING = "training"
COMPARISON = "comparison"
BATCH = "batch"
KINDS = (TRAINING, COMPARISON, BATCH)
