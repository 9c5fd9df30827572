/*
 * remote_query.cpp
 *    A planned query as lists that a plan can hold, and back.
 */
#include "fdw/remote_query.hpp"

extern "C" {
#include "nodes/value.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

List *
PackQuery(const RemoteQuery &query)
{
	const auto text = [](const char *value)
	{ return makeString(pstrdup(value != nullptr ? value : "")); };
	List *packed = list_make5(text(query.sql), text(query.guarded_sql), text(query.probe),
							  makeInteger((int) query.probe_mode), query.kinds);

	packed = lappend(packed, query.relations);
	packed = lappend(packed, query.attributes);
	packed = lappend(packed, makeInteger((int) query.rowid));
	packed = lappend(packed, list_make1_oid(query.server));
	packed = lappend(packed, query.probe_relations);
	packed = lappend(packed, query.probe_attributes);
	packed = lappend(packed, text(query.label));
	packed = lappend(packed, makeInteger(query.range));
	packed = lappend(packed, makeInteger((int) query.follow));
	packed = lappend(packed, text(query.span));
	return lappend(packed, makeInteger((int) query.barrier));
}

RemoteQuery
UnpackQuery(List *packed)
{
	RemoteQuery query = {};

	query.sql = strVal(list_nth(packed, kSlotSql));
	query.guarded_sql = strVal(list_nth(packed, kSlotGuardedSql));
	query.probe = strVal(list_nth(packed, kSlotProbe));
	query.probe_mode = (ProbeMode) intVal(list_nth(packed, kSlotProbeMode));
	query.kinds = (List *) list_nth(packed, kSlotKinds);
	query.relations = (List *) list_nth(packed, kSlotRelations);
	query.attributes = (List *) list_nth(packed, kSlotAttributes);
	query.rowid = (RowidUse) intVal(list_nth(packed, kSlotHasRowid));
	query.server = linitial_oid((List *) list_nth(packed, kSlotServer));
	query.probe_relations = (List *) list_nth(packed, kSlotProbeColumns);
	query.probe_attributes = (List *) list_nth(packed, kSlotProbeAttributes);
	query.label = strVal(list_nth(packed, kSlotLabel));
	query.range = intVal(list_nth(packed, kSlotRange));
	query.follow = (Follow) intVal(list_nth(packed, kSlotFollow));
	query.span = strVal(list_nth(packed, kSlotSpan));
	query.barrier = (Barrier) intVal(list_nth(packed, kSlotBarrier));
	return query;
}

} /* namespace sqlite_import::fdw */
