/*
 * copy.hpp
 *    Rows of one SQLite table into one PostgreSQL table.
 *
 * CopyTable reads, converts and writes in batches: with a reader thread, SQLite
 * and the leaf stage of the conversion run beside the backend, which only forms
 * and inserts tuples.  Two writers stand behind it.  The fast writer hands
 * batches to the table access method, and is taken only where a list of
 * conditions shows that nothing but the tuples themselves has to happen.  The
 * general writer is PostgreSQL's own INSERT, right for everything else.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"
#include "values/choices.hpp"
#include "values/column_rule.hpp"

#include "pg/source.hpp"

namespace sqlite_import::load
{

enum class OnConflict
{
	None,   /* a duplicate key is an error of its row */
	Update, /* upsert on conflict_columns */
	Ignore,
};

struct CopyColumn
{
	std::string source; /* the SQLite column's name */
	int attnum = 0;     /* the target's */
	values::ColumnRule rule;
};

struct CopyRequest
{
	pg::Source *source = nullptr;         /* open; outlives the call */
	const sqlite::Table *table = nullptr; /* from its catalog; outlives the call */
	Oid target = InvalidOid;              /* locked by the caller, or locked here RowExclusive */
	std::vector<CopyColumn> columns;      /* empty: MatchColumns decides */
	values::OnError on_error = values::OnError::Stop;
	std::optional<int64_t> max_rejects; /* with Reject: more are an error; none: no limit */
	int batch_size = 1000;              /* rows; a batch is also bounded by bytes */
	bool freeze = true;                 /* may freeze, where COPY FREEZE's conditions hold */
	bool allow_fast = true;             /* false: the general writer always */
	OnConflict on_conflict = OnConflict::None;
	std::vector<std::string> conflict_columns; /* target names, in any order */
	/* A part of the file that cannot be read ends the copy of the rows before it; then the rows
	 * behind it are read from the end.  False: it is an error. */
	bool salvage = false;
	std::string run;           /* names the run in rejected_rows */
	int64_t expected_rows = 0; /* for the share done in pg_stat_progress_copy; 0: unknown */
	/* Called in the backend now and then, at most some ten times a second, with the rows so far.
	 * May throw, must not ereport; null: not wanted. */
	void (*on_progress)(void *argument, int64_t rows) = nullptr;
	void *progress_argument = nullptr;
	/* Nothing is written: what would be refused is collected there (trial.hpp).  Outlives the
	 * call; null: the rows are copied. */
	struct Trial *trial = nullptr;
};

struct CopyResult
{
	int64_t rows = 0;     /* written */
	int64_t rejected = 0; /* rows kept in rejected_rows */
	int64_t nulled = 0;   /* values replaced by NULL because they did not fit */
	int64_t altered = 0;  /* values that a rule let be changed (text repaired, digits rounded) */
	int64_t bytes = 0;    /* of converted values */
	bool fast = false;
	bool frozen = false;
	std::string unreadable;  /* with salvage: what could not be read, and where; empty: nothing */
	std::string why_general; /* the condition that the fast writer found broken; empty: fast */
};

/*
 * Copies the table.  C++ frame: throws PgError, ReportedError, sqlite::Error; the
 * reader thread is joined on every way out.  What was written is the current
 * subtransaction's.
 */
CopyResult CopyTable(const CopyRequest &request);

/*
 * Pairs the columns by name: exactly, else without regard to case, else without
 * regard to case and underscores if that is unambiguous.  Generated columns of
 * the target are left out.  A source column without a partner is an error,
 * unless it is NULL throughout; a target column without one takes its default.
 * 'excluded' names source columns that are left out on purpose.
 * C++ frame: throws like CopyTable.
 */
std::vector<CopyColumn> MatchColumns(pg::Source &source, const sqlite::Table &table, Oid target,
									 const std::vector<std::string> &excluded = {});

} /* namespace sqlite_import::load */
