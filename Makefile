# Everyday actions. `make` alone lists them.
TOOLS := .ci/with-tools
OPEN := $(if $(filter Darwin,$(shell uname))$(DISPLAY)$(WAYLAND_DISPLAY),--open)
PAGE_TOOLS := tests/page/node_modules/.installed

# MODEL=open embeds the model whose weights anyone may use (models/LICENSE.md).
MODEL :=
export HAEMOLENS_EMBEDDED := $(if $(filter open,$(MODEL)),alexnet-svm-open,alexnet-svm)
EMBED := $(if $(filter open,$(MODEL)),--features open-model)

.PHONY: help serve site reassemble standalone package test lint test-rust test-browser test-page test-package bench bench-paint bench-map bench-models bench-parts bench-folder fuzz picture lighthouse clean
.NOTPARALLEL:

help: ## list these actions
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: ## build the page, serve it on http://127.0.0.1:8080 and open it
	$(TOOLS) trunk serve --release $(EMBED) $(OPEN)

site: ## build the whole static site into dist/
	$(TOOLS) trunk build --release $(EMBED)

reassemble: ## the site again from the module that is in dist/, after changes to www/ or models/
	rm -rf dist/models
	TRUNK_STAGING_DIR=dist .ci/assemble-site

standalone: site ## the site as one file for the disk, dist/haemolens.html
	node www/build/standalone.mjs dist dist/haemolens.html

package: site ## the npm package, target/npm/haemolens.tgz
	node packages/npm/build.mjs dist target/npm

test: lint test-rust test-browser test-page test-package ## check everything

lint: ## formatting, clippy for this machine and for the browser, and links in the documentation
	$(TOOLS) cargo fmt --check
	$(TOOLS) cargo clippy --all-targets --features train -- -D warnings
	$(TOOLS) cargo clippy --lib --target wasm32-unknown-unknown -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --features train --lib

test-rust: ## unit tests, integration tests and documentation examples
	cargo test --features train

test-browser: $(PAGE_TOOLS) ## the engine's unit tests, compiled for the browser and run in one
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && \
	export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="node $(CURDIR)/tests/page/rust-test-runner.mjs" && \
	$(TOOLS) cargo test --lib --target wasm32-unknown-unknown

test-page: standalone $(PAGE_TOOLS) ## types of the page's scripts, and the built page in a real browser
	cargo test --features train --no-run
	cd tests/page && node_modules/.bin/tsc --project . && node_modules/.bin/tsc --project ../../www/offline
	CHROMIUM="$$(.ci/find-chromium)" && FIREFOX="$$(.ci/find-firefox)" && export CHROMIUM FIREFOX && \
	cd tests/page && node --test

test-package: package $(PAGE_TOOLS) ## the packed package as others install it, the examples and the documents' commands
	cargo test --features train --no-run
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && cd tests/package && node --test

$(PAGE_TOOLS): tests/page/package.json
	cd tests/page && npm install --no-package-lock --no-audit --no-fund
	touch $@

bench: site ## time the engine and its rivals in one browser; see benches/README.md
	$(TOOLS) .ci/bench

MINUTES := 30
fuzz: ## fuzz whatever reads what strangers give us, for MINUTES (30); see fuzz/README.md
	.ci/fuzz run $(MINUTES)

bench-paint: site ## time how soon the page can be seen and used
	cd benches/browser && npm install --no-package-lock --no-audit --no-fund
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && node benches/browser/paint.mjs dist

bench-map: site ## time what the map of contributions costs (after make bench, which draws its slices)
	cd benches/browser && npm install --no-package-lock --no-audit --no-fund
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && node benches/browser/map.mjs target/bench/models dist

bench-models: site ## time the inference of the stored models against each other in one browser
	cd benches/browser && npm install --no-package-lock --no-audit --no-fund
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && \
	node benches/browser/inference.mjs dist models/alexnet-svm.safetensors models/alexnet-svm-open.safetensors models/alexnet.safetensors models/cnn.safetensors

bench-parts: ## time the engine's parts on this machine, outside of a browser
	cargo bench --bench parts

bench-folder: ## time the command line on a thousand and on ten thousand drawn files (GNU time, 2 GB of disk)
	cargo build --release --features cli --bin haemolens
	node benches/folder.mjs target/release/haemolens

picture: site $(PAGE_TOOLS) ## draw the README's picture of the page anew, from phantoms
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && node tests/page/draw-picture.mjs docs/page.png

lighthouse: site ## have Lighthouse judge the page
	cd benches/lighthouse && npm install --no-package-lock --no-audit --no-fund
	CHROMIUM="$$(.ci/find-chromium)" && export CHROMIUM && node benches/lighthouse/run.mjs dist

clean: ## remove everything that was built
	cargo clean
	rm -rf dist www/build/node_modules tests/page/node_modules benches/browser/node_modules benches/lighthouse/node_modules
