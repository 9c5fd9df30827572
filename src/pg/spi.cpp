/*
 * spi.cpp
 *    SQL from C++ frames.
 */
#include <string>
#include <vector>

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/record_keeper.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

extern "C" {
#include "executor/spi.h"
#include "utils/guc.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* May ereport. */
void
RunConnected(const char *sql)
{
	const int result = SPI_execute(sql, false, 0);

	if (result < 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("could not run a statement: %s", SPI_result_code_string(result))));
}

/* True if an error is about the statement, so that going on without it makes sense. */
bool
IsAboutStatement(int sqlstate)
{
	const int category = ERRCODE_TO_CATEGORY(sqlstate);

	return category != ERRCODE_TO_CATEGORY(ERRCODE_QUERY_CANCELED) &&
		   category != ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) &&
		   category != ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR) &&
		   category != ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR) &&
		   category != ERRCODE_TO_CATEGORY(ERRCODE_T_R_DEADLOCK_DETECTED);
}

/*
 * Runs sql in a subtransaction.  Null: it ran; else the error, in the caller's
 * memory context.  May ereport for errors that are not the statement's own.
 */
ErrorData *
AttemptInSubtransaction(const char *sql)
{
	ErrorData *const edata = InSubtransaction(
		[sql]
		{
			SPI_connect();
			RunConnected(ToServerEncoding(sql));
			SPI_finish();
		});

	if (edata != nullptr && !IsAboutStatement(edata->sqlerrcode))
		ReThrowError(edata);
	return edata;
}

std::vector<Row>
Query(const std::string &sql)
{
	std::vector<Row> rows;

	PgCall(
		[&]
		{
			SPI_connect();
			RunConnected(ToServerEncoding(sql.c_str()));
		});
	if (SPI_tuptable != nullptr)
	{
		const int columns = SPI_tuptable->tupdesc->natts;

		for (uint64 i = 0; i < SPI_processed; i++)
		{
			Row row;

			for (int column = 1; column <= columns; column++)
			{
				const char *text = PgCall(
					[&]() -> const char *
					{
						const char *const value =
							SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column);

						return value == nullptr ? nullptr : FromServerEncoding(value);
					});

				row.push_back(text == nullptr ? std::nullopt
											  : std::make_optional<std::string>(text));
			}
			rows.push_back(std::move(row));
		}
	}
	PgCall([] { SPI_finish(); });
	return rows;
}

} /* namespace */

std::vector<Row>
SpiQuery(const std::string &sql, Names names)
{
	if (names == Names::Callers)
		return Query(sql);

	const SafeSearchPath path;

	return Query(sql);
}

std::optional<std::string>
SpiValue(const std::string &sql, Names names)
{
	const std::vector<Row> rows = SpiQuery(sql, names);

	return rows.empty() ? std::nullopt : rows[0][0];
}

uint64_t
SpiExecute(const std::string &sql)
{
	return PgCall(
		[&]
		{
			SPI_connect();
			RunConnected(ToServerEncoding(sql.c_str()));

			const uint64_t processed = SPI_processed;

			SPI_finish();
			return processed;
		});
}

void
SpiRecord(const std::string &sql)
{
	const char *const text = sql.c_str();

	PgCall(
		[text]
		{
			AsRecordKeeper(
				[text]
				{
					SPI_connect();
					RunConnected(ToReadableEncoding(text));
					SPI_finish();
				});
		});
}

std::optional<std::string>
SpiAttempt(const std::string &sql)
{
	ErrorData *edata = PgCall([&] { return AttemptInSubtransaction(sql.c_str()); });

	if (edata == nullptr)
		return std::nullopt;
	if (edata->message == nullptr)
		return "unknown error";
	return PgCall([edata] { return FromServerEncoding(edata->message); });
}

ErrorData *
SpiTry(const std::string &sql)
{
	return PgCall(
		[&]
		{
			return InSubtransaction(
				[&]
				{
					SPI_connect();
					RunConnected(ToServerEncoding(sql.c_str()));
					SPI_finish();
				});
		});
}

LocalSettings::LocalSettings() : nest_level_(PgCall([] { return NewGUCNestLevel(); }))
{
}

LocalSettings::~LocalSettings()
{
	/* after an error the abort of the transaction resets settings, and must be left to do so */
	if (std::uncaught_exceptions() == 0)
		AtEOXact_GUC(true, nest_level_);
}

void
LocalSettings::Set(const char *name, const std::string &value)
{
	PgCall(
		[&]
		{
			(void) set_config_option(name, value.c_str(), PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_SAVE, true, 0, false);
		});
}

TupleDesc
SpiShape(const std::string &sql)
{
	return PgCall(
		[&]
		{
			MemoryContext const context = CurrentMemoryContext;

			SPI_connect();
			RunConnected(ToServerEncoding(sql.c_str()));

			MemoryContext const previous = MemoryContextSwitchTo(context);
			TupleDesc const shape = CreateTupleDescCopy(SPI_tuptable->tupdesc);

			MemoryContextSwitchTo(previous);
			SPI_finish();
			return shape;
		});
}

} /* namespace sqlite_import::pg */
