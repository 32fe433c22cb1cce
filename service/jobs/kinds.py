"""The kinds of jobs, by name; what each does is found by `service.jobs.process`."""

TRAINING = "training"
COMPARISON = "comparison"
BATCH = "batch"
DESIGN = "design"
ADVICE = "advice"
KINDS = (TRAINING, COMPARISON, BATCH, DESIGN, ADVICE)
# Those that only whoever sent them sees, by the key that they were sent with.
PRIVATE = (BATCH, DESIGN)
