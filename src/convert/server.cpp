/*
 * server.cpp
 *    Server stage: input functions, time zones, other encodings, domains.
 *
 * Every function here may ereport; frames hold only trivially destructible
 * objects.
 */
#include "values/moment.hpp"
#include "values/number.hpp"
#include "values/time_unit.hpp"
#include "values/utf8.hpp"

#include "convert/datum.hpp"
#include "convert/server_state.hpp"
#include "pg/own_settings.hpp"
#include "pg/subtransaction.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/timestamp.h"
}

namespace sqlite_import::convert
{

namespace
{

/* Whether clocks of the zone show this time at that instant. */
bool
IsLocalTime(const ServerState &server, const struct pg_tm &wanted, TimestampTz instant)
{
	struct pg_tm tm;
	fsec_t fraction;
	int offset;

	return timestamp2tm(instant, &offset, &tm, &fraction, nullptr, server.zone) == 0 &&
		   tm.tm_hour == wanted.tm_hour && tm.tm_min == wanted.tm_min && tm.tm_sec == wanted.tm_sec;
}

/* Naive text in a zone of the tz database. */
Converted
InZone(const Converter &converter, const SourceValue &value)
{
	values::Moment moment;
	struct pg_tm tm;
	fsec_t fraction;
	int offset;
	Timestamp naive;

	/* the leaf stage has read this very value before it deferred */
	if (!ReadNaive(converter, value, &moment))
		return Refuse(Mismatch::NotAMoment);
	naive = moment.days * values::kMicrosecondsPerDay + moment.microseconds;
	if (timestamp2tm(naive, nullptr, &tm, &fraction, nullptr, nullptr) != 0)
		return Refuse(Mismatch::OutOfRange);
	offset = DetermineTimeZoneOffset(&tm, converter.server->zone);
	naive += static_cast<int64>(offset) * USECS_PER_SEC;
	if (!IS_VALID_TIMESTAMP(naive))
		return Refuse(Mismatch::OutOfRange);
	/* the clocks were put forward over this time of day: it never was, and reads otherwise now */
	const bool skipped = !IsLocalTime(*converter.server, tm, naive);
	if (moment.fraction_digits > converter.fraction_digits || moment.below_microsecond)
	{
		if (converter.rule.exact())
			return Refuse(Mismatch::Inexact);
		naive = KeepFraction(converter, naive);
		if (!IS_VALID_TIMESTAMP(naive))
			return Refuse(Mismatch::OutOfRange);
		return {TimestampTzGetDatum(naive), Outcome::Value, Mismatch::None, true};
	}
	return {TimestampTzGetDatum(naive), Outcome::Value, Mismatch::None, skipped};
}

/* An interval of any precision as the type keeps it. */
Datum
LimitInterval(const Converter &converter, Datum interval)
{
	const int32 typmod = converter.base_typmod;
	Interval whole = *DatumGetIntervalP(interval);
	int64 unit = 1;

	if (converter.rule.truncates() && INTERVAL_PRECISION(typmod) <= MAX_INTERVAL_PRECISION)
	{
		for (int32 i = INTERVAL_PRECISION(typmod); i < MAX_INTERVAL_PRECISION; i++)
			unit *= 10;
		whole.time -= whole.time % unit;
	}
	return DirectFunctionCall2(interval_scale, IntervalPGetDatum(&whole), Int32GetDatum(typmod));
}

/* An interval of a type that keeps less than microseconds; Deferred: the value is no number, and
 * its digits are the input function's to round. */
Converted
LimitedInterval(const Converter &converter, const SourceValue &value)
{
	Converted result = ReadInterval(converter, value, converter.server->arena);

	if (result.outcome != Outcome::Value)
		return result;
	const Datum cut = LimitInterval(converter, result.datum);

	if (!DatumGetBool(DirectFunctionCall2(interval_eq, cut, result.datum)))
	{
		if (converter.rule.exact())
			return Refuse(Mismatch::Inexact);
		result.altered = true;
	}
	result.datum = cut;
	return result;
}

/* char, name: their input functions cut in silence. */
bool
WouldBeCut(Oid type, size_t size) noexcept
{
	return (type == NAMEOID && size >= NAMEDATALEN) || (type == CHAROID && size > 1);
}

bool
SameDatum(const ServerState &server, Oid type, Datum left, Datum right)
{
	if (type == NUMERICOID)
		return DatumGetBool(DirectFunctionCall2(numeric_eq, left, right));
	return datumIsEqual(left, right, server.type_by_value, server.type_length);
}

/* A value of the base type, of whatever the leaf stage did not settle. */
Converted
ByServer(Converter *converter, const SourceValue &value)
{
	ServerState *const server = converter->server;
	char numbers[values::kNumberTextSize];
	const char *text = nullptr;
	size_t size = 0;
	bool altered = false;
	bool no_memory = false;

	if (converter->base_type == TIMESTAMPTZOID)
		return InZone(*converter, value);
	if (converter->base_type == INTERVALOID &&
		(values::is_length_unit(converter->rule.from) || converter->rule.truncates()))
	{
		const Converted result = LimitedInterval(*converter, value);

		if (result.outcome != Outcome::Deferred)
			return result;
	}
	const Mismatch mismatch =
		TextOfValue(*converter, value, server->arena, numbers, &text, &size, &altered, &no_memory);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (no_memory)
		return OutOfMemory();
	/* fifteen digits are SQLite's text of a REAL, but to what holds numbers it is its number */
	if (value.storage_class == StorageClass::Real && server->holds_numbers)
		size = values::shortest_text(value.real, numbers);
	if (converter->max_characters > 0 &&
		values::count_characters(text, size) > static_cast<size_t>(converter->max_characters))
		return Refuse(Mismatch::TooLong);
	if (WouldBeCut(converter->base_type, size))
		return Refuse(Mismatch::TooLong);
	Converted result =
		server->is_array ? ArrayOfText(converter, text, size) : ThroughInput(converter, text, size);
	result.altered |= altered;
	return result;
}

/* Value of the base type, in the current memory context. */
Converted
BaseValue(Converter *converter, const SourceValue &value)
{
	ServerState *const server = converter->server;
	const bool other_encoding = server->is_text && GetDatabaseEncoding() != PG_UTF8;

	if (!other_encoding)
	{
		Converted result = converter->leaf(*converter, value, server->arena);

		if (result.outcome == Outcome::Value)
			result.datum = datumCopy(result.datum, server->type_by_value, server->type_length);
		if (result.outcome != Outcome::Deferred)
			return result;
	}
	return ByServer(converter, value);
}

/* A numeric without the column's typmod, cut to that. */
Converted
TruncatedNumeric(const Converter &converter, Datum whole)
{
	Datum cut = DirectFunctionCall2(numeric_trunc, whole, Int32GetDatum(converter.scale));

	/* what the typmod still refuses is out of its range */
	cut = DirectFunctionCall2(numeric, cut, Int32GetDatum(converter.base_typmod));
	return {cut, Outcome::Value, Mismatch::None,
			!DatumGetBool(DirectFunctionCall2(numeric_eq, cut, whole))};
}

} /* namespace */

Converted
ThroughInput(Converter *converter, const char *text, size_t size)
{
	ServerState *const server = converter->server;
	const Oid type = converter->base_type;
	char *const copy = pnstrdup(text, size);
	char *const encoded = pg_any_to_server(copy, static_cast<int>(size), PG_UTF8);
	if (converter->rule.truncates() && converter->base_typmod >= 0 && type == NUMERICOID)
		return TruncatedNumeric(
			*converter,
			pg::InputInZone(&server->input, encoded, server->input_parameter, -1, server->zone));
	Converted result = Good(pg::InputInZone(&server->input, encoded, server->input_parameter,
											converter->base_typmod, server->zone));

	/* an input function may round to its typmod; ours may not, unless told to */
	if (converter->base_typmod >= 0 && !server->is_text)
	{
		const Datum whole =
			pg::InputInZone(&server->input, encoded, server->input_parameter, -1, server->zone);

		if (!SameDatum(*server, type, result.datum, whole))
		{
			if (!converter->rule.rounds())
				return Refuse(Mismatch::Inexact);
			result.altered = true;
		}
	}
	return result;
}

namespace
{

/* What the expression makes of the value, its NULL included; domains are the expression's to obey.
 */
Converted
ThroughExpression(ServerState *server, const SourceValue &value)
{
	Converted result = server->input_value->Leaf(value, server->arena);
	bool isnull;

	if (result.outcome == Outcome::Deferred)
		result = server->input_value->Server(value);
	if (result.outcome != Outcome::Value && result.outcome != Outcome::Null)
		return result;
	result.datum =
		pg::Evaluate(server->expression, result.datum, result.outcome == Outcome::Null, &isnull);
	result.outcome = isnull ? Outcome::Null : Outcome::Value;
	return result;
}

} /* namespace */

Converted
Converter::Server(const SourceValue &value)
{
	if (server->expression != nullptr)
	{
		server->arena.reset();
		return ThroughExpression(server, value);
	}

	SourceValue effective = value;
	Converted result = ApplyRule(*this, &effective);

	server->arena.reset();
	if (result.outcome == Outcome::Deferred)
		result = BaseValue(this, effective);
	if (type != base_type && (result.outcome == Outcome::Value || result.outcome == Outcome::Null))
		domain_check(result.datum, result.outcome == Outcome::Null, type, &server->domain_cache,
					 server->context);
	return result;
}

bool
IsValueError(int sqlstate) noexcept
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_DATA_EXCEPTION:
		case ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION:
		case ERRCODE_CARDINALITY_VIOLATION:
		case ERRCODE_WITH_CHECK_OPTION_VIOLATION:
		case ERRCODE_PLPGSQL_ERROR:
		case ERRCODE_EXTERNAL_ROUTINE_EXCEPTION:
			return true;
		default:
			break;
	}
	switch (sqlstate)
	{
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_DATATYPE_MISMATCH:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_UNDEFINED_SCHEMA:
		case ERRCODE_AMBIGUOUS_FUNCTION:
		case ERRCODE_INVALID_NAME:
		case ERRCODE_SYNTAX_ERROR:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case ERRCODE_STATEMENT_TOO_COMPLEX:
			return true;
		default:
			return false;
	}
}

