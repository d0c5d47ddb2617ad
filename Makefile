# Postern.  `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := all

# release, sanitize (AddressSanitizer and UndefinedBehaviorSanitizer), or thread (ThreadSanitizer)
VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
# V=1 shows the commands themselves.
ifeq ($(V),)
say = @echo "  $(1)  $(patsubst build/%,%,$@)";
endif
BUILD := build/$(VARIANT)

PACKAGES := libmicrohttpd gnutls libssl libcrypto libsodium libpq libcurl gmime-3.0 libconfig icu-uc icu-i18n jansson libsystemd libarchive libseccomp ldap lber gpgme liboath libqrencode libfido2 libcbor libqpdf fribidi libpng libjpeg
WARNINGS := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes -Werror
HARDENING := -fstack-protector-strong -fPIE -fstack-clash-protection
LINK_HARDENING := -pie -Wl,-z,relro,-z,now
ifeq ($(VARIANT),sanitize)
OPTIMISE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(VARIANT),thread)
OPTIMISE := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
else
OPTIMISE := -O2 -g -D_FORTIFY_SOURCE=2
endif
CPPFLAGS := -D_GNU_SOURCE -I. -I$(BUILD)/generated $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null | sed 's/-I/-isystem /g')
CFLAGS := -std=c17 $(OPTIMISE) $(WARNINGS) $(HARDENING)
LDFLAGS := $(LINK_HARDENING) $(OPTIMISE) -pthread
# Those behind it have no pkg-config of their own, or one that wants more than Debian's packages bring.
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lgumbo -lzxcvbn -lunbound -lhpdf -lm

# The floors, lowest first; each folder is one archive.
LIBRARY_FOLDERS := base crypto store mail pdf keys messenger
PROGRAM_FOLDERS := ingest courier portal ctl run reader

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
archive = $(BUILD)/lib$(1).a

.PHONY: all
all: $(BUILD)/postern catalogues-built ## build the program (VARIANT=sanitize for the sanitizers)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP -c $< -o $@

define archive_rule
$(call archive,$(1)): $(call objects,$(1)) $(if $(filter store,$(1)),$(BUILD)/generated/store_sql.o)
	@rm -f $$@
	$$(call say,AR)ar rcs $$@ $$^
endef
$(foreach folder,$(LIBRARY_FOLDERS) $(PROGRAM_FOLDERS),$(eval $(call archive_rule,$(folder))))

# SQL is compiled in: migrations, roles and named statements.
SQL_FILES := $(sort $(wildcard sql/*.sql sql/*/*.sql))
$(BUILD)/generated/store_sql.c: $(SQL_FILES) tools/embed-sql.awk
	@mkdir -p $(@D)
	$(call say,SQL)awk -f tools/embed-sql.awk $(SQL_FILES) > $@.new && mv $@.new $@
