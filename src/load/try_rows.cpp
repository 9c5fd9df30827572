/*
 * try_rows.cpp
 *    Rows put to the rules of a table, without writing them.
 *
 * CHECK constraints, expressions and predicates of indexes are computed by the
 * executor from the converted datums, as an INSERT would, in a subtransaction for
 * each batch; try_keys.cpp compares the keys.  A rule over a column that the
 * source does not bring counts with that column's default, unless the default is
 * volatile: then it is left to the load.  So is everything where triggers may
 * change the row first.
 */
#include "load/try_state.hpp"
#include "pg/encoding.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

extern "C" {
#include "access/detoast.h"
#include "access/htup_details.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::load
{

namespace
{

/* Rowids of one kind of refusal that are told. */
constexpr int kRowids = 5;

/* More kinds than this in one table are counted with the last. */
constexpr int kMostKinds = 100;

/* A refusal in the copy's memory context. */
struct Kind
{
	int column;
	Refusal::What what;
	bool becomes_null;
	bool takes_null;
	const char *message;
	const char *reason;
	const char *hint;
	const char *object;
	int64 count;
	int rowid_count;
	int64 rowids[kRowids];
};

struct CheckRule
{
	const char *name;
	int column;        /* the only one that it reads, of the reader's; -1: others too */
	Bitmapset *needed; /* positions of the columns that it reads */
	ExprState *state;
};

bool
SameText(const char *left, const char *right) noexcept
{
	return left == right || (left != nullptr && right != nullptr && strcmp(left, right) == 0);
}

char *
Kept(const char *text)
{
	return text == nullptr ? nullptr : pstrdup(text);
}

Kind *
FindKind(TrialWriter *trial, int column, Refusal::What what, bool becomes_null,
		 const convert::ErrorText &text, const char *object)
{
	ListCell *cell;
	Kind *kind = nullptr;

	foreach (cell, trial->kinds)
	{
		kind = static_cast<Kind *>(lfirst(cell));
		if (kind->column == column && kind->what == what && kind->becomes_null == becomes_null &&
			SameText(kind->message, text.message) && SameText(kind->reason, text.reason) &&
			SameText(kind->object, object))
			return kind;
	}
	if (list_length(trial->kinds) >= kMostKinds)
		return kind;

	MemoryContext const previous = MemoryContextSwitchTo(trial->context);

	kind = static_cast<Kind *>(palloc0(sizeof(Kind)));
	kind->column = column;
	kind->what = what;
	kind->becomes_null = becomes_null;
	kind->takes_null = true;
	kind->message = Kept(text.message);
	kind->reason = Kept(text.reason);
	kind->hint = Kept(text.hint);
	kind->object = Kept(object);
	trial->kinds = lappend(trial->kinds, kind);
	MemoryContextSwitchTo(previous);
	return kind;
}

void
Count(Kind *kind, bool has_rowid, int64 rowid) noexcept
{
	kind->count++;
	if (has_rowid && kind->rowid_count < kRowids)
		kind->rowids[kind->rowid_count++] = rowid;
}

/* A column of the expression's only table, by its name. */
Node *
ResolveColumn(ParseState *parse, ColumnRef *reference)
{
	TupleDesc const descriptor = static_cast<TupleDesc>(parse->p_ref_hook_state);
	const Node *const name = static_cast<Node *>(llast(reference->fields));

	if (!IsA(name, String))
		return nullptr;
	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (strcmp(NameStr(attribute->attname), strVal(name)) == 0)
			return reinterpret_cast<Node *>(makeVar(1, static_cast<AttrNumber>(i + 1),
													attribute->atttypid, attribute->atttypmod,
													attribute->attcollation, 0));
	}
	return nullptr;
}

/* The expression of a CHECK as CREATE TABLE would read it. */
Expr *
ParseCheck(const char *expression, TupleDesc descriptor)
{
	ParseState *const parse = make_parsestate(nullptr);
	List *const statements = raw_parser(psprintf("SELECT (%s)", expression), RAW_PARSE_DEFAULT);
	auto *const select = reinterpret_cast<SelectStmt *>(linitial_node(RawStmt, statements)->stmt);
	auto *const target = static_cast<ResTarget *>(linitial(select->targetList));

	parse->p_pre_columnref_hook = ResolveColumn;
	parse->p_ref_hook_state = descriptor;

	Node *node = transformExpr(parse, target->val, EXPR_KIND_CHECK_CONSTRAINT);

	node = coerce_to_boolean(parse, node, "CHECK");
	assign_expr_collations(parse, node);
	return reinterpret_cast<Expr *>(node);
}

void
AddCheck(CopyState *state, const char *name, Expr *expression)
{
	TrialWriter *const trial = state->trial;
	auto *const check = static_cast<CheckRule *>(palloc0(sizeof(CheckRule)));
	int only;

	if (!AddNeeded(*trial, reinterpret_cast<Node *>(expression), &check->needed))
		return;
	check->name = pstrdup(name);
	check->column = bms_get_singleton_member(check->needed, &only) ? ReaderOf(*state, only) : -1;
	check->state = ExecPrepareExpr(expression, trial->executor);
	trial->checks = lappend(trial->checks, check);
}

/* A check that the table is to have; one that PostgreSQL cannot read would stop CREATE TABLE. */
void
AddNewCheck(CopyState *state, const char *name, const char *expression)
{
	Expr *volatile parsed = nullptr;
	/* names mean what they will mean to CREATE TABLE */
	const int level = NewGUCNestLevel();

	(void) set_config_option("search_path", pg::kSafeSearchPath, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	const ErrorData *const error =
		pg::InSubtransaction([&] { parsed = ParseCheck(expression, state->target.descriptor); });
	AtEOXact_GUC(true, level);

	if (error == nullptr)
	{
		AddCheck(state, name, parsed);
		return;
	}
	convert::ErrorText text = {};

	text.message = psprintf("the constraint %s cannot be made: %s", name, error->message);
	FindKind(state->trial, -1, Refusal::What::Check, false, text, name);
}

void
ReadChecks(CopyState *state)
{
	const TupleConstr *const constraints = state->target.descriptor->constr;

	for (const TrialCheck &check : state->request->trial->checks)
		AddNewCheck(state, check.name.c_str(), check.expression.c_str());
	for (int i = 0; constraints != nullptr && i < constraints->num_check; i++)
		if (check_is_enforced(constraints->check[i]))
			AddCheck(state, constraints->check[i].ccname,
					 static_cast<Expr *>(stringToNode(constraints->check[i].ccbin)));
}

/* Values of the columns that the source does not bring. */
void
ReadDefaults(CopyState *state)
{
	TrialWriter *const trial = state->trial;
	const TupleDesc descriptor = state->target.descriptor;

	trial->defaults = static_cast<Datum *>(palloc0(sizeof(Datum) * Max(descriptor->natts, 1)));
	trial->default_nulls = static_cast<bool *>(palloc0(sizeof(bool) * Max(descriptor->natts, 1)));
	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		Node *expression;

		trial->default_nulls[i] = true;
		if (state->target.mapped[i] || attribute->attisdropped)
			continue;
		if (attribute->attgenerated != '\0' || attribute->attidentity != '\0')
		{
			trial->unknown = bms_add_member(trial->unknown, i);
			continue;
		}
		if (state->target.relation == nullptr || !attribute->atthasdef)
			continue;
		expression = build_column_default(state->target.relation, i + 1);
		if (expression == nullptr || contain_volatile_functions(expression))
		{
			trial->unknown = bms_add_member(trial->unknown, i);
			continue;
		}
		ExprState *const prepared =
			ExecPrepareExpr(reinterpret_cast<Expr *>(expression), trial->executor);
		const Datum value = ExecEvalExprSwitchContext(
			prepared, GetPerTupleExprContext(trial->executor), &trial->default_nulls[i]);
		if (!trial->default_nulls[i])
			trial->defaults[i] = datumCopy(value, attribute->attbyval, attribute->attlen);
	}
}

/* True if the NULLs and values of a batch's rows can be such that a row is too big for a page. */
bool
MayBeTooBig(TupleDesc descriptor)
{
	Size most = SizeofHeapTupleHeader + BITMAPLEN(descriptor->natts) + MAXIMUM_ALIGNOF;

	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (attribute->attlen == -1 && attribute->attstorage == TYPSTORAGE_PLAIN)
			return true;
		most += attribute->attlen > 0 ? MAXALIGN(attribute->attlen) : 32;
	}
	return most > MaxHeapTupleSize;
}

/* The least that a row takes in its page: what can be moved out of line has been. */
Size
LeastSize(TupleDesc descriptor, const TupleTableSlot *slot)
{
	bool has_null = false;
	Size size = 0;

	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		const Datum value = slot->tts_values[i];

		if (slot->tts_isnull[i])
		{
			has_null = true;
			continue;
		}
		if (attribute->attlen == -1 && attribute->attstorage != TYPSTORAGE_PLAIN)
		{
			const Size whole = VARSIZE_ANY_EXHDR(DatumGetPointer(value)) + VARHDRSZ_SHORT;

			size += whole > MAXALIGN(TOAST_POINTER_SIZE) ? TOAST_POINTER_SIZE : whole;
			continue;
		}
		size = att_align_datum(size, attribute->attalign, attribute->attlen, value);
		size = att_addlength_datum(size, attribute->attlen, value);
	}
	return MAXALIGN(
		MAXALIGN(SizeofHeapTupleHeader + (has_null ? BITMAPLEN(descriptor->natts) : 0)) + size);
}

