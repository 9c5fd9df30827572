/*
 * modify_statement.cpp
 *    Which columns a statement writes, finds rows by and returns, and its text.
 */
#include "fdw/deparse.hpp"
#include "fdw/modify_statement.hpp"

extern "C" {
#include "access/sysattr.h"
#include "optimizer/optimizer.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

List *
KeyAttributes(const RemoteTable *table)
{
	List *keys = NIL;
	ListCell *cell;

	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].rowid_alias)
			return list_make1_int(i + 1);
	if (table->rowid_name != nullptr)
		return list_make1_int(SelfItemPointerAttributeNumber);
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].key)
			keys = lappend_int(keys, i + 1);
	if (keys != NIL)
		return keys;
	foreach (cell, table->keys)
	{
		const RemoteKey *key = (const RemoteKey *) lfirst(cell);

		if (!key->unique)
			continue;
		for (int i = 0; i < key->count; i++)
			keys = lappend_int(keys, key->columns[i]);
		return keys;
	}
	return NIL;
}

bool
HasRowTrigger(Relation relation, CmdType operation)
{
	const TriggerDesc *triggers = relation->trigdesc;

	return triggers != nullptr && (operation == CMD_INSERT ? triggers->trig_insert_before_row
														   : triggers->trig_update_before_row);
}

namespace
{

void
CheckNotGenerated(const RemoteTable *table, AttrNumber attnum)
{
	if (table->columns[attnum - 1].generated)
		ereport(ERROR,
				(errcode(ERRCODE_GENERATED_ALWAYS),
				 errmsg("cannot write to column \"%s\"", table->columns[attnum - 1].local_name),
				 errdetail("SQLite generates its values."),
				 errhint("Leave the column out of the list of columns.")));
}

bool
HasDefault(Relation relation, AttrNumber attnum)
{
	return TupleDescAttr(RelationGetDescr(relation), attnum - 1)->atthasdef;
}

} /* namespace */

List *
TargetColumns(const RemoteTable *table, Relation relation, CmdType operation, Bitmapset *named)
{
	const bool all = HasRowTrigger(relation, operation);
	List *targets = NIL;

	if (operation == CMD_DELETE)
		return NIL;
	for (int attnum = 1; attnum <= table->column_count; attnum++)
	{
		const RemoteColumn *column = ColumnOf(table, attnum);
		const bool is_named = bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, named);

		if (column == nullptr)
			continue;
		if (is_named)
			CheckNotGenerated(table, attnum);
		else if (column->generated ||
				 (!all && (operation == CMD_UPDATE || !HasDefault(relation, attnum))))
			continue;
		targets = lappend_int(targets, attnum);
	}
	return targets;
}

List *
ReturnedColumns(const RemoteTable *table, Index rtindex, List *returning, bool all)
{
	Bitmapset *used = nullptr;
	List *returned = NIL;

	pull_varattnos((Node *) returning, rtindex, &used);
	all = all || bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (int attnum = 1; attnum <= table->column_count; attnum++)
		if (ColumnOf(table, attnum) != nullptr &&
			(all || bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, used)))
			returned = lappend_int(returned, attnum);
	return returned;
}

namespace
{

void
AppendNames(StringInfo sql, const RemoteTable *table, List *attributes)
{
	ListCell *cell;

	foreach (cell, attributes)
	{
		if (cell != list_head(attributes))
			appendStringInfoString(sql, ", ");
		AppendIdentifier(sql, table->columns[lfirst_int(cell) - 1].name);
	}
}

void
AppendInsert(StringInfo sql, const ModifyStatement *statement, bool skip_conflicts)
{
	appendStringInfoString(sql, "INSERT INTO ");
	AppendIdentifier(sql, statement->table->name);
	if (statement->targets == NIL)
		appendStringInfoString(sql, " DEFAULT VALUES");
	else
	{
		appendStringInfoString(sql, " (");
		AppendNames(sql, statement->table, statement->targets);
		appendStringInfoString(sql, ") VALUES (");
		for (int i = 1; i <= list_length(statement->targets); i++)
			appendStringInfo(sql, "%s?%d", i > 1 ? ", " : "", i);
		appendStringInfoChar(sql, ')');
		if (skip_conflicts)
			appendStringInfoString(sql, " ON CONFLICT DO NOTHING");
	}
}

/* WHERE key = ?; the key's parameters follow those of the targets. */
void
AppendWhereKey(StringInfo sql, const ModifyStatement *statement)
{
	int parameter = list_length(statement->targets);
	ListCell *cell;

	foreach (cell, statement->keys)
	{
		const KeyColumn *key = (const KeyColumn *) lfirst(cell);

		appendStringInfoString(sql, cell == list_head(statement->keys) ? " WHERE " : " AND ");
		if (key->attnum == SelfItemPointerAttributeNumber)
			appendStringInfoString(sql, statement->table->rowid_name);
		else
			AppendIdentifier(sql, statement->table->columns[key->attnum - 1].name);
		appendStringInfo(sql, " IS ?%d", ++parameter);
	}
}

void
AppendUpdate(StringInfo sql, const ModifyStatement *statement)
{
	int parameter = 0;
	ListCell *cell;

	appendStringInfoString(sql, "UPDATE ");
	AppendIdentifier(sql, statement->table->name);
	appendStringInfoString(sql, " SET ");
	foreach (cell, statement->targets)
	{
		if (parameter > 0)
			appendStringInfoString(sql, ", ");
		AppendIdentifier(sql, statement->table->columns[lfirst_int(cell) - 1].name);
		appendStringInfo(sql, " = ?%d", ++parameter);
	}
	AppendWhereKey(sql, statement);
}

} /* namespace */

void
WriteStatement(ModifyStatement *statement, bool skip_conflicts)
{
	StringInfo sql = makeStringInfo();

	if (statement->operation == CMD_INSERT)
		AppendInsert(sql, statement, skip_conflicts);
	else if (statement->operation == CMD_UPDATE)
		AppendUpdate(sql, statement);
	else
	{
		appendStringInfoString(sql, "DELETE FROM ");
		AppendIdentifier(sql, statement->table->name);
		AppendWhereKey(sql, statement);
	}
	if (statement->returning != NIL)
	{
		appendStringInfoString(sql, " RETURNING ");
		AppendNames(sql, statement->table, statement->returning);
	}
	statement->sql = sql->data;
}

} /* namespace sqlite_import::fdw */
