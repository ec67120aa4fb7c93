# Everything a person types. Plain `make` prints the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SEMANTIC := .build/semantic
SPARK := .build/spark
PEERS := .build/peers
DASHBOARD := .build/dashboard

# Adds what requirements-$(1).txt locks to .venv; $(2) says what that is, $(3) how long it takes.
define install_into
	@want="$$($(BIN)/python -c 'import hashlib; \
		print(hashlib.sha256(open("requirements-$(1).txt", "rb").read()).hexdigest())')"; \
	if [ "$$(cat $(INSTALLED)-$(1) 2>/dev/null)" != "$$want" ]; then \
		echo "Installing $(2) into $(VENV), once; $(3)"; \
		$(BIN)/pip install --quiet --no-input --disable-pip-version-check --no-deps --require-hashes \
			-r requirements-$(1).txt > $(VENV)/pip.log 2>&1 \
			&& printf '%s' "$$want" > $(INSTALLED)-$(1) \
			|| { cat $(VENV)/pip.log; \
				echo "They could not be installed; see the lines above. The next run starts over."; exit 1; }; \
	fi
endef

# Makes the environment $(1) of what $(2) locks, beside .venv; $(3) says what that is, $(4) is a last step or nothing.
# The stamp is that of `venv`.
define install_apart
	@want="$$(pwd) $$($(BIN)/python -c 'import hashlib; \
		print(hashlib.sha256(open("requirements.txt", "rb").read() + open("$(2)", "rb").read()).hexdigest())')"; \
	if [ "$$(cat $(1)/.installed 2>/dev/null)" != "$$want" ] || ! $(1)/bin/python -c '' 2>/dev/null; then \
		echo "Installing $(3) into $(1), once"; \
		rm -rf $(1) && $(BIN)/python -m venv --without-pip $(1) \
			&& $(BIN)/pip --python $(1)/bin/python install --disable-pip-version-check --quiet \
				--no-deps --require-hashes -r $(2) \
			$(if $(4),&& $(4)) \
			&& printf '%s' "$$want" > $(1)/.installed \
			|| { echo "It could not be installed; see the lines above. The next run starts over."; exit 1; }; \
	fi
endef

.DEFAULT_GOAL := help
.PHONY: help venv matching oracles profile doctor build build-real build-nsw publish test bench bench-peers histories simulate replay lint summary segment-diff segment-docs ci-local export docs semantic spark build-spark test-spark test-spark-short dashboard report test-dashboard install-dashboard lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

