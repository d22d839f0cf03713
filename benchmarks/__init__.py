"""How fast this project is, against limits and beside what people would use instead: ``python -m benchmarks``."""
