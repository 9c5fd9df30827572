/*
 * expression.cpp
 *    Parsing, checking and running the expression of "using".
 */
#include "pg/expression.hpp"

#include "pg/caller.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
}

namespace sqlite_import::pg
{

struct Expression
{
	EState *state;
	ExprContext *context;
	ExprState *compiled;
	ParamListInfo parameters; /* the one */
	int16 length;             /* of the result's type */
	bool by_value;
	bool needs_path; /* it may look names up while it runs */
	bool as_caller;  /* it may be somebody's whom the current role lends its rights (caller.hpp) */
};

namespace
{

/* The name of the value in an expression. */
constexpr const char *kValueName = "value";

struct ValueType
{
	Oid type;
	int32 typmod;
};

/* Errors point into the expression, not into the statement that the client sent. */
void
PointIntoExpression(void *text)
{
	const int position = geterrposition();

	if (position > 0)
	{
		/* "SELECT " stands before it */
		errposition(0);
		internalerrposition(Max(position - 7, 1));
		internalerrquery(static_cast<const char *>(text));
	}
	errcontext("expression of \"using\" in casts");
}

/* Nothing but one expression: SELECT's other clauses would be more than that. */
Node *
ParseBare(const char *text)
{
	List *const statements = raw_parser(psprintf("SELECT %s", text), RAW_PARSE_DEFAULT);

	if (list_length(statements) == 1)
	{
		Node *const statement = linitial_node(RawStmt, statements)->stmt;
		const auto *const select = reinterpret_cast<SelectStmt *>(statement);

		if (IsA(statement, SelectStmt) && select->op == SETOP_NONE &&
			list_length(select->targetList) == 1 && select->distinctClause == NIL &&
			select->intoClause == nullptr && select->fromClause == NIL &&
			select->whereClause == nullptr && select->groupClause == NIL &&
			select->havingClause == nullptr && select->windowClause == NIL &&
			select->valuesLists == NIL && select->sortClause == NIL &&
			select->limitOffset == nullptr && select->limitCount == nullptr &&
			select->lockingClause == NIL && select->withClause == nullptr)
		{
			const auto *const target = linitial_node(ResTarget, select->targetList);

			if (target->name == nullptr && target->indirection == NIL)
				return target->val;
		}
	}
	ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("\"using\" is not a single expression"),
					errhint("Write an SQL expression over \"value\", without FROM and the like.")));
	pg_unreachable();
}

/* The name "value", and no other. */
Node *
ResolveValue(ParseState *pstate, ColumnRef *reference)
{
	const auto *const type = static_cast<ValueType *>(pstate->p_ref_hook_state);
	Node *const name = static_cast<Node *>(linitial(reference->fields));

	if (list_length(reference->fields) != 1 || !IsA(name, String) ||
		strcmp(strVal(name), kValueName) != 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("the expression of \"using\" knows no name but \"value\""),
						parser_errposition(pstate, reference->location)));

	Param *const param = makeNode(Param);

	param->paramkind = PARAM_EXTERN;
	param->paramid = 1;
	param->paramtype = type->type;
	param->paramtypmod = type->typmod;
	param->paramcollid = get_typcollation(type->type);
	param->location = reference->location;
	return reinterpret_cast<Node *>(param);
}

Node *
Analyze(const char *text, ValueType input, Oid result_type, int32 result_typmod)
{
	ParseState *const pstate = make_parsestate(nullptr);
	Node *const bare = ParseBare(text);

	pstate->p_sourcetext = psprintf("SELECT %s", text);
	pstate->p_pre_columnref_hook = ResolveValue;
	pstate->p_ref_hook_state = &input;
	/* what ALTER COLUMN ... USING takes: subqueries, aggregates and the like are refused */
	Node *const expression = transformExpr(pstate, bare, EXPR_KIND_ALTER_COL_TRANSFORM);
	const Oid type = exprType(expression);
	Node *const coerced =
		coerce_to_target_type(pstate, expression, type, result_type, result_typmod,
							  COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);

	if (coerced == nullptr)
		ereport(
			ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("the expression of \"using\" is of type %s, the column of type %s",
					format_type_be(type), format_type_be(result_type)),
			 errhint("Cast it in the expression, or say by \"as\" of which type \"value\" is.")));
	assign_expr_collations(pstate, coerced);
	return coerced;
}

/* It is run again when the rows are compared, and must say the same then. */
void
RefuseVolatile(Node *expression)
{
	if (contain_volatile_functions(expression))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("functions in the expression of \"using\" must not be volatile"),
				 errhint("Mark a function of yours STABLE or IMMUTABLE, if that is what it is.")));
}

/* The safe search path until AtEOXact_GUC(…, level). */
int
EnterSafePath()
{
	const int level = NewGUCNestLevel();

	(void) set_config_option("search_path", kSafeSearchPath, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

ParamListInfo
MakeParameter(ValueType input)
{
	ParamListInfo const parameters = makeParamList(1);

	parameters->params[0].ptype = input.type;
	parameters->params[0].pflags = 0;
	return parameters;
}

} /* namespace */

Expression *
MakeExpression(MemoryContext context, const char *text, Oid input_type, int32 input_typmod,
			   Oid result_type, int32 result_typmod)
{
	MemoryContext const previous = MemoryContextSwitchTo(context);
	auto *const expression = static_cast<Expression *>(palloc0(sizeof(Expression)));
	const ValueType input = {input_type, input_typmod};
	ErrorContextCallback callback;

	callback.callback = PointIntoExpression;
	callback.arg = const_cast<char *>(text);
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	const bool as_caller = !CallerMayActForCurrentRole();
	const RoleBefore role = as_caller ? BeCaller() : RoleBefore();
	const int level = EnterSafePath();
	Node *const analyzed = Analyze(text, input, result_type, result_typmod);

	RefuseVolatile(analyzed);
	expression->state = CreateExecutorState();
	expression->parameters = MakeParameter(input);
	expression->state->es_param_list_info = expression->parameters;
	expression->context = GetPerTupleExprContext(expression->state);
	expression->compiled = ExecPrepareExpr(reinterpret_cast<Expr *>(analyzed), expression->state);
	expression->needs_path =
		contain_mutable_functions(reinterpret_cast<Node *>(expression->compiled->expr));
	get_typlenbyval(result_type, &expression->length, &expression->by_value);
	AtEOXact_GUC(true, level);
	expression->as_caller = as_caller;
	if (as_caller)
		BeRole(role);
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(previous);
	return expression;
}

Datum
Evaluate(Expression *expression, Datum value, bool isnull, bool *result_isnull)
{
	ParamExternData &parameter = expression->parameters->params[0];
	const RoleBefore role = expression->as_caller ? BeCaller() : RoleBefore();
	const int level = expression->needs_path ? EnterSafePath() : 0;
	Datum result;

	parameter.value = value;
	parameter.isnull = isnull;
	result = ExecEvalExprSwitchContext(expression->compiled, expression->context, result_isnull);
	if (!*result_isnull)
		result = datumCopy(result, expression->by_value, expression->length);
	ResetExprContext(expression->context);
	if (expression->needs_path)
		AtEOXact_GUC(true, level);
	if (expression->as_caller)
		BeRole(role);
	return result;
}

void
LookUpType(const char *name, Oid *type, int32 *typmod)
{
	const int level = EnterSafePath();

	parseTypeString(name, type, typmod, 0);
	AtEOXact_GUC(true, level);
}

} /* namespace sqlite_import::pg */
