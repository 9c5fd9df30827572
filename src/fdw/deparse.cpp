/*
 * deparse.cpp
 *    The list of what ships.
 *
 * Each entry is here because PostgreSQL and SQLite agree on it for all values of
 * the operands' domain, NULL among them; sql/fdw_pushdown.sql and the
 * differential test hold the proofs.  Arithmetic is absent on purpose: SQLite
 * neither overflows nor divides by zero as PostgreSQL does.
 */
#include "fdw/deparse.hpp"

extern "C" {
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "fdw/array_members.hpp"
#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

constexpr int kMostInListMembers = 1000;
constexpr int kLongestPattern = 500; /* SQLITE_LIMIT_LIKE_PATTERN_LENGTH with room for brackets */
constexpr Oid kLastBuiltIn = 9999;   /* FirstGenbkiObjectId - 1: what initdb itself knows */

Domain ShipNode(Deparse *deparse, Node *node);

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

/* The members of a constant array. */
List *
ConstantMembers(Const *constant)
{
	const ArrayMembers array = MembersOf(DatumGetArrayTypeP(constant->constvalue));
	List *members = NIL;

	for (int i = 0; i < array.count; i++)
		members = lappend(members, makeConst(array.type, -1, InvalidOid, array.length,
											 array.values[i], array.nulls[i], array.by_value));
	return members;
}

/* Appends the members of an array, if it is written out; false if one is of another domain. */
bool
ShipMembers(Deparse *deparse, Node *left, Domain domain, List *members)
{
	ListCell *cell;

	foreach (cell, members)
	{
		Node *member = (Node *) lfirst(cell);

		if (cell != list_head(members))
			appendStringInfoString(deparse->sql, ", ");
		if (ShipNode(deparse, member) != domain ||
			(domain == Domain::Decimal && !DecimalsCompare(left, member)))
			return false;
	}
	return true;
}

/*
 * = ANY is IN, <> ALL is NOT IN; a NULL member makes a miss NULL in both.  An
 * array that is known to the executor alone, or long, is bound as JSON.
 */
Domain
ShipArrayComparison(Deparse *deparse, ScalarArrayOpExpr *expr)
{
	bool ordered = false;
	const char *name = ComparisonName(expr->opno, &ordered);
	Node *left = (Node *) linitial(expr->args);
	Node *array = (Node *) lsecond(expr->args);
	List *members = NIL;
	bool written = true;

	if (name == nullptr || ordered || expr->useOr != (strcmp(name, "=") == 0))
		return Domain::None;
	if (IsA(array, Const) && !((Const *) array)->constisnull)
		members = ConstantMembers((Const *) array);
	else if (IsA(array, ArrayExpr) && !((ArrayExpr *) array)->multidims)
		members = ((ArrayExpr *) array)->elements;
	else
		written = false;
	appendStringInfoChar(deparse->sql, '(');
	const Domain domain = ShipNode(deparse, left);
	if (!MayCompare(deparse, domain, expr->inputcollid, false))
		return Domain::None;
	appendStringInfoString(deparse->sql, expr->useOr ? " IN (" : " NOT IN (");
	if (written && list_length(members) <= kMostInListMembers
			? !ShipMembers(deparse, left, domain, members)
			: ShipArrayParameter(deparse, array) != domain)
		return Domain::None;
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
	Domain domain;

	if (ShipLeaf(deparse, node, &domain))
		return domain;
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
		case T_Aggref:
			return deparse->grouped ? ShipAggregateValue(deparse, (Aggref *) node) : Domain::None;
		default:
			return Domain::None;
	}
}

} /* namespace */

Deparse
MakeDeparse(PlannerInfo *root, Relids relids, RemoteTable **tables, bool aliases)
{
	Deparse deparse = {root, relids, tables, aliases, makeStringInfo(), NIL, NIL, false, false,
					   true, false,  false,  false};
	int rtindex = -1;

	while ((rtindex = bms_next_member(relids, rtindex)) >= 0)
	{
		deparse.utf16 = deparse.utf16 || tables[rtindex]->utf16;
		deparse.json = deparse.json && tables[rtindex]->json;
		deparse.frozen = deparse.frozen || tables[rtindex]->follow == Follow::Frozen;
	}
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

} /* namespace sqlite_import::fdw */
