# Makefile: the extension, on PGXS.  The server-free rooms' unit tests, fuzzers
# and sanitizer builds are CMake's (see CMakeLists.txt, same wildcard of sources).
EXTENSION = sqlite_import
MODULE_big = sqlite_import
EXTENSION_VERSION = 1.0
DATA = $(wildcard sqlite_import--*.sql)
OBJS = $(patsubst %.cpp,%.o,$(wildcard src/*.cpp src/*/*.cpp))

REGRESS = $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=$(EXTENSION) --encoding=UTF8

# Bitcode serves only the inlining of our SQL functions by the JIT, and PGXS
# does not hand PG_CXXFLAGS to clang: without it, nothing is lost.
override with_llvm = no

# On PostgreSQL 15 PGDLLEXPORT is empty, so hidden visibility would hide the
# module magic.
PG_CPPFLAGS = -Isrc -DSQLITE_IMPORT_VERSION='"$(EXTENSION_VERSION)"' \
	-DPGDLLEXPORT='__attribute__((visibility("default")))' \
	$(shell pkg-config --cflags sqlite3)
PG_CXXFLAGS = -std=c++17 -Wall -Wextra -Wno-unused-parameter -Wno-register \
	-Wno-missing-field-initializers -fvisibility=hidden -fvisibility-inlines-hidden -pthread \
	$(EXTRA_CXXFLAGS)
# PGXS links with the C compiler
SHLIB_LINK = $(shell pkg-config --libs sqlite3) -lstdc++ -lpthread

PG_CONFIG ?= pg_config
# Everything that CI runs.  PGXS has a rule of this name, which only refuses.
ifeq ($(MAKECMDGOALS),check)
check:
	scripts/test
else
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
endif

.PHONY: check bench dist format fuzz
bench:
	bench/run

# The long run: damaged files, whose last figures are in docs/reliability.md, and ten minutes of new
# inputs for each fuzz target.
fuzz:
	FUZZ_FILES=10000 FUZZ_SECONDS=600 scripts/test files fuzz

# What PGXN takes: the committed tree.
dist:
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTENSION_VERSION).0/ \
		-o $(EXTENSION)-$(EXTENSION_VERSION).0.zip HEAD

# clang-format 14: other releases format otherwise.
format:
	clang-format-14 -i $$(git ls-files 'src/*.cpp' 'src/*.hpp' 'src/*.h' 'test/*.cpp' 'test/*.hpp')

# Headers are not tracked by PGXS; a stale object is worse than a rebuild.
-include $(OBJS:.o=.d)
override CXXFLAGS += -MMD -MP
EXTRA_CLEAN = $(OBJS:.o=.d)