void
FillSlot(const CopyState &state, const Batch &batch, int row)
{
	const TrialWriter &trial = *state.trial;
	TupleTableSlot *const slot = trial.slot;
	const int width = state.target.width;
	const size_t start = static_cast<size_t>(row) * static_cast<size_t>(width);

	ExecClearTuple(slot);
	for (int i = 0; i < width; i++)
	{
		const bool mapped = state.target.mapped[i];

		slot->tts_values[i] =
			mapped ? batch.values[start + static_cast<size_t>(i)] : trial.defaults[i];
		slot->tts_isnull[i] =
			mapped ? batch.nulls[start + static_cast<size_t>(i)] : trial.default_nulls[i];
	}
	ExecStoreVirtualTuple(slot);
}

/* The rule of a page: rows that are too big for one even out of line. */
void
TrySize(CopyState *state, Batch *batch, int row)
{
	if (!state->trial->may_be_too_big || batch->left_out[row])
		return;

	const Size size = LeastSize(state->target.descriptor, state->trial->slot);

	if (size <= MaxHeapTupleSize)
		return;
	RefuseRow(
		state, batch, row, Refusal::What::RowSize,
		psprintf("the row is too big for a page of PostgreSQL, which takes %zu bytes of a row",
				 static_cast<size_t>(MaxHeapTupleSize)),
		"Leave some of its columns out with exclude, or put them into another table.", nullptr);
}