$(BUILD)/generated/store_sql.o: $(BUILD)/generated/store_sql.c
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/postern: $(BUILD)/postern.o $(foreach folder,reader run ctl portal courier ingest messenger keys pdf mail store crypto base,$(call archive,$(folder)))
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# Translations: languages/CODE.po, compiled.
CATALOGUES := $(patsubst languages/%.po,$(BUILD)/languages/%.mo,$(wildcard languages/*.po))
$(BUILD)/languages/%.mo: languages/%.po
	@mkdir -p $(@D)
	$(call say,MO)msgfmt --check -o $@ $<

.PHONY: catalogues-built catalogues
catalogues-built: $(CATALOGUES)
catalogues: ## bring new phrases of templates and programs into languages/*.po, and take unused ones out
	@mkdir -p build
	@tools/catalogues.py extract >build/postern.pot
	@for file in languages/*.po; do \
		msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-wrap --add-location=file $$file build/postern.pot && \
		msgattrib --no-obsolete --no-wrap -o $$file $$file && msgfmt --statistics -o /dev/null $$file || exit 1; \
	done

# Unit tests: tests/unit/FOLDER/test_MODULE.c links only the floors that FOLDER may use.
uses_base := base
uses_crypto := crypto base
uses_store := store base
uses_mail := mail base
uses_pdf := pdf mail base
uses_keys := keys mail store crypto base
uses_messenger := messenger keys pdf mail store crypto base
uses_ingest := ingest messenger keys pdf mail store crypto base
uses_courier := courier messenger keys pdf mail store crypto base
uses_portal := portal messenger keys pdf mail store crypto base
uses_ctl := ctl messenger keys pdf mail store crypto base
uses_reader := reader pdf mail base
# There are many, each linked alone: a quick linker where there is one.
UNIT_LINKER := $(firstword $(foreach linker,lld gold,$(if $(shell command -v ld.$(linker)),-fuse-ld=$(linker))))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
define unit_rule
$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $(foreach folder,$(uses_$(1)),$(call archive,$(folder)))
	@mkdir -p $$(@D)
	$$(call say,LD)$$(CC) $$(CPPFLAGS) $$(CFLAGS) -pthread -MMD -MP $$(LDFLAGS) $$(UNIT_LINKER) -o $$@ $$(filter %.c %.a,$$^) $$(LIBS) -lcmocka
endef
$(foreach folder,$(LIBRARY_FOLDERS) $(PROGRAM_FOLDERS),$(eval $(call unit_rule,$(folder))))

.PHONY: unit
unit: $(UNIT_TESTS) ## build the unit tests

# Every page with made-up values, for tests/browser/run.
$(BUILD)/browser/preview: $(wildcard tests/browser/*.c) tests/browser/preview.h $(call archive,base)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

# What mail/ makes of a folder of messages, for tests/corpus/compare.py.
$(BUILD)/corpus/parse_folder: tests/corpus/parse_folder.c $(call archive,mail) $(call archive,base)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

# What crypto/ makes of certificates and signatures, for tests/corpus/certificates.py.
$(BUILD)/corpus/judge: tests/corpus/judge.c $(call archive,crypto) $(call archive,base)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

# A letter as GMime reads it, for tests/portal/test_reply.py.
$(BUILD)/letters/parts: tests/letters/parts.c
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $(filter %.c,$^) $(LIBS)

# Keys of others, messages to them, and what look-ups say, for tests/integration and tests/corpus.
$(BUILD)/keys/%: tests/keys/%.c $(foreach folder,$(uses_keys),$(call archive,$(folder)))
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

# A letter encrypted by S/MIME, for tests/integration/test_smime.py and bench/.
$(BUILD)/letters/smime: tests/letters/smime.c $(call archive,mail) $(call archive,crypto) $(call archive,base)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

# ---- running ----
VAR ?= var
SMTP_PORT ?= 2525
HTTPS_PORT ?= 8443

.PHONY: run
run: deps-build ## install what is missing, build, start everything in the foreground
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@exec tools/run.sh $(BUILD)/postern $(VAR) $(SMTP_PORT) $(HTTPS_PORT)

.PHONY: deps-build deps
deps-build:
	@tools/packages.sh build
deps: ## install the packages that building and testing need
	@tools/packages.sh test

# ---- installing ----
# Manual pages that list what tables in the program list.
MANUALS := $(patsubst docs/man/%.in,$(BUILD)/man/%,$(wildcard docs/man/*.in))
$(BUILD)/man/postern.conf.5: manual_of := options
$(BUILD)/man/postern-ctl.8: manual_of := verbs
$(BUILD)/man/%: docs/man/%.in $(BUILD)/postern
	@mkdir -p $(@D)
	$(call say,MAN)$(BUILD)/postern ctl manual $(manual_of) >$@.list && \
		sed -e '/^@GENERATED@$$/{r $@.list' -e 'd}' $< >$@.new && mv $@.new $@

.PHONY: manuals
manuals: $(MANUALS) ## build the manual pages

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
# Where systemd looks, for /usr and for /usr/local.
libdir ?= $(prefix)/lib
unitdir ?= $(libdir)/systemd/system
# The program looks for /etc/postern/postern.conf.
sysconfdir ?= /etc

.PHONY: install uninstall
install: all manuals ## install below $(DESTDIR)$(prefix), the configuration in /etc (kept when it is there)
	@BUILD=$(BUILD) DESTDIR=$(DESTDIR) SBINDIR=$(sbindir) DATADIR=$(datadir) MANDIR=$(mandir) LIBDIR=$(libdir) UNITDIR=$(unitdir) \
		SYSCONFDIR=$(sysconfdir) tools/install.sh install
uninstall: ## remove what install put there; configuration and keys stay
	@BUILD=$(BUILD) DESTDIR=$(DESTDIR) SBINDIR=$(sbindir) DATADIR=$(datadir) MANDIR=$(mandir) LIBDIR=$(libdir) UNITDIR=$(unitdir) \
		SYSCONFDIR=$(sysconfdir) tools/install.sh uninstall

.PHONY: deb
deb: ## build a Debian package in build/deb
	@tools/deb.sh build/deb

# ---- testing ----
.PHONY: test
test: deps ## install what tests need, run them all; ends "N passed, N failed"
	@tests/run

.PHONY: check
check: ## the same without installing anything
	@tests/run

# Longer than in `make test`: two minutes of kills under load.
.PHONY: test-kills
test-kills: ## kill -9 under 5,000 messages (LOAD="messages seconds")
	@$(MAKE) --no-print-directory VARIANT=sanitize all
	@POSTERN_LOAD="$${LOAD:-5000 120}" /usr/bin/python3 -B tests/faults/test_load_kills.py

.PHONY: test-ha
test-ha: ## lose the primary PostgreSQL under two of each daemon
	@$(MAKE) --no-print-directory VARIANT=sanitize all
	@/usr/bin/python3 -B tests/ha/test_failover.py

.PHONY: test-deb
test-deb: ## install, upgrade, remove and purge the Debian package in a fresh Debian (needs root and the network)
	@/usr/bin/python3 -B tests/packaging/test_deb.py

.PHONY: corpus
corpus: all $(BUILD)/corpus/parse_folder $(BUILD)/corpus/judge $(BUILD)/letters/smime $(BUILD)/keys/openpgp ## run a folder of test material: make corpus CORPUS=path
	@tests/corpus/run $(CORPUS)

# Limits to measure against: bench/NAME.c.
$(BUILD)/bench/constant: $(call archive,portal) $(call archive,messenger) $(call archive,base)
$(BUILD)/bench/intake: $(call archive,store) $(call archive,base)
$(BUILD)/bench/reading: $(call archive,reader) $(call archive,pdf) $(call archive,mail) $(call archive,base)
$(BUILD)/bench/pdf: $(call archive,reader) $(call archive,pdf) $(call archive,mail) $(call archive,base)
$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(LIBS)

.PHONY: bench
BENCH ?=
bench: all $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c)) $(BUILD)/letters/smime ## measure beside peers and limits; prints ratios (BENCH=--quick)
	@bench/run $(BENCH)

# Fuzz targets: tests/fuzz/FOLDER_NAME.c with seeds in tests/fuzz/seeds/FOLDER_NAME/
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))

FUZZ_SECONDS ?= 60
FUZZ_FLAGS := -std=c17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZ_FOLDERS := $(LIBRARY_FOLDERS) ingest portal
FUZZ_OBJECTS = $(patsubst %.c,build/fuzz/objects/%.o,$(foreach folder,$(FUZZ_FOLDERS),$(wildcard $(folder)/*.c))) build/fuzz/objects/store_sql.o
build/fuzz/objects/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)clang-14 $(CPPFLAGS) -std=c17 -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -pthread -MMD -MP -c $< -o $@
build/fuzz/objects/store_sql.o: $(BUILD)/generated/store_sql.c
	@mkdir -p $(@D)
	clang-14 $(CPPFLAGS) -std=c17 -O1 -g -fsanitize=address,undefined -c $< -o $@
build/fuzz/libpostern.a: $(FUZZ_OBJECTS)
	@rm -f $@
	ar rcs $@ $^
build/fuzz/%: tests/fuzz/%.c build/fuzz/libpostern.a
	$(call say,LD)clang-14 $(CPPFLAGS) $(FUZZ_FLAGS) -pthread -o $@ $^ $(LIBS)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS) ## run each fuzz target for FUZZ_SECONDS (default 60)
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# ---- keeping it tidy ----
# What reader.py writes stays as it writes it.
SOURCES := $(filter-out tests/unit/crypto/vectors.h, $(wildcard *.c *.h $(foreach folder,$(LIBRARY_FOLDERS) $(PROGRAM_FOLDERS),$(folder)/*.[ch]) tests/*.[ch] tests/unit/*/*.[ch] tests/browser/*.c tests/letters/*.c tests/keys/*.c tests/fuzz/*.c bench/*.c))

.PHONY: format
format: ## lay out all sources
	clang-format-14 -i $(SOURCES)

.PHONY: lint
lint: $(BUILD)/generated/store_sql.c ## clang-tidy and cppcheck, warnings are errors
	@tests/lint '$(CPPFLAGS)'

.PHONY: clean
clean: ## remove what was built
	rm -rf build

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | awk -F'\t' '{printf "  %-12s %s\n", $$1, $$2}'

-include $(shell find build -name '*.d' 2>/dev/null)