namespace
{

/* A result that has to survive a longjmp is volatile, which no struct assignment is. */
void
Store(volatile Converted *to, const Converted &from) noexcept
{
	to->datum = from.datum;
	to->outcome = from.outcome;
	to->mismatch = from.mismatch;
	to->altered = from.altered;
}

Converted
Load(const volatile Converted *from) noexcept
{
	return {from->datum, from->outcome, from->mismatch, from->altered};
}

/*
 * Runs f in a subtransaction.  Null, or what PostgreSQL refused a value with; any other error is
 * raised.  There is none in a parallel operation: the wrapper plans none over such a column
 * (fdw/converters.hpp), but a function that is called within one may read it too.
 */
template <typename F>
ErrorData *
Survive(F f)
{
	if (IsInParallelMode())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a value that may have to become NULL cannot be converted during a "
						"parallel operation"),
				 errhint("Mark the function that reads the foreign table PARALLEL UNSAFE, or "
						 "set max_parallel_workers_per_gather to 0.")));
	ErrorData *const caught = pg::InSubtransaction(f);

	if (caught != nullptr && !IsValueError(caught->sqlerrcode))
		ReThrowError(caught);
	return caught;
}

} /* namespace */

Converted
ServerAt(Converter *converter, const SourceValue &value, const Place &place, bool soft,
		 ErrorData **server_error)
{
	MemoryContext const context = CurrentMemoryContext;
	volatile Converted result = Refuse(Mismatch::Server);
	ErrorText text = {};

	if (soft)
	{
		*server_error = Survive([&] { Store(&result, converter->Server(value)); });
		return Load(&result);
	}
	PG_TRY();
	{
		Store(&result, converter->Server(value));
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!IsValueError(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		text = DescribeMismatch(*converter, value, Mismatch::Server, place, error);
	}
	PG_END_TRY();
	if (text.message == nullptr)
		return Load(&result);
	ereport(ERROR, (errcode(text.sqlstate), errmsg("%s", text.message),
					errdetail("%s", text.detail), errhint("%s", text.hint)));
	pg_unreachable();
}

bool
Converter::TakesNull()
{
	if (type == base_type)
		return true;
	if (server->null_answer == NullAnswer::Unknown)
	{
		const ErrorData *const refused = Survive(
			[this] { domain_check(0, true, type, &server->domain_cache, server->context); });

		server->null_answer = refused == nullptr ? NullAnswer::Taken : NullAnswer::Refused;
	}
	return server->null_answer == NullAnswer::Taken;
}

bool
ConvertIfFits(Converter *converter, const SourceValue &value, Arena &arena, Datum *datum,
			  bool *isnull)
{
	ErrorData *server_error = nullptr;
	Converted result = converter->Leaf(value, arena);

	if (result.outcome == Outcome::Deferred)
	{
		const int nest_level = pg::BeginValueSettings();

		result = ServerAt(converter, value, Place(), true, &server_error);
		pg::EndValueSettings(nest_level);
	}
	*datum = result.datum;
	*isnull = result.outcome != Outcome::Value;
	if (result.outcome == Outcome::Value || result.outcome == Outcome::Null)
		return true;
	if (result.outcome == Outcome::NoMemory)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return converter->rule.on_mismatch == values::OnMismatch::Null && converter->TakesNull();
}

Datum
ConvertValue(Converter *converter, const SourceValue &value, Arena &arena, const Place &place,
			 bool *isnull)
{
	const bool soft = converter->rule.on_mismatch == values::OnMismatch::Null;
	ErrorData *server_error = nullptr;
	Converted result = converter->Leaf(value, arena);

	if (result.outcome == Outcome::Deferred)
	{
		const int nest_level = pg::BeginValueSettings();

		result = ServerAt(converter, value, place, soft, &server_error);
		pg::EndValueSettings(nest_level);
	}
	*isnull = result.outcome != Outcome::Value;
	switch (result.outcome)
	{
		case Outcome::Value:
			return result.datum;
		case Outcome::Null:
			return 0;
		case Outcome::Refused:
			if (!soft || !converter->TakesNull())
				ReportMismatch(*converter, value, result.mismatch, place, server_error);
			return 0;
		case Outcome::Deferred:
		case Outcome::NoMemory:
			break;
	}
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	pg_unreachable();
}

} /* namespace sqlite_import::convert */
