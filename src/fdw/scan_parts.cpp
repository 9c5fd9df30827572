/*
 * scan_parts.cpp
 *    Outputs, parameters, probes.
 */
#include <sqlite3.h>

#include "convert/convert.hpp"

#include "pg/encoding.hpp"
#include "pg/errors.hpp"

#include "fdw/converters.hpp"
#include "fdw/options.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_handle.hpp"
#include "fdw/scan_parts.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "fdw/array_members.hpp"
#include "pg/compat.h"

namespace sqlite_import::fdw
{

Output
ColumnOutput(MemoryContext context, Oid relation_oid, AttrNumber attnum)
{
	Relation relation = table_open(relation_oid, NoLock);
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), attnum - 1);
	const TableOptions table = ReadTableOptions(relation_oid);
	const ColumnOptions column = ReadColumnOptions(relation_oid, attnum, table);
	Output output = {OutputKind::Value, attnum - 1,   nullptr, table.table,
					 column.name,       relation_oid, false};

	output.converter =
		ConverterOf(context, NameStr(attribute->attname), attribute->atttypid, attribute->atttypmod,
					column.column_type, column.timezone, column.on_mismatch_null);
	table_close(relation, NoLock);
	return output;
}

Parameters
PrepareParameters(ForeignScanState *node)
{
	Parameters parameters;
	List *expressions = ((ForeignScan *) node->ss.ps.plan)->fdw_exprs;
	int i = 0;
	ListCell *cell;

	parameters.states = ExecInitExprList(expressions, (PlanState *) node);
	parameters.types = (Oid *) palloc(sizeof(Oid) * Max(1, list_length(expressions)));
	foreach (cell, expressions)
		parameters.types[i++] = exprType((Node *) lfirst(cell));
	return parameters;
}

void
BindParameters(ForeignScanState *node, const Parameters &parameters, sqlite3_stmt *statement,
			   int count)
{
	ExprContext *context = node->ss.ps.ps_ExprContext;
	MemoryContext old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	int i = 0;
	ListCell *cell;

	foreach (cell, parameters.states)
	{
		bool is_null;

		if (i == count)
			break;
		Datum value = ExecEvalExpr((ExprState *) lfirst(cell), context, &is_null);

		BindDatum(statement, i + 1, parameters.types[i], value, is_null);
		i++;
	}
	MemoryContextSwitchTo(old);
}

namespace
{

/* A row of the probe in Report mode: rowid or NULL, then the columns that may be odd. */
[[noreturn]] void
ReportProbed(const RemoteQuery &query, MemoryContext context, values::Arena *arena,
			 sqlite3_stmt *statement)
{
	for (int i = 0; i < list_length(query.probe_relations); i++)
	{
		Output output = ColumnOutput(context, list_nth_oid(query.probe_relations, i),
									 list_nth_int(query.probe_attributes, i));
		convert::SourceValue value;
		bool is_null;

		if (!convert::ReadValue(statement, i + 1, &value))
			ReportStatement(statement);
		const convert::Place place = {output.table,
									  output.column,
									  sqlite3_column_type(statement, 0) != SQLITE_NULL,
									  sqlite3_column_int64(statement, 0),
									  0,
									  true,
									  output.relation};
		(void) convert::ConvertValue(output.converter, value, *arena, place, &is_null);
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("SQLite table \"%s\" holds a value that its column should not be able to hold",
					pg::ToReadableEncoding(query.label))));
	pg_unreachable();
}

} /* namespace */

bool
AskProbe(ForeignScanState *node, const RemoteQuery &query, const Parameters &parameters,
		 MemoryContext context, values::Arena *arena, sqlite3_stmt *probe)
{
	BindParameters(node, parameters, probe);
	const int code = Step(probe);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		ReportStatement(probe);
	if (code == SQLITE_ROW && query.probe_mode == ProbeMode::Report)
		ReportProbed(query, context, arena, probe);
	sqlite::reset(probe);
	return code == SQLITE_ROW;
}

