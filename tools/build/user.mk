# SPDX-License-Identifier: GPL-2.0
# BPF programs and the programs of user space, each room of the tree into its folder under build/.

CLANG ?= clang
LLVM_OBJCOPY ?= llvm-objcopy
BPFTOOL ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra
# asm/types.h is in the host's own folder, which -target bpf does not look into.
# What a program ignores of its context is its own business.
BPF_CFLAGS := -O2 -g $(WARN) -Wno-unused-parameter $(BPF_WARN) -target bpf \
	-Iinclude/uapi -idirafter /usr/include/$(shell uname -m)-linux-gnu
LDLIBS := -Wl,--as-needed -lxdp -lbpf -lmnl -lelf -lz

uapi := $(wildcard include/uapi/linux/*.h)

.DELETE_ON_ERROR:
.SECONDARY:

%/:
	@mkdir -p $@

# $(call bpf,from,to): every x.bpf.c gives x.bpf.o, and its skeleton x.skel.h for those who include it
define bpf
$(2)/%.bpf.o: $(1)/%.bpf.c $(wildcard $(1)/*.h) $(uapi) | $(2)/
	@echo '  CLANG   $$@'
	@$(CLANG) $(BPF_CFLAGS) -c $$< -o $$@
$(2)/%.skel.h: $(2)/%.bpf.o
	@echo '  SKEL    $$@'
	@$(BPFTOOL) gen skeleton $$< > $$@
endef
bpf_objects = $(patsubst $(1)/%.bpf.c,$(2)/%.bpf.o,$(wildcard $(1)/*.bpf.c))

# $(call program,binary,sources,skeletons,flags)
define program
$(1): $(2) $(3) $(wildcard $(dir $(firstword $(2)))*.h) $(uapi) | $(dir $(1))
	@echo '  CC      $$@'
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -I$(dir $(1)) -iquote $(dir $(firstword $(2))) -Iinclude/uapi \
		$(2) -o $$@ $(LDFLAGS) $(4) $(LDLIBS)
all_$(dir $(1)) += $(1)
endef
# A source that is no BPF program.
c_sources = $(filter-out %.bpf.c,$(wildcard $(1)/*.c))
# $(call programs,from,to): one for each; x.c with an x.bpf.c beside it gets that one's skeleton
programs = $(foreach c,$(call c_sources,$(1)),$(eval $(call program,$(2)/$(basename $(notdir $(c))),$(c),\
	$(patsubst $(1)/%.bpf.c,$(2)/%.skel.h,$(wildcard $(c:.c=.bpf.c))))))

$(eval $(call bpf,samples/bpf,build/samples))
$(call programs,samples/bpf,build/samples)
samples_out := $(call bpf_objects,samples/bpf,build/samples) $(all_build/samples/)

# What they say of themselves, as manual pages: where there is help2man (a package of Debian's)
build/man/xdp-rxh-%.8: build/samples/% | build/man/
	@echo '  MAN     $@'
	@help2man --no-info --section=8 --manual='XDP on stacked devices' --source=xdp-rx-handler --version-string=- \
		--name="$$($< --help | sed '1d; /^$$/,$$d; s/"//g' | tr '\n' ' ')" --include=samples/bpf/loader.man -o $@ $<
ifneq ($(shell command -v help2man),)
samples_out += $(patsubst build/samples/%,build/man/xdp-rxh-%.8,$(all_build/samples/))
endif

# The layouts of metadata for CO-RE, where the module has no BTF of its own (struct bpf_object_open_opts's
# btf_custom_path)
build/xdp_rx_handler.btf: include/uapi/linux/xdp_rx_handler.h | build/
	@echo '  BTF     $@'
	@{ echo '#include <linux/xdp_rx_handler.h>'; \
		sed -n 's/^struct \(xdp_rxh_meta_[a-z_]*\) {$$/struct \1 \1;/p' $<; } | \
		$(CLANG) $(BPF_CFLAGS) -x c -c - -o $@.o
	@$(LLVM_OBJCOPY) --dump-section .BTF=$@ $@.o
	@rm $@.o
samples_out += build/xdp_rx_handler.btf

$(eval $(call bpf,selftests/progs,build/selftests))
$(call programs,selftests/tools,build/selftests)
selftests_out := $(call bpf_objects,selftests/progs,build/selftests) $(all_build/selftests/) build/ynl

build/ynl:
	@tools/build/ynl

$(eval $(call bpf,tools/demo,build/demo-tools))
$(call programs,tools/demo,build/demo-tools)
demo_out := $(call bpf_objects,tools/demo,build/demo-tools) $(all_build/demo-tools/)

$(eval $(call bpf,tools/bench,build/bench-tools))
$(eval $(call program,build/bench-tools/xdp-cost,$(call c_sources,tools/bench),build/bench-tools/bench.skel.h \
	build/bench-tools/line.skel.h build/bench-tools/demux.skel.h))
bench_out := $(all_build/bench-tools/)

ifneq ($(call c_sources,tools/xdp-rxh),)
$(eval $(call program,build/xdp-rxh,$(call c_sources,tools/xdp-rxh),,-idirafter /usr/include/traceevent \
	-ltracefs -ltraceevent -lpcap))
tools_out := build/xdp-rxh
endif
