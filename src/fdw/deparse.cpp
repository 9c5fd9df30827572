/*
 * deparse.cpp
 *    The list of what ships.
 *
 * Each entry is here because PostgreSQL and SQLite agree on it for all values of
 * the operands' domain, NULL among them; sql/fdw_pushdown.sql and the
 * differential test hold the proofs.  Arithmetic is absent on purpose: SQLite
 * neither overflows nor divides by zero as PostgreSQL does.
 */
#include <cmath>

#include "fdw/deparse.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

constexpr int kMostInListMembers = 1000;
constexpr int kLongestPattern = 500; /* SQLITE_LIMIT_LIKE_PATTERN_LENGTH with room for brackets */
constexpr Oid kLastBuiltIn = 9999;   /* FirstGenbkiObjectId - 1: what initdb itself knows */

Domain ShipNode(Deparse *deparse, Node *node);

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

	deparse->wild = deparse->wild || trust == Trust::Wild;
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
	return !search.found && !contain_volatile_functions(node);
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

/* SQLite's spelling of a comparison operator; null for anything else. */
const char *
ComparisonName(Oid opno, bool *ordered)
{
	static const char *const kNames[] = {"=", "<>", "<", "<=", ">", ">="};
	const char *name = opno <= kLastBuiltIn ? get_opname(opno) : nullptr;

	if (name == nullptr)
		return nullptr;
	for (int i = 0; i < (int) lengthof(kNames); i++)
		if (strcmp(name, kNames[i]) == 0)
		{
			*ordered = i >= 2;
			return kNames[i];
		}
	return nullptr;
}

/* May values of the domain be compared by SQLite in the sense of this collation? */
bool
MayCompare(const Deparse *deparse, Domain domain, Oid collation, bool ordered)
{
	if (domain != Domain::Text)
		return domain != Domain::None;
	return ordered ? !deparse->utf16 && OrdersBytes(collation)
				   : !OidIsValid(collation) || get_collation_isdeterministic(collation);
}

/* Both operands with 'infix' between them; the domain that they share. */
Domain
ShipPair(Deparse *deparse, Node *left, const char *infix, Node *right)
{
	const Domain domain = ShipNode(deparse, left);

	if (domain == Domain::None)
		return Domain::None;
	appendStringInfo(deparse->sql, " %s ", infix);
	return ShipNode(deparse, right) == domain ? domain : Domain::None;
}

/* Decimals compare as doubles only if one side is a constant (AppendDecimal tells why). */
bool
DecimalsCompare(Node *left, Node *right)
{
	return IsA(left, Const) || IsA(right, Const);
}

/* A LIKE pattern as a GLOB pattern, which SQLite compares case-sensitively; false if it cannot be.
 */
bool
AppendGlob(StringInfo sql, const char *pattern)
{
	StringInfoData glob;

	if (strlen(pattern) > kLongestPattern)
		return false;
	initStringInfo(&glob);
	for (const char *c = pattern; *c != '\0'; c++)
	{
		bool literal = true;

		if (*c == '\\')
		{
			if (*++c == '\0')
				return false; /* PostgreSQL reports an error */
		}
		else if (*c == '%' || *c == '_')
		{
			appendStringInfoChar(&glob, *c == '%' ? '*' : '?');
			literal = false;
		}
		if (literal && strchr("*?[", *c) != nullptr)
			appendStringInfo(&glob, "[%c]", *c);
		else if (literal)
			appendStringInfoChar(&glob, *c);
	}
	AppendText(sql, glob.data);
	return true;
}

Domain
ShipLike(Deparse *deparse, OpExpr *expr, bool negated)
{
	Node *pattern = (Node *) lsecond(expr->args);

	if (!IsA(pattern, Const) || ((Const *) pattern)->constisnull ||
		!MayCompare(deparse, Domain::Text, expr->inputcollid, false))
		return Domain::None;
	appendStringInfoChar(deparse->sql, '(');
	if (ShipNode(deparse, (Node *) linitial(expr->args)) != Domain::Text)
		return Domain::None;
	appendStringInfoString(deparse->sql, negated ? " NOT GLOB " : " GLOB ");
	if (!AppendGlob(deparse->sql, TextDatumGetCString(((Const *) pattern)->constvalue)))
		return Domain::None;
	appendStringInfoChar(deparse->sql, ')');
	return Domain::Boolean;
}

