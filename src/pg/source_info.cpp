/*
 * source_info.cpp
 *    sqlite_import.source_info: what a source is, before anything is done with it.
 *
 * The first question of somebody whose file is on another machine, in a
 * container or behind a proxy: does the server see my database, and is it whole?
 */
#include <memory>
#include <string>
#include <vector>

#include "sqlite/damage.hpp"

#include "pg/errors.hpp"
#include "pg/source.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

extern PGDLLEXPORT Datum sqlite_import_source_info(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_source_info);
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

constexpr int kColumns = 10;

/* Problems beyond this many say nothing new. */
constexpr int kMaxProblems = 100;

/* A text of the file's in the server's encoding; what cannot be converted ereports, as COPY does.
 */
Datum
TextDatum(const std::string &text)
{
	return PgCall(
		[&text] {
			return PointerGetDatum(
				cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
		});
}

Datum
TextArrayDatum(const std::vector<std::string> &texts)
{
	auto *elements = PgCall(
		[&texts] { return static_cast<Datum *>(palloc(sizeof(Datum) * (texts.size() + 1))); });

	for (size_t i = 0; i < texts.size(); i++)
		elements[i] = TextDatum(texts[i]);
	return PgCall(
		[elements, &texts]
		{
			return PointerGetDatum(construct_array(elements, static_cast<int>(texts.size()),
												   TEXTOID, -1, false, TYPALIGN_INT));
		});
}

/* Fills the columns of the result.  Throws. */
void
Describe(const std::string &text, bool check, Datum *values, bool *nulls)
{
	const SourceLocation location = ResolveSource(text);
	const std::unique_ptr<Source> source = OpenSource(location);
	const sqlite::Database &database = source->database();
	int column = 0;
	const auto integer = [&](const char *sql)
	{ values[column++] = Int64GetDatum(database.query_integer(sql)); };

	values[column++] = TextDatum(location.kind == SourceKind::File ? "file" : "large object");
	integer("PRAGMA page_size");
	integer("PRAGMA page_count");
	values[column++] = TextDatum(database.query_text("PRAGMA encoding"));
	integer("PRAGMA application_id");
	integer("PRAGMA user_version");
	integer(
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
	integer("SELECT count(*) FROM sqlite_schema WHERE type = 'view'");
	const std::string note = source->note();
	nulls[column] = note.empty();
	values[column] = note.empty() ? Datum(0) : TextDatum(note);
	column++;
	nulls[column] = !check;
	values[column] = check ? TextArrayDatum(sqlite::find_damage(database, kMaxProblems)) : Datum(0);
}

} /* namespace */

} /* namespace sqlite_import::pg */

extern "C" {

/* source_info(source text, quick_check boolean) → one row */
Datum
sqlite_import_source_info(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import::pg;

	const char *source = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const bool check = PG_GETARG_BOOL(1);
	TupleDesc tupdesc;
	Datum values[kColumns] = {};
	bool nulls[kColumns] = {};

	if (get_call_result_type(fcinfo, nullptr, &tupdesc) != TYPEFUNC_COMPOSITE)
		ereport(
			ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("function returning record called in context that cannot accept type record")));
	PgEntry([&] { Describe(source, check, values, nulls); });
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls));
}
}