void
TryChecks(CopyState *state, Batch *batch, int row)
{
	ExprContext *const context = GetPerTupleExprContext(state->trial->executor);
	ListCell *cell;

	foreach (cell, state->trial->checks)
	{
		const auto *const check = static_cast<CheckRule *>(lfirst(cell));

		if (LacksNeeded(*state, row, check->needed) || ExecCheck(check->state, context))
			continue;
		RefuseRow(state, batch, row, Refusal::What::Check,
				  psprintf("new row for relation \"%s\" violates check constraint \"%s\"",
						   state->target.name, check->name),
				  nullptr, check->name, check->column);
	}
}

void
TryRow(CopyState *state, Batch *batch, int row)
{
	FillSlot(*state, *batch, row);
	GetPerTupleExprContext(state->trial->executor)->ecxt_scantuple = state->trial->slot;
	TryChecks(state, batch, row);
	TrySize(state, batch, row);
	ComputeKeys(state, batch, row);
}

} /* namespace */

bool
AddNeeded(const TrialWriter &trial, Node *expression, Bitmapset **needed)
{
	Bitmapset *attributes = nullptr;
	int at = -1;

	pull_varattnos(expression, 1, &attributes);
	while ((at = bms_next_member(attributes, at)) >= 0)
	{
		const int number = at + FirstLowInvalidHeapAttributeNumber;

		/* the whole row, or a system column */
		if (number <= 0 || bms_is_member(number - 1, trial.unknown))
			return false;
		*needed = bms_add_member(*needed, number - 1);
	}
	return true;
}

bool
LacksNeeded(const CopyState &state, int row, const Bitmapset *needed)
{
	int position = -1;

	if (state.trial->refused == nullptr)
		return false;
	while ((position = bms_next_member(needed, position)) >= 0)
		if (state.trial->refused[row * state.target.width + position])
			return true;
	return false;
}

void
RefuseRow(CopyState *state, Batch *batch, int row, Refusal::What what, const char *message,
		  const char *hint, const char *object, int column)
{
	convert::ErrorText text = {};

	text.message = message;
	text.hint = hint;
	NoteRefusal(state, *batch, row, column, what, text, object, false);
	batch->left_out[row] = true;
}

