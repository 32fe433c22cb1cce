"""Work behind an answer: trainings and comparisons, done by workers of their own, each job in a process of its own."""
