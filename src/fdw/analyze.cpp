/*
 * analyze.cpp
 *    Sampling rows for ANALYZE.
 *
 * A table that is not much larger than the sample is read whole, each row kept
 * with the same chance.  A larger one is asked for the rows at random points of
 * its rowids, so that ANALYZE takes as long on a hundred million rows as on one.
 * A value that does not fit its column counts as NULL: statistics are no reason
 * to fail.
 */
#include <sqlite3.h>

#include "convert/convert.hpp"

#include "pg/errors.hpp"

#include "fdw/analyze.hpp"
#include "fdw/converters.hpp"
#include "fdw/deparse.hpp"
#include "fdw/remote_table.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/vacuum.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

constexpr int kWorthReadingWhole = 20; /* times the sample */

/* What turns the current row of a statement into a tuple. */
struct Sampler
{
	Relation relation;
	const RemoteTable *table;
	convert::Converter **converters;
	values::Arena *arena;
	MemoryContext row;
	sqlite3_stmt *statement;
};

/* The query of a sample; 'by_rowid': the first row at or behind a rowid, which comes last. */
const char *
SampleQuery(const RemoteTable *table, bool by_rowid)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].dropped)
		{
			AppendIdentifier(&sql, table->columns[i].name);
			appendStringInfoString(&sql, ", ");
		}
	appendStringInfo(&sql, "%s FROM ", by_rowid ? table->rowid_name : "1");
	AppendIdentifier(&sql, table->name);
	if (by_rowid)
		appendStringInfo(&sql, " WHERE %s >= ?1 ORDER BY %s LIMIT 1", table->rowid_name,
						 table->rowid_name);
	return sql.data;
}

HeapTuple
CurrentTuple(Sampler *sampler)
{
	const RemoteTable *table = sampler->table;
	TupleDesc descriptor = RelationGetDescr(sampler->relation);
	MemoryContext caller = MemoryContextSwitchTo(sampler->row);
	Datum *values = (Datum *) palloc0(sizeof(Datum) * Max(1, descriptor->natts));
	bool *nulls = (bool *) palloc0(sizeof(bool) * Max(1, descriptor->natts));
	int column = 0;

	sampler->arena->reset();
	for (int i = 0; i < descriptor->natts; i++)
	{
		convert::SourceValue value;
		const convert::Place place = {table->name, table->columns[i].name, false, 0, 0, true};

		nulls[i] = table->columns[i].dropped;
		if (nulls[i])
			continue;
		if (!convert::ReadValue(sampler->statement, column++, &value))
			ReportStatement(sampler->statement);
		values[i] =
			convert::ConvertValue(sampler->converters[i], value, *sampler->arena, place, &nulls[i]);
	}
	MemoryContextSwitchTo(caller);
	HeapTuple tuple = heap_form_tuple(descriptor, values, nulls);
	MemoryContextReset(sampler->row);
	return tuple;
}

bool
Step(Sampler *sampler)
{
	const int code = fdw::Step(sampler->statement);

	vacuum_delay_point(true);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		ReportStatement(sampler->statement);
	return code == SQLITE_ROW;
}

/* Reads the whole table and keeps each row with the same chance. */
int
SampleWhole(Sampler *sampler, HeapTuple *rows, int wanted, double *total)
{
	int kept = 0;

	*total = 0;
	while (Step(sampler))
	{
		*total += 1;
		if (kept < wanted)
		{
			rows[kept++] = CurrentTuple(sampler);
			continue;
		}
		const uint64 place = pg_prng_uint64_range(&pg_global_prng_state, 0, (uint64) *total - 1);
		if (place < (uint64) wanted)
		{
			heap_freetuple(rows[place]);
			rows[place] = CurrentTuple(sampler);
		}
	}
	return kept;
}

/* Rows at evenly spread rowids, each somewhere at random within its stretch. */
int
SampleByRowid(Sampler *sampler, int64 least, int64 greatest, HeapTuple *rows, int wanted)
{
	const double stretch = ((double) greatest - (double) least + 1) / wanted;
	int64 last = least;
	int kept = 0;

	for (int i = 0; i < wanted; i++)
	{
		const double start = (double) least + stretch * (i + pg_prng_double(&pg_global_prng_state));

		sqlite::reset(sampler->statement);
		sqlite3_bind_int64(sampler->statement, 1, (int64) start);
		if (!Step(sampler))
			break;
		const int64 rowid =
			sqlite3_column_int64(sampler->statement, sqlite3_column_count(sampler->statement) - 1);
		/* the rows of a gap's far side would come again and again */
		if (kept > 0 && rowid <= last)
			continue;
		last = rowid;
		rows[kept++] = CurrentTuple(sampler);
	}
	return kept;
}

Sampler
MakeSampler(Relation relation, const RemoteTable *table, MemoryContext context, const char *sql)
{
	Sampler sampler = {
		relation,
		table,
		nullptr,
		MakeArena(context),
		AllocSetContextCreate(context, "sqlite_import sample row", ALLOCSET_DEFAULT_SIZES),
		nullptr};
	const Oid server = table->server;

	sampler.converters =
		(convert::Converter **) palloc0(sizeof(void *) * Max(1, table->column_count));
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].dropped)
			sampler.converters[i] =
				ConverterOf(context, table->columns[i].local_name, table->columns[i].type,
							table->columns[i].typmod, table->columns[i].column_type,
							table->columns[i].timezone, true);
	sampler.statement =
		pg::PgEntry([=] { return pg::PgNew<OpenQuery>(context, server, sql)->handle(); });
	return sampler;
}

/* The ends of the table's rowids. */
void
RowidRange(const RemoteTable *table, MemoryContext context, int64 *least, int64 *greatest)
{
	StringInfoData sql;
	const Oid server = table->server;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT (SELECT min(%s) FROM ", table->rowid_name);
	AppendIdentifier(&sql, table->name);
	appendStringInfo(&sql, "), (SELECT max(%s) FROM ", table->rowid_name);
	AppendIdentifier(&sql, table->name);
	appendStringInfoChar(&sql, ')');
	const char *text = sql.data;
	sqlite3_stmt *statement =
		pg::PgEntry([=] { return pg::PgNew<OpenQuery>(context, server, text)->handle(); });
	if (fdw::Step(statement) != SQLITE_ROW)
		ReportStatement(statement);
	*least = sqlite3_column_int64(statement, 0);
	*greatest = sqlite3_column_int64(statement, 1);
}

int
AcquireSample(Relation relation, int, HeapTuple *rows, int wanted, double *total, double *dead)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import sample", ALLOCSET_DEFAULT_SIZES);
	const RemoteTable *table = DescribeRemoteTable(relation);
	const bool by_rowid =
		table->rowid_name != nullptr && table->rows > (double) wanted * kWorthReadingWhole;
	Sampler sampler = MakeSampler(relation, table, context, SampleQuery(table, by_rowid));
	int kept;

	if (by_rowid)
	{
		int64 least;
		int64 greatest;

		RowidRange(table, context, &least, &greatest);
		kept = SampleByRowid(&sampler, least, greatest, rows, wanted);
		/* rowids that were skipped over tell how many there are not */
		*total = kept < wanted ? table->rows * kept / wanted : table->rows;
	}
	else
		kept = SampleWhole(&sampler, rows, wanted, total);
	*dead = 0;
	MemoryContextDelete(context);
	return kept;
}

} /* namespace */

bool
AnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *sampler, BlockNumber *pages)
{
	*sampler = AcquireSample;
	*pages = (BlockNumber) DescribeRemoteTable(relation)->pages;
	return true;
}

} /* namespace sqlite_import::fdw */