bool
RunProbe(ForeignScanState *node, const RemoteQuery &query, const Parameters &parameters,
		 MemoryContext owner, values::Arena *arena)
{
	if (query.probe_mode == ProbeMode::None)
		return false;
	MemoryContext context =
		AllocSetContextCreate(owner, "sqlite_import probe", ALLOCSET_SMALL_SIZES);
	const Oid server = query.server;
	const char *sql = query.probe;
	OpenQuery *probe = pg::PgEntry([=] { return pg::PgNew<OpenQuery>(context, server, sql); });
	const bool odd = AskProbe(node, query, parameters, owner, arena, probe->handle());

	MemoryContextDelete(context);
	return odd;
}

namespace
{

/* The members of an array as a JSON array: numbers as they are, all else as strings. */
const char *
ArrayAsJson(ArrayType *array)
{
	const ArrayMembers members = MembersOf(array);
	const bool number = DomainOfType(members.type) == Domain::Integer;
	StringInfoData json;
	Oid output;
	bool is_varlena;

	getTypeOutputInfo(members.type, &output, &is_varlena);
	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	for (int i = 0; i < members.count; i++)
	{
		const char *text =
			members.nulls[i] ? "null" : OidOutputFunctionCall(output, members.values[i]);

		if (i > 0)
			appendStringInfoChar(&json, ',');
		if (members.nulls[i] || number)
			appendStringInfoString(&json, text);
		else
			escape_json(&json, text);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

} /* namespace */

void
BindDatum(sqlite3_stmt *statement, int parameter, Oid type, Datum value, bool is_null)
{
	int code;

	if (parameter > sqlite3_bind_parameter_count(statement))
		return;
	if (is_null)
		code = sqlite3_bind_null(statement, parameter);
	else
		switch (type)
		{
			case INT2OID:
				code = sqlite3_bind_int64(statement, parameter, DatumGetInt16(value));
				break;
			case INT4OID:
				code = sqlite3_bind_int64(statement, parameter, DatumGetInt32(value));
				break;
			case INT8OID:
				code = sqlite3_bind_int64(statement, parameter, DatumGetInt64(value));
				break;
			case BOOLOID:
				code = sqlite3_bind_int64(statement, parameter, DatumGetBool(value) ? 1 : 0);
				break;
			case FLOAT8OID:
				code = sqlite3_bind_double(statement, parameter, DatumGetFloat8(value));
				break;
			case BYTEAOID:
			{
				bytea *bytes = DatumGetByteaPP(value);

				code = sqlite3_bind_blob64(statement, parameter, VARDATA_ANY(bytes),
										   VARSIZE_ANY_EXHDR(bytes), SQLITE_TRANSIENT);
				break;
			}
			case INT2ARRAYOID:
			case INT4ARRAYOID:
			case INT8ARRAYOID:
			case TEXTARRAYOID:
			case VARCHARARRAYOID:
				code =
					sqlite3_bind_text(statement, parameter, ArrayAsJson(DatumGetArrayTypeP(value)),
									  -1, SQLITE_TRANSIENT);
				break;
			default:
			{
				text *bytes = DatumGetTextPP(value);

				code = sqlite3_bind_text64(statement, parameter, VARDATA_ANY(bytes),
										   VARSIZE_ANY_EXHDR(bytes), SQLITE_TRANSIENT, SQLITE_UTF8);
				break;
			}
		}
	if (code != SQLITE_OK)
		ReportStatement(statement);
}

int
Step(sqlite3_stmt *statement)
{
	if (likely(!sqlite::is_run_aside(statement) &&
			   !sqlite::is_left_alone(sqlite3_db_handle(statement))))
		return sqlite3_step(statement);
	return pg::PgEntry([statement] { return sqlite::step(statement); });
}

void
ReportStatement(sqlite3_stmt *statement)
{
	sqlite3 *handle = sqlite3_db_handle(statement);

	pg::ReportSqliteError(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle));
}

} /* namespace sqlite_import::fdw */