Domain
ShipOperator(Deparse *deparse, OpExpr *expr)
{
	bool ordered = false;

	if (expr->opno == OID_TEXT_LIKE_OP)
		return ShipLike(deparse, expr, false);
	if (list_length(expr->args) == 2 && expr->opfuncid == F_TEXTNLIKE)
		return ShipLike(deparse, expr, true);
	const char *name = ComparisonName(expr->opno, &ordered);

	if (name == nullptr || list_length(expr->args) != 2)
		return Domain::None;
	Node *left = (Node *) linitial(expr->args);
	Node *right = (Node *) lsecond(expr->args);
	appendStringInfoChar(deparse->sql, '(');
	const Domain domain = ShipPair(deparse, left, name, right);
	if (!MayCompare(deparse, domain, expr->inputcollid, ordered))
		return Domain::None;
	if (domain == Domain::Decimal && !DecimalsCompare(left, right))
		return Domain::None;
	appendStringInfoChar(deparse->sql, ')');
	return Domain::Boolean;
}

Domain
ShipDistinct(Deparse *deparse, DistinctExpr *expr)
{
	bool ordered = false;
	const char *name = ComparisonName(expr->opno, &ordered);

	if (name == nullptr || strcmp(name, "=") != 0)
		return Domain::None;
	appendStringInfoChar(deparse->sql, '(');
	const Domain domain =
		ShipPair(deparse, (Node *) linitial(expr->args), "IS NOT", (Node *) lsecond(expr->args));
	if (!MayCompare(deparse, domain, expr->inputcollid, false) || domain == Domain::Decimal)
		return Domain::None;
	appendStringInfoChar(deparse->sql, ')');
	return Domain::Boolean;
}

/* = ANY (constant array) is IN, <> ALL is NOT IN; a NULL member makes a miss NULL in both. */
Domain
ShipArrayComparison(Deparse *deparse, ScalarArrayOpExpr *expr)
{
	bool ordered = false;
	const char *name = ComparisonName(expr->opno, &ordered);
	Node *array_node = (Node *) lsecond(expr->args);

	if (name == nullptr || ordered || expr->useOr != (strcmp(name, "=") == 0) ||
		!IsA(array_node, Const) || ((Const *) array_node)->constisnull)
		return Domain::None;
	ArrayType *array = DatumGetArrayTypeP(((Const *) array_node)->constvalue);
	const Oid element = ARR_ELEMTYPE(array);
	int16 length;
	bool by_value;
	char align;
	Datum *values;
	bool *nulls;
	int count;

	get_typlenbyvalalign(element, &length, &by_value, &align);
	deconstruct_array(array, element, length, by_value, align, &values, &nulls, &count);
	if (count > kMostInListMembers)
		return Domain::None;
	appendStringInfoChar(deparse->sql, '(');
	const Domain domain = ShipNode(deparse, (Node *) linitial(expr->args));
	if (!MayCompare(deparse, domain, expr->inputcollid, false))
		return Domain::None;
	appendStringInfoString(deparse->sql, expr->useOr ? " IN (" : " NOT IN (");
	for (int i = 0; i < count; i++)
	{
		Const *member = makeConst(element, -1, InvalidOid, length, values[i], nulls[i], by_value);

		if (i > 0)
			appendStringInfoString(deparse->sql, ", ");
		if (ShipConstant(deparse, member) != domain)
			return Domain::None;
	}
	appendStringInfoString(deparse->sql, "))");
	return Domain::Boolean;
}

Domain
ShipBoolean(Deparse *deparse, BoolExpr *expr)
{
	ListCell *cell;

	appendStringInfoString(deparse->sql, expr->boolop == NOT_EXPR ? "(NOT " : "(");
	foreach (cell, expr->args)
	{
		if (cell != list_head(expr->args))
			appendStringInfoString(deparse->sql, expr->boolop == AND_EXPR ? " AND " : " OR ");
		if (ShipNode(deparse, (Node *) lfirst(cell)) != Domain::Boolean)
			return Domain::None;
	}
	appendStringInfoChar(deparse->sql, ')');
	return Domain::Boolean;
}

