"""What a live cluster has otherwise than a stack states it: found by dry runs, nothing is changed."""
