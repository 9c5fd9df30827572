/*
 * deparse_leaf.cpp
 *    What expressions end in: columns, constants, and what PostgreSQL computes.
 */
#include <cmath>

#include "fdw/deparse.hpp"
#include "fdw/written.hpp"

extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* The expression's parameter number; the same expression is bound once. */
void
AppendParameter(Deparse *deparse, Node *node)
{
	ListCell *cell;
	int number = 1;

	foreach (cell, deparse->params)
	{
		if (equal(lfirst(cell), node))
			break;
		number++;
	}
	if (cell == nullptr)
		deparse->params = lappend(deparse->params, node);
	appendStringInfo(deparse->sql, "?%d", number);
}

bool
IsOurs(const Deparse *deparse, const Var *var)
{
	return var->varlevelsup == 0 && bms_is_member(var->varno, deparse->relids);
}

const RemoteColumn *
ColumnOfVar(const Deparse *deparse, const Var *var)
{
	return ColumnOf(deparse->tables[var->varno], var->varattno);
}

void
AddGuard(Deparse *deparse, const Var *var, Trust trust)
{
	ListCell *cell;

	/* below a barrier nobody may ask for odd values among rows that are hidden, as for Tame ones */
	deparse->wild = deparse->wild || trust == Trust::Wild ||
					(deparse->tables[var->varno]->below_barrier && !deparse->lookup);
	foreach (cell, deparse->guards)
		if (equal(lfirst(cell), var))
			return;
	deparse->guards = lappend(deparse->guards, (void *) var);
}

/*
 * A column of ours.  A Tame value outside of the domain is NULL to PostgreSQL if
 * the column says so; SQLite is told the same by CASE.  A unary plus takes the
 * affinity away, which would else be applied to what the column is compared with.
 */
Domain
ShipColumn(Deparse *deparse, Var *var)
{
	const RemoteColumn *column = ColumnOfVar(deparse, var);

	if (column == nullptr || column->domain == Domain::None)
		return Domain::None;
	if (column->domain == Domain::Text && GetDatabaseEncoding() != PG_UTF8)
		return Domain::None;
	const bool masked =
		column->trust == Trust::Tame && column->on_mismatch_null && !deparse->lookup;

	if (masked)
	{
		appendStringInfoString(deparse->sql, "(CASE WHEN NOT ");
		AppendOutside(deparse, var);
		appendStringInfoString(deparse->sql, " THEN ");
	}
	else if (column->trust != Trust::Clean)
		AddGuard(deparse, var, column->trust);
	if (column->trust == Trust::Wild)
		appendStringInfoChar(deparse->sql, '+');
	AppendColumn(deparse, var->varno, var->varattno);
	if (masked)
		appendStringInfoString(deparse->sql, " END)");
	if (column->domain == Domain::Text && (!column->binary || masked))
		appendStringInfoString(deparse->sql, " COLLATE BINARY");
	return column->domain;
}

/* Bytes as a blob literal. */
void
AppendBytes(StringInfo sql, bytea *value)
{
	appendStringInfoString(sql, "x'");
	for (int i = 0; i < (int) VARSIZE_ANY_EXHDR(value); i++)
		appendStringInfo(sql, "%02x", (unsigned char) VARDATA_ANY(value)[i]);
	appendStringInfoChar(sql, '\'');
}

void
AppendDouble(Deparse *deparse, double value)
{
	/* bound, not written: SQLite's reading of decimal digits is not always the nearest double */
	AppendParameter(deparse, (Node *) makeConst(FLOAT8OID, -1, InvalidOid, sizeof(float8),
												Float8GetDatum(value), false, FLOAT8PASSBYVAL));
}

/*
 * A numeric constant of at most 15 digits is the only such number that its double
 * stands for, so doubles compare with it as numerics do.  False: it is longer.
 */
bool
AppendDecimal(Deparse *deparse, Datum value)
{
	const char *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	int digits = 0;
	bool leading = true;

	if (strlen(text) > 60)
		return false;
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c >= '0' && *c <= '9')
		{
			leading = leading && *c == '0';
			digits += leading ? 0 : 1;
		}
		else if (*c != '.' && *c != '-')
			return false;
	}
	if (digits > 15)
		return false;
	if (strchr(text, '.') == nullptr)
		appendStringInfoString(deparse->sql, text);
	else
		AppendDouble(deparse, DatumGetFloat8(DirectFunctionCall1(numeric_float8, value)));
	return true;
}

