"""What independent reports say of cargos: votes on their roles, and validated targets."""