# The stamp holds what was installed where: a second run installs nothing, an interrupted one is repeated.
venv: ## make .venv and install the locked packages into it
	@command -v $(PYTHON) >/dev/null 2>&1 \
		|| { echo "Tessera needs Python 3.11 or newer; there is no $(PYTHON) on the path."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tessera needs Python 3.11 or newer; $(PYTHON) is" \
			"$$($(PYTHON) -c 'import platform; print(platform.python_version())')." \
			"Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@want="$$(pwd) $$($(PYTHON) -c 'import hashlib; \
		print(hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())')"; \
	if [ "$$(cat $(INSTALLED) 2>/dev/null)" != "$$want" ] || ! $(BIN)/python -c '' 2>/dev/null; then \
		$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
			|| { echo "Tessera needs Python's venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
		echo "Installing $$(sed -n '/win32/d; s/^\([a-z].*\)==.*/\1/p' requirements.txt | sort -u | wc -l | tr -d ' ')" \
			"packages into $(VENV), once; about half a minute"; \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) \
			&& $(BIN)/pip install --quiet --no-input --disable-pip-version-check --no-deps --require-hashes \
				-r requirements.txt > $(VENV)/pip.log 2>&1 \
			&& printf '%s' "$$want" > $(INSTALLED) \
			|| { cat $(VENV)/pip.log 2>/dev/null; \
				echo "The packages could not be installed; see the lines above. The next run starts over."; exit 1; }; \
	fi

matching: venv ## add what the variable probabilistic_matching needs (Splink)
	$(call install_into,matching,Splink,a few seconds)

# Only tests and make build-nsw ask them: no model needs them.
oracles: venv ## add what tests compare the estimators with (tea-tasting, statsmodels)
	$(call install_into,oracles,tea-tasting and statsmodels,some 20 seconds)

profile: venv ## make profiles.yml from profiles.yml.example where there is none
	@test -e profiles.yml || { cp profiles.yml.example profiles.yml && echo "Made profiles.yml from profiles.yml.example"; }

doctor: venv ## say what stands in the way of a build, and what it would be without
	@$(BIN)/python -m tools.doctor

build: profile ## build the project, on the demo where TESSERA_RAW is empty, publish the marts and print a summary
	@$(BIN)/python -m tools.build

build-real: profile ## build the project on a public retail data set, Complete Journey
	@$(BIN)/python -m examples.complete_journey.build

publish: profile ## ask every data test of what dbt has built, then publish it for BI tools
	@$(BIN)/python -m tools.build publish

build-nsw: profile oracles ## build the project on a randomised study of job training and hold its readout to statsmodels
	@$(BIN)/python -m examples.nsw.build

test: matching oracles ## strict parse, lint, a build of a small demo with all dbt tests, pytest
	@$(BIN)/python -m tools.check

bench: profile ## a build from nothing and the refresh of a day at 1 and 10 million events, as ratios to a floor
	@$(BIN)/python benchmarks/bench_build.py $(EVENTS)

# An environment of its own: no part of the project needs them.
bench-peers: profile ## window features beside polars, estimators beside tea-tasting, on the same files (benchmarks/README.md)
	$(call install_apart,$(PEERS),requirements-peers.txt,polars and tea-tasting)
	@$(PEERS)/bin/python benchmarks/bench_peers.py $(EVENTS)

histories: venv ## random histories of runs, killed ones too, against rebuilds: about 20 minutes (benchmarks/README.md)
	@$(BIN)/python -m tools.histories --histories 8 --kills 5

simulate: profile ## draw thousands of experiments from the built demo, whose truth is known, and write docs/simulation.md: 10 minutes and more
	@$(BIN)/python -m tools.simulation $(OPTIONS)

replay: profile ## the history of memberships for past days: make replay FROM=2026-03-01 TO=2026-03-31
	@$(BIN)/python -m tools.replay "$(FROM)" "$(TO)"

lint: venv ## sqlfluff over all models, analyses and tests
	@$(BIN)/python -m tools.check lint

summary: profile ## print the summary of what was built last
	@$(BIN)/python -m tools.summary

segment-diff: venv ## what an edit does to the segments: make segment-diff BASE=main [AS_OF=day] [MARKDOWN=file]
	@$(BIN)/python -m tools.segment_diff $(if $(AS_OF),--as-of '$(AS_OF)') $(if $(MARKDOWN),--markdown '$(MARKDOWN)') \
		$(OPTIONS) -- '$(BASE)'

ci-local: venv ## run the steps of examples/ci/pull-request.yml on a clone of the last commit: make ci-local BASE=main
	@$(BIN)/python -m tools.ci_local -- '$(or $(BASE),main)'

segment-docs: venv ## write docs/segments.md from the YAML of the segment families
	@$(BIN)/python -m tools.segment_docs

export: profile ## audience changes as files with a manifest: make export [TO=data/exports] [FORMAT=csv|parquet]
	@$(BIN)/python -m tools.export $(if $(TO),--to '$(TO)') $(if $(FORMAT),--format '$(FORMAT)')

docs: profile ## dbt's documentation site, into target/; `dbt docs serve` shows it
	@$(BIN)/dbt docs generate

# MetricFlow's command line is six packages on top of .venv and no part of it: docs/decisions/0010-metricflow.md.
semantic: profile ## install MetricFlow's `mf` and compare every metric and saved query with plain SQL over the marts
	$(call install_apart,$(SEMANTIC),requirements-semantic.txt,MetricFlow's command line,\
		$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$($(SEMANTIC)/bin/python \
			-c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tessera.pth")
	@$(SEMANTIC)/bin/python -m tools.semantic

# An environment of its own: PySpark is larger than everything else together. Java is asked for first.
spark: venv ## make .build/spark, with dbt-spark and PySpark; needs Java
	@$(BIN)/python -m tools.spark java
	$(call install_apart,$(SPARK),requirements-spark.txt,dbt-spark and PySpark (660 MB))

build-spark: spark ## build a small demo on Apache Spark, on two executor processes
	@$(BIN)/python -m tools.spark build

test-spark: spark ## the same with data tests, and compare every public mart with DuckDB's
	@$(BIN)/python -m tools.spark test

test-spark-short: spark ## the same comparison after the demo's first chapter, without data tests
	@$(BIN)/python -m tools.spark short

# An environment of its own: Streamlit, Altair and what tests them are larger than the project.
install-dashboard: venv ## make .build/dashboard, with Streamlit and Altair
	$(call install_apart,$(DASHBOARD),requirements-dashboard.txt,Streamlit and Altair (800 MB))

dashboard: install-dashboard ## serve the dashboard over the published marts on http://localhost:8501
	@cd dashboard && PYTHONPATH='$(CURDIR)' exec ../$(DASHBOARD)/bin/streamlit run app.py $(OPTIONS)

report: install-dashboard ## write the same readouts to data/report.html, one file that needs no network
	@$(DASHBOARD)/bin/python -m dashboard.report

test-dashboard: install-dashboard ## open every page of the dashboard on the published marts, in headless Chromium
	@$(DASHBOARD)/bin/python -m pytest -q tests/dashboard

# uv lives in its own folder: it makes the locks and nothing else needs it.
lock: ## make requirements.txt and those of dashboard, matching, oracles, peers, semantic and spark again from their .in files
	@test -x .build/uv/bin/uv || { $(PYTHON) -m venv .build/uv && .build/uv/bin/pip install --quiet uv; }
	.build/uv/bin/uv pip compile requirements.in --override overrides.txt \
		--no-emit-package dbt-core-experimental-parser --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements.txt
	.build/uv/bin/uv pip compile requirements-dashboard.in --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-dashboard.txt
	.build/uv/bin/uv pip compile requirements-matching.in --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-matching.txt
	.build/uv/bin/uv pip compile requirements-oracles.in \
		$$(sed -n '/win32/d; s/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.txt requirements-matching.txt | sort -u) \
		--generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-oracles.txt
	.build/uv/bin/uv pip compile requirements-peers.in --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-peers.txt
	.build/uv/bin/uv pip compile requirements-semantic.in --constraints requirements.txt --override overrides.txt \
		--no-emit-package dbt-core-experimental-parser \
		$$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.txt | sort -u) \
		--generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-semantic.txt
	.build/uv/bin/uv pip compile requirements-spark.in --constraints requirements.txt --override overrides.txt \
		--no-emit-package dbt-core-experimental-parser --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 --quiet -o requirements-spark.txt

clean: ## remove what builds and tests left, but neither data/ nor .venv
	rm -rf target logs .build .pytest_cache .user.yml
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