Domain
ShipConstant(Deparse *deparse, Const *constant)
{
	const Domain domain = DomainOfType(constant->consttype);
	StringInfo sql = deparse->sql;

	if (constant->constisnull && domain != Domain::None)
	{
		appendStringInfoString(sql, "NULL");
		return domain;
	}
	switch (domain)
	{
		case Domain::Integer:
		{
			Oid output;
			bool is_varlena;

			getTypeOutputInfo(constant->consttype, &output, &is_varlena);
			const char *text = OidOutputFunctionCall(output, constant->constvalue);
			/* SQLite reads -9223372036854775808 as minus a number that is too large */
			if (strcmp(text, "-9223372036854775808") == 0)
				appendStringInfoString(sql, "(-9223372036854775807-1)");
			else
				appendStringInfoString(sql, text);
			return domain;
		}
		case Domain::Boolean:
			appendStringInfoString(sql, DatumGetBool(constant->constvalue) ? "1" : "0");
			return domain;
		case Domain::Float:
			if (std::isnan(DatumGetFloat8(constant->constvalue)))
				return Domain::None;
			AppendDouble(deparse, DatumGetFloat8(constant->constvalue));
			return domain;
		case Domain::Decimal:
			return AppendDecimal(deparse, constant->constvalue) ? domain : Domain::None;
		case Domain::Text:
			if (GetDatabaseEncoding() != PG_UTF8)
				return Domain::None;
			AppendText(sql, TextDatumGetCString(constant->constvalue));
			return domain;
		case Domain::Bytes:
			AppendBytes(sql, DatumGetByteaPP(constant->constvalue));
			return domain;
		case Domain::None:
			break;
	}
	return Domain::None;
}

struct OurColumns
{
	const Deparse *deparse;
	bool found;
};

bool
FindOurColumn(Node *node, void *context)
{
	auto *search = static_cast<OurColumns *>(context);

	if (node == nullptr)
		return false;
	if (IsA(node, Var) && IsOurs(search->deparse, (Var *) node))
		search->found = true;
	/* what the executor computes elsewhere, or above us */
	if (IsA(node, SubPlan) || IsA(node, SubLink) || IsA(node, Aggref) || IsA(node, WindowFunc) ||
		IsA(node, GroupingFunc) || IsA(node, PlaceHolderVar))
		search->found = true;
	return search->found || expression_tree_walker(node, TREE_WALKER(FindOurColumn), context);
}

/* An expression without our columns: PostgreSQL computes it, SQLite gets the value. */
bool
IsParameter(const Deparse *deparse, Node *node)
{
	OurColumns search = {deparse, false};

	(void) FindOurColumn(node, &search);
	return !search.found && !contain_volatile_functions(node) &&
		   !(deparse->frozen && DependsOnOtherRows(deparse->root, node));
}

Domain
ShipParameter(Deparse *deparse, Node *node)
{
	const Domain domain = DomainOfType(exprType(node));

	/* a NaN cannot be bound; numerics have digits that a double has not */
	if (domain == Domain::None || domain == Domain::Float || domain == Domain::Decimal)
		return Domain::None;
	if (domain == Domain::Text && GetDatabaseEncoding() != PG_UTF8)
		return Domain::None;
	AppendParameter(deparse, node);
	return domain;
}

} /* namespace */

Domain
ShipArrayParameter(Deparse *deparse, Node *array)
{
	const Oid element = get_element_type(exprType(array));
	const Domain domain = DomainOfType(element);

	if (!deparse->json || !IsParameter(deparse, array) ||
		(domain != Domain::Integer && domain != Domain::Text) ||
		(domain == Domain::Text && GetDatabaseEncoding() != PG_UTF8))
		return Domain::None;
	/* compared with an array that is NULL everything is NULL, as with one that holds nothing else
	 */
	appendStringInfoString(deparse->sql, "SELECT value FROM json_each(coalesce(");
	AppendParameter(deparse, array);
	appendStringInfoString(deparse->sql, ", '[null]'))");
	return domain;
}

bool
ShipLeaf(Deparse *deparse, Node *node, Domain *domain)
{
	if (IsA(node, Const))
		*domain = ShipConstant(deparse, (Const *) node);
	else if (IsA(node, Var) && IsOurs(deparse, (Var *) node))
		*domain = ShipColumn(deparse, (Var *) node);
	else if (IsParameter(deparse, node))
		*domain = ShipParameter(deparse, node);
	else
		return false;
	return true;
}

} /* namespace sqlite_import::fdw */
