/*
 * aggregate.cpp
 *    The aggregates that SQLite computes as PostgreSQL does.
 *
 * SQLite's sum of integers overflows where PostgreSQL's becomes a numeric, so
 * sums and averages of bigint go as two sums, of the upper and of the lower 32
 * bits, which are put together here (scan.cpp).
 */
#include "fdw/deparse.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* How the aggregate's output is made; false if it does not ship. */
bool
AggregateKind(Oid function, OutputKind *kind, const char **name)
{
	*kind = OutputKind::Value;
	switch (function)
	{
		case F_COUNT_:
		case F_COUNT_ANY:
			*name = "count";
			return true;
		case F_SUM_INT2:
		case F_SUM_INT4:
			*name = "sum";
			return true;
		case F_SUM_INT8:
			*kind = OutputKind::SumOfBigint;
			return true;
		case F_AVG_INT2:
		case F_AVG_INT4:
		case F_AVG_INT8:
			*kind = OutputKind::Average;
			return true;
		case F_BOOL_AND:
		case F_EVERY:
		case F_MIN_INT2:
		case F_MIN_INT4:
		case F_MIN_INT8:
		case F_MIN_FLOAT8:
		case F_MIN_TEXT:
			*name = "min";
			return true;
		case F_BOOL_OR:
		case F_MAX_INT2:
		case F_MAX_INT4:
		case F_MAX_INT8:
		case F_MAX_FLOAT8:
		case F_MAX_TEXT:
			*name = "max";
			return true;
		default:
			return false;
	}
}

/* The FILTER clause, as SQLite writes it too; empty if there is none, null if it does not ship. */
const char *
ShipFilter(Deparse *deparse, Aggref *aggregate)
{
	StringInfo outer = deparse->sql;

	if (aggregate->aggfilter == nullptr)
		return "";
	deparse->sql = makeStringInfo();
	const bool shipped =
		Ship(deparse, (Node *) aggregate->aggfilter) == Domain::Boolean && !deparse->wild;
	const char *written = psprintf(" FILTER (WHERE %s)", deparse->sql->data);
	deparse->sql = outer;
	return shipped ? written : nullptr;
}

/* The aggregate's argument; null if it does not ship. */
const char *
ShipArgument(Deparse *deparse, Aggref *aggregate, bool ordered)
{
	Node *argument = (Node *) linitial_node(TargetEntry, aggregate->args)->expr;
	StringInfo outer = deparse->sql;

	deparse->sql = makeStringInfo();
	const bool shipped =
		ShipComparable(deparse, argument, aggregate->inputcollid, ordered) && !deparse->wild;
	const char *written = deparse->sql->data;
	deparse->sql = outer;
	return shipped ? written : nullptr;
}

} /* namespace */

bool
ShipAggregate(Deparse *deparse, Aggref *aggregate, OutputKind *kind)
{
	const char *name = nullptr;
	StringInfo sql = deparse->sql;

	if (!AggregateKind(aggregate->aggfnoid, kind, &name) || aggregate->aggorder != NIL ||
		aggregate->aggdirectargs != NIL || aggregate->aggsplit != AGGSPLIT_SIMPLE ||
		aggregate->agglevelsup != 0)
		return false;
	const char *filter = ShipFilter(deparse, aggregate);
	if (filter == nullptr)
		return false;
	if (aggregate->aggstar)
	{
		appendStringInfo(sql, "count(*)%s", filter);
		return true;
	}
	if (list_length(aggregate->args) != 1 ||
		(aggregate->aggdistinct != NIL && *kind != OutputKind::Value))
		return false;
	const char *argument = ShipArgument(deparse, aggregate, name != nullptr && name[0] == 'm');
	if (argument == nullptr)
		return false;
	if (*kind == OutputKind::Value)
		appendStringInfo(sql, "%s(%s%s)%s", name, aggregate->aggdistinct != NIL ? "DISTINCT " : "",
						 argument, filter);
	else
		appendStringInfo(sql, "sum((%s) >> 32)%s, sum((%s) & 4294967295)%s", argument, filter,
						 argument, filter);
	if (*kind == OutputKind::Average)
		appendStringInfo(sql, ", count(%s)%s", argument, filter);
	return true;
}

Domain
ShipAggregateValue(Deparse *deparse, Aggref *aggregate)
{
	OutputKind kind;
	const Domain domain = DomainOfType(aggregate->aggtype);

	/* within the aggregate there are rows again, not groups */
	deparse->grouped = false;
	const bool shipped = ShipAggregate(deparse, aggregate, &kind);
	deparse->grouped = true;
	return shipped && kind == OutputKind::Value ? domain : Domain::None;
}

} /* namespace sqlite_import::fdw */
