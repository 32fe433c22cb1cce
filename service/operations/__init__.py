"""Running an installation: back-up, restore, health checks, doctor, supervisor, first model."""