/* A value without a domain may convert to NULL, or not at all: only PostgreSQL can tell. */
Domain
ShipNullTest(Deparse *deparse, NullTest *test)
{
	if (test->argisrow)
		return Domain::None;
	appendStringInfoChar(deparse->sql, '(');
	if (ShipNode(deparse, (Node *) test->arg) == Domain::None)
		return Domain::None;
	appendStringInfoString(deparse->sql,
						   test->nulltesttype == IS_NULL ? " IS NULL)" : " IS NOT NULL)");
	return Domain::Boolean;
}

Domain
ShipBooleanTest(Deparse *deparse, BooleanTest *test)
{
	static const char *const kSuffixes[] = {" IS 1)",     " IS NOT 1)", " IS 0)",
											" IS NOT 0)", " IS NULL)",  " IS NOT NULL)"};

	appendStringInfoChar(deparse->sql, '(');
	if (ShipNode(deparse, (Node *) test->arg) != Domain::Boolean)
		return Domain::None;
	appendStringInfoString(deparse->sql, kSuffixes[test->booltesttype]);
	return Domain::Boolean;
}

Domain
ShipCoalesce(Deparse *deparse, CoalesceExpr *expr)
{
	Domain domain = Domain::None;
	ListCell *cell;

	if (list_length(expr->args) < 2)
		return Domain::None;
	appendStringInfoString(deparse->sql, "coalesce(");
	foreach (cell, expr->args)
	{
		const Domain next = ShipNode(deparse, (Node *) lfirst(cell));

		if (next == Domain::None || (domain != Domain::None && next != domain))
			return Domain::None;
		domain = next;
		appendStringInfoString(deparse->sql, lnext(expr->args, cell) != nullptr ? ", " : ")");
	}
	/* the result has no collation of its own: comparisons are BINARY, as they should be */
	return domain;
}

Domain
ShipCase(Deparse *deparse, CaseExpr *expr)
{
	Domain domain = Domain::None;
	ListCell *cell;

	if (expr->arg != nullptr || expr->defresult == nullptr)
		return Domain::None;
	appendStringInfoString(deparse->sql, "(CASE");
	foreach (cell, expr->args)
	{
		CaseWhen *when = lfirst_node(CaseWhen, cell);

		appendStringInfoString(deparse->sql, " WHEN ");
		if (ShipNode(deparse, (Node *) when->expr) != Domain::Boolean)
			return Domain::None;
		appendStringInfoString(deparse->sql, " THEN ");
		const Domain next = ShipNode(deparse, (Node *) when->result);
		if (next == Domain::None || (domain != Domain::None && next != domain))
			return Domain::None;
		domain = next;
	}
	appendStringInfoString(deparse->sql, " ELSE ");
	if (ShipNode(deparse, (Node *) expr->defresult) != domain)
		return Domain::None;
	appendStringInfoString(deparse->sql, " END)");
	return domain;
}

/* Widening casts change no value; length counts characters in both. */
Domain
ShipFunction(Deparse *deparse, FuncExpr *expr)
{
	switch (expr->funcid)
	{
		case F_INT8_INT4:
		case F_INT8_INT2:
		case F_INT4_INT2:
			return ShipNode(deparse, (Node *) linitial(expr->args)) == Domain::Integer
					   ? Domain::Integer
					   : Domain::None;
		case F_NUMERIC_INT8:
		case F_NUMERIC_INT4:
		case F_NUMERIC_INT2:
			return ShipNode(deparse, (Node *) linitial(expr->args)) == Domain::Integer
					   ? Domain::Decimal
					   : Domain::None;
		case F_LENGTH_TEXT:
		case F_CHAR_LENGTH_TEXT:
		case F_CHARACTER_LENGTH_TEXT:
			appendStringInfoString(deparse->sql, "length(");
			if (ShipNode(deparse, (Node *) linitial(expr->args)) != Domain::Text)
				return Domain::None;
			appendStringInfoChar(deparse->sql, ')');
			return Domain::Integer;
		default:
			return Domain::None;
	}
}

