"""What operators see of a process: metrics, status, and the command that asks for it."""
