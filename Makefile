# The commands of this project. Each makes the Python environment first if need be.
STACK ?= test
OUT ?= rendered/$(STACK)
export STACK OUT

.PHONY: up preview outputs down render check test bench doctor
.NOTPARALLEL:

up preview outputs down: ; @scripts/ackp $@ --stack "$$STACK"

render: ; @scripts/ackp render --stack "$$STACK" --out "$$OUT"

check doctor: ; @scripts/ackp $@

test: ; @scripts/venv pytest

bench: ; @scripts/venv python -m benchmarks
