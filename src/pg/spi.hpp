/*
 * spi.hpp
 *    SQL from C++ frames.
 *
 * Statements are made by src/dialect's quoting functions or printer only.  Each
 * call connects to SPI and leaves it again, so that callers hold nothing of the
 * server's.  All functions run in C++ frames and throw PgError.
 */
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pg/guard.hpp"

extern "C" {
#include "access/tupdesc.h"
}

namespace sqlite_import::pg
{

/* A row's columns in their text form; no value: NULL. */
using Row = std::vector<std::optional<std::string>>;

/*
 * Under which names that are not qualified mean PostgreSQL's own, operators among
 * them, whatever the caller's search path says: in one of its schemas somebody
 * may have put an operator that fits better (documentation: 5.9.6, and 10.2 for
 * the choice among operators).
 */
constexpr const char *kSafeSearchPath = "pg_catalog, pg_temp";

/* Whose names a query's are. */
enum class Names
{
	Ours,   /* the safe search path: questions to the catalogs */
	Callers /* the caller's, which policies and views of the application may need; every name and
			 * operator in the query is qualified */
};

/* Runs a query and gives all its rows. */
std::vector<Row> SpiQuery(const std::string &sql, Names names = Names::Ours);

/* The first column of the first row; no value for NULL or no row. */
std::optional<std::string> SpiValue(const std::string &sql, Names names = Names::Ours);

/* The columns of a query's result; in the current memory context. */
TupleDesc SpiShape(const std::string &sql);

/* Runs statements under the search path in force.  Returns the rows that the last of them
 * processed. */
uint64_t SpiExecute(const std::string &sql);

/* Runs statements that write the record (record_keeper.hpp). */
void SpiRecord(const std::string &sql);

/*
 * Runs statements in a subtransaction.  An error that PostgreSQL has about the
 * statements themselves undoes them and is returned as its message; cancel and
 * the like are thrown.  No value: they ran.
 */
std::optional<std::string> SpiAttempt(const std::string &sql);

/* Runs statements in a subtransaction, which an error undoes.  The error, of whatever kind: the
 * caller settles it or throws it as PgError.  Null: they ran. */
ErrorData *SpiTry(const std::string &sql);

/*
 * Settings that hold until the object dies, or until the end of the
 * (sub)transaction if that ends in an error.
 */
class LocalSettings
{
public:
	LocalSettings();
	~LocalSettings();
	LocalSettings(const LocalSettings &) = delete;
	LocalSettings &operator=(const LocalSettings &) = delete;

	/* Sets one.  Throws PgError if the value is not one. */
	void Set(const char *name, const std::string &value);

private:
	int nest_level_;
};

/* The safe search path, for as long as the object lives. */
class SafeSearchPath
{
public:
	SafeSearchPath() { settings_.Set("search_path", kSafeSearchPath); }

private:
	LocalSettings settings_;
};

} /* namespace sqlite_import::pg */