Domain
ShipNode(Deparse *deparse, Node *node)
{
	if (IsA(node, Const))
		return ShipConstant(deparse, (Const *) node);
	if (IsA(node, Var) && IsOurs(deparse, (Var *) node))
		return ShipColumn(deparse, (Var *) node);
	if (IsParameter(deparse, node))
		return ShipParameter(deparse, node);
	switch (nodeTag(node))
	{
		case T_RelabelType:
			/* varchar seen as text; not to a type of another domain */
			return DomainOfType(((RelabelType *) node)->resulttype) ==
						   DomainOfType(exprType((Node *) ((RelabelType *) node)->arg))
					   ? ShipNode(deparse, (Node *) ((RelabelType *) node)->arg)
					   : Domain::None;
		case T_OpExpr:
			return ShipOperator(deparse, (OpExpr *) node);
		case T_DistinctExpr:
			return ShipDistinct(deparse, (DistinctExpr *) node);
		case T_ScalarArrayOpExpr:
			return ShipArrayComparison(deparse, (ScalarArrayOpExpr *) node);
		case T_BoolExpr:
			return ShipBoolean(deparse, (BoolExpr *) node);
		case T_NullTest:
			return ShipNullTest(deparse, (NullTest *) node);
		case T_BooleanTest:
			return ShipBooleanTest(deparse, (BooleanTest *) node);
		case T_CoalesceExpr:
			return ShipCoalesce(deparse, (CoalesceExpr *) node);
		case T_CaseExpr:
			return ShipCase(deparse, (CaseExpr *) node);
		case T_FuncExpr:
			return ShipFunction(deparse, (FuncExpr *) node);
		default:
			return Domain::None;
	}
}

} /* namespace */

Deparse
MakeDeparse(PlannerInfo *root, Relids relids, RemoteTable **tables, bool aliases)
{
	Deparse deparse = {root, relids, tables, aliases, makeStringInfo(),
					   NIL,  NIL,    false,  false,   false};
	int rtindex = -1;

	while ((rtindex = bms_next_member(relids, rtindex)) >= 0)
		deparse.utf16 = deparse.utf16 || tables[rtindex]->utf16;
	return deparse;
}

Domain
Ship(Deparse *deparse, Node *node)
{
	const int length = deparse->sql->len;
	List *params = list_copy(deparse->params);
	List *guards = list_copy(deparse->guards);
	const bool wild = deparse->wild;
	const Domain domain = ShipNode(deparse, node);

	if (domain == Domain::None)
	{
		deparse->sql->len = length;
		deparse->sql->data[length] = '\0';
		deparse->params = params;
		deparse->guards = guards;
		deparse->wild = wild;
	}
	return domain;
}

bool
ShipComparable(Deparse *deparse, Node *node, Oid collation, bool ordered)
{
	const int length = deparse->sql->len;
	const Domain domain = Ship(deparse, node);

	/* a decimal's doubles may differ where its numerics do not */
	if (MayCompare(deparse, domain, collation, ordered) && domain != Domain::Decimal)
		return true;
	deparse->sql->len = length;
	deparse->sql->data[length] = '\0';
	return false;
}

void
AppendIdentifier(StringInfo sql, const char *name)
{
	appendStringInfoChar(sql, '"');
	for (const char *c = name; *c != '\0'; c++)
	{
		if (*c == '"')
			appendStringInfoChar(sql, '"');
		appendStringInfoChar(sql, *c);
	}
	appendStringInfoChar(sql, '"');
}

void
AppendText(StringInfo sql, const char *text)
{
	appendStringInfoChar(sql, '\'');
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == '\'')
			appendStringInfoChar(sql, '\'');
		appendStringInfoChar(sql, *c);
	}
	appendStringInfoChar(sql, '\'');
}

void
AppendColumn(Deparse *deparse, Index rtindex, AttrNumber attnum)
{
	const RemoteColumn *column = ColumnOf(deparse->tables[rtindex], attnum);

	if (deparse->aliases)
		appendStringInfo(deparse->sql, "r%u.", rtindex);
	AppendIdentifier(deparse->sql, column->name);
}

void
AppendRelation(Deparse *deparse, Index rtindex)
{
	AppendIdentifier(deparse->sql, deparse->tables[rtindex]->name);
	if (deparse->aliases)
		appendStringInfo(deparse->sql, " AS r%u", rtindex);
}

