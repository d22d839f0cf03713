# The commands of this project. Each makes the Python environment first if need be.
STACK ?= test
OUT ?= rendered/$(STACK)
export STACK OUT
# A command starts in a third of the time where Python may keep what it has compiled, and the tests start thousands.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up preview outputs down render check test test-node test-plugins bench bench-rollout mutate doctor
.NOTPARALLEL:

up preview outputs down: ; @scripts/ackp $@ --stack "$$STACK"

render: ; @scripts/ackp render --stack "$$STACK" --out "$$OUT"

check:
	@scripts/venv ruff format --check .
	@scripts/venv ruff check .
	@scripts/venv mypy
	@scripts/ackp schema --check
	@scripts/venv python -m contract.schema --check
	@scripts/venv python -m pipelines.ram --check
	@scripts/venv python -m policies.table --check
	@scripts/ackp check --all
	@scripts/ackp map uat --check --out README.md --out README.zh-CN.md

doctor: ; @scripts/ackp $@

test:
	@scripts/venv python -m tests.tools
	@scripts/venv pytest -n auto --dist loadfile --no-loadscope-reorder --ignore=tests/node
	@scripts/venv pytest tests/node # alone: one node, and nothing beside the requests that are counted

test-node:
	@scripts/venv python -m tests.tools node
	@scripts/venv pytest tests/node

test-plugins: ; @scripts/venv python -m tests.plugins

bench: ; @scripts/venv python -m benchmarks

bench-rollout:
	@scripts/venv python -m tests.tools node
	@scripts/venv python -m tests.lifecycle.measure --out docs/explanation/life-cycle.json
	@scripts/venv python -m tests.lifecycle.report

mutate: ; @scripts/venv python -m tests.mutate
