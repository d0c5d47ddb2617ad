# Postern.  `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := all

# release, or sanitize (AddressSanitizer and UndefinedBehaviorSanitizer)
VARIANT ?= release
CC ?= gcc
BUILD := build/$(VARIANT)

PACKAGES := libmicrohttpd gnutls libssl libcrypto libsodium libpq libcurl gmime-3.0 libconfig icu-uc icu-i18n
WARNINGS := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes -Werror
HARDENING := -fstack-protector-strong -fPIE -fstack-clash-protection
LINK_HARDENING := -pie -Wl,-z,relro,-z,now
ifeq ($(VARIANT),sanitize)
OPTIMISE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
OPTIMISE := -O2 -g -D_FORTIFY_SOURCE=2
endif
CPPFLAGS := -D_GNU_SOURCE -I. -I$(BUILD)/generated $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null | sed 's/-I/-isystem /g')
CFLAGS := -std=c17 $(OPTIMISE) $(WARNINGS) $(HARDENING)
LDFLAGS := $(LINK_HARDENING) $(OPTIMISE) -pthread
LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lgumbo

# The floors, lowest first; each folder is one archive.
LIBRARY_FOLDERS := base crypto store mail messenger
PROGRAM_FOLDERS := ingest courier portal ctl run

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
archive = $(BUILD)/lib$(1).a

.PHONY: all
all: $(BUILD)/postern ## build the program (VARIANT=sanitize for the sanitizers)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP -c $< -o $@

define archive_rule
$(call archive,$(1)): $(call objects,$(1)) $(if $(filter store,$(1)),$(BUILD)/generated/store_sql.o)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach folder,$(LIBRARY_FOLDERS) $(PROGRAM_FOLDERS),$(eval $(call archive_rule,$(folder))))

# SQL is compiled in: migrations, roles and named statements.
SQL_FILES := $(sort $(wildcard sql/*.sql sql/*/*.sql))
$(BUILD)/generated/store_sql.c: $(SQL_FILES) tools/embed-sql.awk
	@mkdir -p $(@D)
	awk -f tools/embed-sql.awk $(SQL_FILES) > $@.new && mv $@.new $@
$(BUILD)/generated/store_sql.o: $(BUILD)/generated/store_sql.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/postern: $(BUILD)/postern.o $(foreach folder,run ctl portal courier ingest messenger mail store crypto base,$(call archive,$(folder)))
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# Unit tests: tests/unit/FOLDER/test_MODULE.c links only the floors that FOLDER may use.
uses_base := base
uses_crypto := crypto base
uses_store := store base
uses_mail := mail base
uses_messenger := messenger mail store crypto base
uses_ingest := ingest messenger mail store crypto base
uses_courier := courier messenger mail store crypto base
uses_portal := portal messenger mail store crypto base
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
define unit_rule
$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $(foreach folder,$(uses_$(1)),$(call archive,$(folder)))
	@mkdir -p $$(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -pthread -MMD -MP $(LDFLAGS) -o $$@ $$(filter %.c %.a,$$^) $(LIBS) -lcmocka
endef
$(foreach folder,$(LIBRARY_FOLDERS) $(PROGRAM_FOLDERS),$(eval $(call unit_rule,$(folder))))

.PHONY: unit
unit: $(UNIT_TESTS) ## build the unit tests

# Fuzz targets: tests/fuzz/FOLDER_NAME.c with seeds in tests/fuzz/seeds/FOLDER_NAME/
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))

-include $(shell find build -name '*.d' 2>/dev/null)
