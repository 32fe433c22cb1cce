"""The kinds of jobs, by name; what each does is found by `service.jobs.work`."""

TRAINING = "training"
COMPARISON = "comparison"
KINDS = (TRAINING, COMPARISON)
