# SPDX-License-Identifier: GPL-2.0
# For people. Thin: each target calls what does the work. kbuild reads Kbuild instead.

# Which kernel: as `uname -r` says, or a short name of tools/vm/kernels (6.1, 6.12, rt). Without it,
# modules are built for and installed to the running kernel, and the lab takes every kernel it covers.
KVER ?=
kver = $(or $(KVER),$(shell uname -r))
lab_kernels = $$(tools/vm/kver $(KVER))
T ?=
DESTDIR ?=
PREFIX ?= /usr
DKMS ?=
export KVER T

MAKEFLAGS += --no-print-directory

.PHONY: all modules samples tools selftests setup demo test test-boot test-readme test-debug test-the-tests bench plots check \
	shell install uninstall deb clean help lab-modules demo-tools bench-tools

all: modules

include tools/build/user.mk

modules:
	+@tools/build/modules $(kver)

samples: $(samples_out)
	@:
tools: $(tools_out)
	@:
selftests: $(selftests_out)
	@:
demo-tools: $(demo_out) $(bench_out)
	@:
bench-tools: $(bench_out) $(tools_out)
	@:

# From here on: what the lab does. Compiling for user space takes packages that setup installs, hence
# a make of its own after it.

setup:
	@tools/vm/setup $(KVER)

lab-modules: setup
	+@for k in $(lab_kernels); do tools/build/modules $$k || exit; done

test: lab-modules
	+@$(MAKE) selftests samples tools
	@for k in $(lab_kernels); do tools/build/example $$k >/dev/null || exit; done
	@tools/vm/test $(lab_kernels)

test-debug:
	+@$(MAKE) test KVER="$(patsubst %,%-debug,$(or $(KVER),6.1 6.12))"

test-boot: lab-modules
	+@$(MAKE) samples tools
	@tools/install/test-boot $(lab_kernels)

# Debian 12's own kernel
test-readme:
	@tools/vm/setup 6.1
	@tools/install/test-readme

# One kernel is enough to see that a mistake is found.
test-the-tests: KVER := 6.12-debug
test-the-tests: setup
	+@$(MAKE) selftests samples tools
	@tools/test-the-tests $(KVER)

demo: KVER := $(or $(KVER),6.12)
demo: lab-modules
	+@$(MAKE) demo-tools
	@tools/demo/demo

bench: lab-modules
	+@$(MAKE) bench-tools
	@tools/bench/bench

plots: setup
	@tools/bench/plot

check: setup
	+@tools/check/check

shell: KVER := $(or $(KVER),6.12)
shell: setup
	@tools/vm/vm -k $(KVER) -i

install:
	+@tools/install/install $(kver) "$(DESTDIR)" "$(PREFIX)" $(if $(DKMS),dkms)

uninstall:
	@tools/install/uninstall $(kver) "$(DESTDIR)" "$(PREFIX)"

deb: setup
	+@tools/install/deb

clean:
	rm -rf build

help:
	@echo 'make [KVER=<version>]       the modules, in build/<version>/; default: the running kernel'
	@echo 'make samples tools          build/samples/*, build/xdp-rxh'
	@echo 'make install uninstall      modules (updates/), modprobe.d, man pages, xdp-rxh; DESTDIR, PREFIX'
	@echo 'make install DKMS=1         the same, with DKMS building the modules for every kernel'
	@echo
	@echo 'In a VM with a stock Debian kernel, KVER=6.1, 6.12 or rt (default: 6.1 and 6.12):'
	@echo 'make setup                  packages, headers and kernels; the targets below call it'
	@echo 'make demo                   the whole thing, shown (6.12)'
	@echo 'make test [T=<pattern>]     the selftests'
	@echo 'make test-boot              installed, booted by systemd: devices with native XDP at once'
	@echo 'make test-readme            README.md followed word by word, on a Debian of its own (20 minutes or more)'
	@echo 'make test-debug             the same on kernels with KASAN, lockdep, kmemleak, ...: built once'
	@echo 'make test-the-tests         mistakes are planted in a copy of the tree: does the suite find them?'
	@echo 'make bench                  instructions per packet, in build/bench/<version>.json'
	@echo 'make plots                  draw what that left for 6.1 and 6.12, in Documentation/plots/'
	@echo 'make shell                  an interactive shell (6.12)'
	@echo 'make deb                    Debian packages, in build/deb/'
	@echo 'make check                  all linters'
	@echo 'make clean                  removes build/; kernels stay in $${XDP_RXH_CACHE:-~/.cache/xdp-rxh}'
