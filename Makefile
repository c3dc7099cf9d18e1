# Each command does its whole set-up on a fresh machine.
PYTHON ?= python3
STORE ?= stores/demo
PORT ?= 8080
APT := $(shell [ "$$(id -u)" = 0 ] && command -v apt-get)

.PHONY: run check scores gallery warm-start-check debian-run debian-check clean

run: debian-run .venv/installed  ## the kiosk on http://localhost:8080
	.venv/bin/walkiosk serve --store $(STORE) --port $(PORT)

check: debian-check .venv-check/installed  ## the one gate
	.venv-check/bin/ruff format --check .
	.venv-check/bin/ruff check .
	.venv-check/bin/mypy
	.venv-check/bin/pytest

scores: .venv/installed  ## every trained skill's score from the committed weights, into weights/README.md
	.venv/bin/python -m walkiosk.score.card

gallery: .venv-check/installed  ## a model for each of the 36 pairs of kinds, its score beside a baseline, and docs/gallery
	.venv-check/bin/python -m training.pairs.gallery --pages docs/gallery

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check --no-compile -e '.[office]'
	touch $@

# torch's own name for a CPU build is pinned here; the package itself asks for a range. stockpyl comes without what it
# asks for: the Sphinx that its manual is made with, of a version that nothing else of today can be installed beside
.venv-check/installed: pyproject.toml
	$(PYTHON) -m venv .venv-check
	.venv-check/bin/pip install -q --disable-pip-version-check torch==2.13.0
	.venv-check/bin/pip install -q --disable-pip-version-check -e '.[train,office,dev]'
	.venv-check/bin/pip install -q --disable-pip-version-check --no-deps stockpyl==1.0.2
	touch $@

# espeak-ng speaks the languages that the model does not, and what the model is unsure of; the tests drive a real PostgreSQL and a real browser
debian-run:
	@command -v espeak-ng >/dev/null || { [ -n "$(APT)" ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends espeak-ng; } || echo "espeak-ng is not there: the kiosk writes and does not speak"

debian-check:
	@command -v espeak-ng >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends espeak-ng postgresql chromium fonts-noto-core fonts-noto-cjk; }

warm-start-check: .venv-check/installed  ## logits of the real Whisper file against an independent numpy forward pass
	.venv-check/bin/python -m tests.model.whisper_numpy $(HOME)/.cache/walkiosk/whisper/model.bin

clean:
	rm -rf .venv .venv-check .mypy_cache .ruff_cache .pytest_cache
