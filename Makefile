# Martlet. Every target is a script of the same name in Scripts/; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help setup build serve cluster demo test check format hooks bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

serve: ## build, then serve ./martlet-data on http://127.0.0.1:5000 (PORT=… for another)
	@Scripts/serve.sh

cluster: ## PostgreSQL, S3, three servers and nginx on this machine, until Ctrl-C
	@Scripts/cluster.sh

demo: ## two versions in production: trained, compared, rolled back, proved
	@Scripts/demo.sh

test: ## all tests; the last line says how many
	@Scripts/test.sh

build: ## the program: .build/release/martlet
	@Scripts/build.sh

check: ## format, tidiness and arrows; builds nothing
	@Scripts/check.sh

format: ## repair the format of every Swift file
	@Scripts/format.sh

hooks: ## let git run `make check` before each commit
	@Scripts/hooks.sh

bench: ## Martlet, mlflow and FastTrackML under the same load
	@Scripts/setup.sh build bench
	@Benchmarks/run

setup: ## install the Debian packages that are missing (the others do it by themselves)
	@Scripts/setup.sh

clean: ## remove what was built and installed here; never data
	rm -rf .build .venv
