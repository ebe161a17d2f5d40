# make lab: from nothing to an answering server. make test: all that is promised.
.PHONY: lab lab-dashboard lab-down test test-go test-engine test-lab test-changes test-cutoffs test-days test-faults tempest \
  check venv tools settings pictures picture preview up comment apply resume adopt drift repair status status-page update evacuate \
  snapshot restore snapshots backup backups restore-controller wheel bench-preview bench-nodes bench-api \
  bench-up bench-servers
.NOTPARALLEL: # the parts of `make test` are in order

lab: ## three bare nodes, pulumi up, proof
	tools/venv
	.venv/bin/python lab/run

lab-dashboard: ## make lab, and the dashboard with pictures of it; the next make lab takes it away
	tools/venv
	.venv/bin/python -m tests.lab.dashboard

lab-down: ## ends the lab's nodes and bridges; disks and keys stay in .lab
	lab/down

test: tools check test-go test-engine test-lab ## everything, the lab from bare nodes included

test-go: venv ## the engine's Go code
	tools/timed $@ engine/test

test-engine: tools ## previews of the real program, without a network; pull requests' jobs
	tools/timed $@ .venv/bin/python -m pytest tests/engine --numprocesses 2 --dist loadfile

test-lab: tools ## the cloud, from bare nodes
	tools/timed $@ .venv/bin/python -m pytest tests/lab

test-changes: lab ## every change of every setting, applied on the lab
	.venv/bin/python -m tests.changes --all

test-cutoffs: tools ## the lab's tests after steps were cut off at many points; CUTOFFS='STEP…', CUTOFFS_SEED=TEXT
	CUTOFFS="$${CUTOFFS:-all}" .venv/bin/python -m pytest -s tests/lab/test_lab.py

test-days: tools ## the lab's tests with all of the days after the first; DAYS='NAME…' takes these
	DAYS="$${DAYS:-all}" .venv/bin/python -m pytest tests/lab

test-faults: lab ## every fault of the table, brought about on the lab; FAULTS='NAME' takes some
	.venv/bin/python -m tests.faults $(if $(FAULTS),'$(FAULTS)')

tempest: tools ## OpenStack's own interoperability tests, on a lab that is up; TESTS=REGEX takes some
	lab/tempest/run $(if $(TESTS),'$(TESTS)')

check: venv ## lint, types and unit tests
	tools/timed $@ tools/check

venv: ## .venv, of requirements pinned by hash
	tools/venv

tools: venv ## what the jobs below run with; jobs of forges make it before they have a secret
	engine/build

settings: ## writes what is generated from the settings' models: docs/settings.md, Pulumi.yaml's config, schemas/
	tools/venv
	.venv/bin/python -m components.settings.generate

pictures: ## docs/pictures/*.svg from their .dot files; steps.dot and cloud.dot from what they show
	tools/venv
	which dot >/dev/null || tools/install graphviz
	.venv/bin/python -m tools.pictures

picture: ## the cloud of a stack's settings as picture.svg, and as picture.mmd for Mermaid; STACK=NAME
	tools/venv
	which dot >/dev/null || tools/install graphviz
	.venv/bin/python -m tools.picture

preview: ## what `pulumi up` would do, as a comment in preview.md; STACK=NAME, PULUMI=lab/pulumi
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m pull_requests preview $(if $(STACK),--stack '$(STACK)')

up: ## pulumi up, and at its end a table of what took how long; YES=1 asks nothing; STACK=NAME, PULUMI=lab/pulumi
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.up

# What the forges' jobs call (docs/pull-requests.md). STACK=NAME and DIGEST=… reach the recipes by the
# environment, never as text of a shell.
comment: ## posts preview.md on the pull request; it replaces the last one; STACK=NAME
	tools/venv
	.venv/bin/python -m pull_requests comment

apply: ## pulumi up, if the preview equals the reviewed one; STACK=NAME, by hand also DIGEST=…
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m pull_requests apply

resume: ## repairs a stack's state after a failed change; STACK=NAME, PULUMI=lab/pulumi
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.resume $(if $(STACK),--stack '$(STACK)')

# STACK and WRITE reach the program by the environment.
adopt: ## takes what is in the cloud into a state that lacks it; WRITE=1 into the settings instead; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.adopt

drift: ## what differs on the nodes and in the cloud; in a job, an issue as long as it does; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m pull_requests drift

repair: ## `pulumi up` for the files and steps of nodes that differ; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.drift repair

# Nothing but the answer is printed, so that another program can read it. make's own status is 2 for each
# of the program's that is not 0.
status: ## what needs a person, and the whole cloud on one screen; JSON=1; STACK=NAME
	@tools/venv >&2
	@engine/build >&2
	@. tools/env.sh && .venv/bin/python -m tools.status $(if $(JSON),--json)

status-page: ## the same, and as one HTML page in status.html; STACK=NAME
	@tools/venv >&2
	@engine/build >&2
	@. tools/env.sh && .venv/bin/python -m tools.status --page status.html

# NODES, ALL, DRAIN and DRY reach the program by the environment.
update: ## security updates, node by node; NODES='NAME…', ALL=1, DRAIN=1, DRY=1 only says what; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.update

# NODE, YES and BACK, too.
evacuate: ## makes a dead compute's servers anew elsewhere: NODE=NAME; BACK=1 when it lives again; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.evacuate

# SERVER, NAME, SNAPSHOT and such words below reach the program by the environment, too.
snapshot: ## a snapshot of a server, by hand: SERVER=NAME, NAME=TEXT; STACK=NAME, PULUMI=lab/pulumi
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.snapshots take

restore: ## brings a server back to a snapshot of it, by hand: SERVER=NAME SNAPSHOT=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.snapshots restore

snapshots: ## a table of all snapshots
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.snapshots list

backup: ## a backup of the controller now; TO=FOLDER copies it here, too; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.backups make

backups: ## a table of all backups; CHECK=NAME, or last, reads that one back; STACK=NAME
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.backups list

restore-controller: ## a bare machine is the controller again: BACKUP=NAME, FROM=FOLDER, HOST_KEY='ssh-ed25519 …'
	tools/venv
	engine/build
	. tools/env.sh && .venv/bin/python -m tools.restore_controller

wheel: ## the package iaas, which is components/, in dist
	tools/venv
	tools/wheel

bench-preview: ## seconds and memory of previews, compared with OpenTofu's plans; RUNS=3
	bench/run $(if $(RUNS),--runs $(RUNS))

bench-nodes: ## `pulumi up` of 10, 30 and 100 nodes whose steps only take their time; NODES=30 is the most
	bench/run nodes $(if $(NODES),--up-to $(NODES))

bench-api: ## requests a second of the APIs of a lab that is up, with several sets of sizes; RUNS=1
	bench/api/run $(if $(RUNS),--runs $(RUNS))

bench-servers: ## seconds of 20 servers on a lab that is up: pulumi up, tofu apply, a loop of openstack; RUNS=1
	bench/servers/run $(if $(RUNS),--runs $(RUNS))

bench-up: ## `pulumi up` of the lab's bare nodes, beside apt alone, and a picture of it in up.svg
	bench/up/run
