"""The rules of policies/, and the pack that hands them to the engine."""
