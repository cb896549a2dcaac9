.PHONY: setup demo test chaos check evaluate evaluate-peer bench lock clean

setup:  ## build .venv and .venv-nlu; does nothing when they are up to date
	@python3 deploy/setup.py

demo: setup  ## a small clinic to try, on this machine
	.venv/bin/northstar demo up

test: setup  ## every test but those of `make chaos`
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/northstar nlu train
	.venv/bin/pytest -n 2 --dist loadfile --ignore tests/chaos

chaos: setup  ## kills the worker, the Rasa server and `northstar up`: nothing is lost or said twice
	.venv/bin/northstar nlu train
	.venv/bin/pytest tests/chaos

check: setup  ## what each language still lacks
	.venv/bin/northstar check

evaluate: setup  ## writes build/evaluate.json and build/evaluate.png
	.venv/bin/python -m tests.evaluate

evaluate-peer: setup  ## ours beside Rasa's own pipeline; writes build/evaluate-peer.json
	@python3 deploy/setup.py peer
	.venv/bin/python -m tests.evaluate.peer

bench: setup  ## writes build/bench.json; needs PostgreSQL's binaries
	.venv/bin/python -m tests.bench

lock:  ## compile deploy/requirements from pyproject.toml (UPGRADE=1 moves pinned versions)
	@python3 deploy/lock.py

clean:  ## remove what set-up, training and tests made; leaves databases and keys alone
	rm -rf .venv .venv-nlu build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find bot actions tests deploy -name __pycache__ -type d -prune -exec rm -rf {} +