void
AppendOutside(Deparse *deparse, const Var *var)
{
	const RemoteColumn *column = ColumnOfVar(deparse, var);
	StringInfo sql = deparse->sql;
	const auto classes = [&](const char *list)
	{
		appendStringInfoString(sql, "typeof(");
		AppendColumn(deparse, var->varno, var->varattno);
		appendStringInfo(sql, ") NOT IN (%s)", list);
	};
	const auto beyond = [&](const char *condition)
	{
		appendStringInfoString(sql, " OR ");
		AppendColumn(deparse, var->varno, var->varattno);
		appendStringInfoString(sql, condition);
	};

	appendStringInfoChar(sql, '(');
	switch (column->domain)
	{
		case Domain::Integer:
			classes("'integer', 'null'");
			if (column->type == INT4OID)
				beyond(" NOT BETWEEN -2147483648 AND 2147483647");
			else if (column->type == INT2OID)
				beyond(" NOT BETWEEN -32768 AND 32767");
			break;
		case Domain::Boolean:
			classes("'integer', 'null'");
			beyond(" NOT IN (0, 1)");
			break;
		case Domain::Float:
			classes("'real', 'integer', 'null'");
			appendStringInfoString(sql, " OR (typeof(");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoString(sql, ") = 'integer' AND ");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoString(sql, " NOT BETWEEN -9007199254740992 AND 9007199254740992)");
			break;
		case Domain::Decimal:
			classes("'integer', 'real', 'null'");
			break;
		case Domain::Text:
			classes("'text', 'null'");
			appendStringInfoString(sql, " OR NOT sqlite_import_is_text(");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoChar(sql, ')');
			if (column->typmod >= (int32) VARHDRSZ)
			{
				appendStringInfoString(sql, " OR length(");
				AppendColumn(deparse, var->varno, var->varattno);
				appendStringInfo(sql, ") > %d", column->typmod - (int32) VARHDRSZ);
			}
			break;
		case Domain::Bytes:
			classes("'blob', 'null'");
			break;
		case Domain::None:
			appendStringInfoChar(sql, '1');
			break;
	}
	appendStringInfoChar(sql, ')');
}

void
AppendAnyOutside(Deparse *deparse, List *columns)
{
	ListCell *cell;

	appendStringInfoChar(deparse->sql, '(');
	foreach (cell, columns)
	{
		if (cell != list_head(columns))
			appendStringInfoString(deparse->sql, " OR ");
		AppendOutside(deparse, (const Var *) lfirst(cell));
	}
	appendStringInfoChar(deparse->sql, ')');
}

namespace
{

/*
 * The C library's name of a locale that a catalog row holds; null for other
 * providers.  From the catalogs, because pg_locale.h needs ICU's headers from 17 on.
 */
const char *
LibcLocale(int cache, Oid oid, AttrNumber provider_column, AttrNumber locale_column)
{
	HeapTuple tuple = SearchSysCache1(cache, ObjectIdGetDatum(oid));
	const char *name = nullptr;
	bool is_null;

	if (!HeapTupleIsValid(tuple))
		return nullptr;
	const Datum provider = SysCacheGetAttr(cache, tuple, provider_column, &is_null);
	if (!is_null && DatumGetChar(provider) == COLLPROVIDER_LIBC)
	{
		const Datum locale = SysCacheGetAttr(cache, tuple, locale_column, &is_null);

		name = is_null ? nullptr : TextDatumGetCString(locale);
	}
	ReleaseSysCache(tuple);
	return name;
}

} /* namespace */

bool
OrdersBytes(Oid collation)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		return false;
	if (!OidIsValid(collation))
		return true;
	const char *name = collation == DEFAULT_COLLATION_OID
						   ? LibcLocale(DATABASEOID, MyDatabaseId, Anum_pg_database_datlocprovider,
										Anum_pg_database_datcollate)
						   : LibcLocale(COLLOID, collation, Anum_pg_collation_collprovider,
										Anum_pg_collation_collcollate);

	/* glibc's C.UTF-8 compares code points, which in UTF-8 is the order of the bytes */
	return name != nullptr &&
		   (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 ||
			pg_strcasecmp(name, "C.UTF-8") == 0 || pg_strcasecmp(name, "C.utf8") == 0);
}

} /* namespace sqlite_import::fdw */
