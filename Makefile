# Two commands do everything on a bare Debian or Ubuntu: `make demo` and `make test`.
PY := .venv/bin/python
CODE := agent telephony voice intents dialog backends ehr_writeback console fhir words models benchmarks tests audio_fixtures
# Three files of tests at a time: calls in real time leave the processor mostly idle. ARGS="-n 0" is one after the other.
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export ORT_DISABLE_TELEMETRY := 1
# Compiled modules are kept: tests start hundreds of processes, and each would compile them all again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: fuzzer fuzz shots transcripts setup lock peers browser demo serve rehearse test check check-long bench bench-transport bench-voice bench-whisper bench-booking bench-understanding bench-writeback bench-kills bench-console deploy-lint format train-intents clean bench-load

setup:
	@scripts/setup.sh

lock: setup  ## requirements.lock and requirements-nodeps.lock anew: every package at its version, with the hashes of its files
	@scripts/lock.sh

peers: setup  ## independent programs that the tests compare us with; tests say so where a registry is out of reach
	@PYTHON=.venv/bin/python scripts/peers.sh || [ $$? -eq 75 ]

browser: setup  ## Playwright, axe-core and a Chromium, for the checks of the staff's pages; CHROMIUM=/path, or none
	@PYTHON=.venv/bin/python scripts/browser.sh || [ $$? -eq 75 ]

fuzzer: setup  ## atheris, for the short fuzzing in the tests and for `make fuzz`
	@PYTHON=.venv/bin/python scripts/fuzz.sh || [ $$? -eq 75 ]

fuzz: fuzzer  ## every reader of what comes from outside, BUDGET seconds each; SEED=, ARGS="--target codec"
	$(PY) -m benchmarks.fuzz --seconds $(or $(BUDGET),600) --seed $(or $(SEED),1) $(ARGS)

nginx: setup  ## an nginx of the distribution, unpacked beside us, for the tests with several processes
	@scripts/nginx.sh || [ $$? -eq 75 ]

demo: setup  ## real calls over the Twilio protocol, both sides shown; ARGS=--stay keeps the server up
	@.venv/bin/firstring demo $(ARGS)

serve: setup  ## the server, with the settings of firstring.toml
	@.venv/bin/firstring serve $(ARGS)

rehearse: setup  ## simulated callers against the whole product, three seeds each; ARGS="--noise 0.15", ARGS="--audio --snr 15"
	@.venv/bin/firstring rehearse --repeat 3 $(ARGS)

# A thread a process: on the same two cores their threads would wait for one another, and burn time in it.
test check: export OMP_NUM_THREADS := 1
test: setup peers browser nginx fuzzer  ## every test but the long ones; what CI runs
	$(PY) -m pytest -q $(SIDE_BY_SIDE) $(ARGS)

check: setup peers browser nginx fuzzer  ## format, lint, types, imports, fast tests
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m ruff check $(CODE)
	$(PY) -m mypy $(CODE)
	.venv/bin/lint-imports
	$(PY) -m pytest -q $(SIDE_BY_SIDE) -m "not slow"

check-long: setup peers browser nginx fuzzer  ## the long checks: everything, with more examples; SEED= and BUDGET= (kills) bring a run back
	HYPOTHESIS_PROFILE=long BUDGET=$(or $(BUDGET),60) SEED=$(or $(SEED),$(shell date +%s)) $(PY) -m pytest -q
	$(PY) -m tests.dialog_safety.mutations

bench: setup  ## measurements; each prints a table (ARGS go to the first)
	$(PY) -m benchmarks.turns $(ARGS)
	$(PY) -m benchmarks.transport

bench-transport: setup  ## calls a core with frames only; ARGS="--calls 100,200 --seconds 10"
	$(PY) -m benchmarks.transport $(ARGS)

bench-voice: setup  ## every target of ears and voice, one table; ARGS="--only latency,load" or ARGS=--quick
	$(PY) -m benchmarks.voice $(ARGS)

bench-whisper: setup  ## Whisper's speed; with MODEL=base.en (weights on this disk) its word error too
	$(PY) -m benchmarks.whisper $(if $(MODEL),--model "$(MODEL)") $(ARGS)

bench-booking: setup  ## a decision's time, callers who race for one opening, human booking dialogues
	$(PY) -m benchmarks.decide
	$(PY) -m benchmarks.booking_race
	$(PY) -m benchmarks.booking_dialogues

bench-understanding: setup  ## every target of words and meaning, one table; ARGS="--only public,speed" or ARGS=--quick
	$(PY) -m benchmarks.understanding $(ARGS)

bench-writeback: setup  ## call end to note, backlog, rate, faults and kills; ARGS="--only faults", BUDGET= (kills), SEED=
	$(PY) -m benchmarks.writeback --kills $(or $(BUDGET),300) --seed $(or $(SEED),1) $(ARGS)

bench-kills: setup  ## kill -9 under many calls; ARGS="--database postgresql --machines 2", BUDGET= (kills), SEED=
	$(PY) -m tests.survival.storm --kills $(or $(BUDGET),50) --seed $(or $(SEED),$(shell date +%s)) $(ARGS)

bench-console: setup  ## server time of every page and of searches with 100,000 calls, home's bytes; ARGS="--only sqlite"
	$(PY) -m benchmarks.console $(ARGS)

deploy-lint: setup  ## the deploy files under hadolint, kubernetes-validate, yamllint, systemd-analyze and promtool, where they can be had
	@.venv/bin/python -m pip --quiet --disable-pip-version-check install -r requirements-deploy.txt
	$(PY) -m pytest -q -rs tests/deploy

bench-speech-workers: setup  ## ten utterances at once in process, worker process, over websockets, on Ray; ARGS="--engine whisper --save"
	$(PY) -m benchmarks.speech_workers $(ARGS)

bench-load: setup  ## the load table and the capacity model; ARGS=--quick, ARGS="--minutes 10 --document" on a quiet machine
	$(PY) -m benchmarks.load $(ARGS)

format: setup
	$(PY) -m ruff format $(CODE)
	$(PY) -m ruff check --fix $(CODE)

train-intents: setup  ## retrains the network from intents/corpus and intents/alarms and writes its report
	$(PY) -m intents.train

transcripts: setup  ## ten calls by keyboard, written to docs/transcripts
	$(PY) -m benchmarks.transcripts

shots: setup browser  ## pictures of every page of the console, written to docs/shots
	$(PY) -m benchmarks.shots

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .peers firstring-data

.PHONY: audit sbom bench-attack

audit: setup  ## the code by bandit, its packages by pip-audit; reasons stand in pyproject.toml
	@PYTHON=.venv/bin/python scripts/audit.sh
	$(PY) scripts/audit.py

sbom: setup  ## docs/licences.md and build/sbom.cdx.json (CycloneDX) of what is installed
	$(PY) scripts/sbom.py

bench-attack: setup  ## what live calls notice of hostile frames, slow heads, huge bodies and floods; ARGS="--only loris"
	$(PY) -m benchmarks.attack $(ARGS)
	$(PY) -m benchmarks.attack_replies