void
NoteDuplicate(CopyState *state, const char *index, int64 rowid)
{
	convert::ErrorText text = {};

	text.message = psprintf("rows have the same key under the unique index \"%s\"", index);
	Count(FindKind(state->trial, -1, Refusal::What::Duplicate, false, text, index),
		  state->has_rowid, rowid);
}

void
BeginTrial(CopyState *state)
{
	const TupleDesc descriptor = state->target.descriptor;
	Relation const relation = state->target.relation;
	auto *const trial = static_cast<TrialWriter *>(palloc0(sizeof(TrialWriter)));

	state->trial = trial;
	trial->context = CurrentMemoryContext;
	trial->blind = !state->target.check_required;
	trial->executor = CreateExecutorState();
	trial->slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
	trial->may_be_too_big =
		(relation == nullptr || relation->rd_rel->relkind == RELKIND_RELATION) &&
		MayBeTooBig(descriptor);
	ReadDefaults(state);
	for (const int attnum : state->request->trial->unsettled)
		trial->unknown = bms_add_member(trial->unknown, attnum - 1);
	if (trial->blind)
		return;
	ReadChecks(state);
	ReadKeys(state);
}

void
TryBatch(CopyState *state, Batch *batch)
{
	TrialWriter *const trial = state->trial;
	volatile int row = batch->rows;

	state->result->rows += batch->rows;
	if (!trial->blind && (trial->checks != NIL || trial->keys != NIL || trial->may_be_too_big))
		row = 0;
	MakeRoomForKeys(state, *batch);
	ResetPerTupleExprContext(trial->executor);
	while (row < batch->rows)
	{
		ErrorData *const error = pg::InSubtransaction(
			[&]
			{
				for (; row < batch->rows; row = row + 1)
					TryRow(state, batch, row);
			});

		if (error == nullptr)
			break;
		if (!convert::IsValueError(error->sqlerrcode))
			ReThrowError(error);
		RefuseRow(state, batch, row, Refusal::What::Check, error->message, error->hint,
				  error->constraint_name);
		row = row + 1;
	}
	PutKeys(state, *batch);
	trial->refused = nullptr;
	for (int i = 0; i < batch->rows; i++)
		state->result->rejected += batch->left_out[i] ? 1 : 0;
}

void
EndTrial(CopyState *state)
{
	CompareKeys(state);
	ExecDropSingleTupleTableSlot(state->trial->slot);
	FreeExecutorState(state->trial->executor);
}

void
NoteRefusal(CopyState *state, const Batch &batch, int row, int column, Refusal::What what,
			const convert::ErrorText &text, const char *object, bool becomes_null)
{
	TrialWriter *const trial = state->trial;
	Kind *const kind = FindKind(trial, column, what, becomes_null, text, object);

	if (kind->count == 0 && column >= 0)
		kind->takes_null =
			state->converters[column]->TakesNull() &&
			!TupleDescAttr(state->target.descriptor, state->positions[column])->attnotnull;
	Count(kind, state->has_rowid, state->has_rowid ? batch.rowids[row] : 0);
	if (column < 0 || what == Refusal::What::Check || becomes_null)
		return;
	if (trial->refused == nullptr)
		trial->refused = static_cast<bool *>(MemoryContextAllocZero(
			state->batch_context, sizeof(bool) * batch.rows * state->target.width));
	trial->refused[row * state->target.width + state->positions[column]] = true;
}

bool
IsRefused(const CopyState &state, int row, int position) noexcept
{
	return state.trial != nullptr && state.trial->refused != nullptr &&
		   state.trial->refused[row * state.target.width + position];
}

void
CollectRefusals(const CopyState &state, std::vector<Refusal> *refusals)
{
	const ListCell *cell;

	foreach (cell, state.trial->kinds)
	{
		const Kind &kind = *static_cast<const Kind *>(lfirst(cell));
		const auto text = [](const char *from)
		{
			return std::string(
				from == nullptr ? "" : pg::PgCall([=] { return pg::FromServerEncoding(from); }));
		};
		Refusal refusal;

		refusal.what = kind.what;
		refusal.column = kind.column < 0 ? "" : state.source_columns[kind.column];
		refusal.message = text(kind.message);
		refusal.reason = text(kind.reason);
		refusal.hint = text(kind.hint);
		refusal.object = text(kind.object);
		refusal.becomes_null = kind.becomes_null;
		refusal.takes_null = kind.takes_null;
		refusal.count = kind.count;
		refusal.rowids.assign(kind.rowids, kind.rowids + kind.rowid_count);
		refusals->push_back(std::move(refusal));
	}
}

} /* namespace sqlite_import::load */
