/*
 * array.cpp
 *    JSON arrays into PostgreSQL arrays.
 *
 * SQLite has no arrays; programs store them as JSON text.  The text is walked
 * twice: once for the shape, which must be rectangular, once for the elements,
 * each of which goes through the converter of the element type as if it stood
 * in a column of its own.
 */
#include "values/json.hpp"
#include "values/number.hpp"

#include "convert/datum.hpp"
#include "convert/server_state.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace sqlite_import::convert
{

namespace
{

using values::JsonArray;
using values::JsonElement;
using values::JsonKind;

/* The array being built. */
struct Building
{
	Converter *element;
	bool json_elements; /* json[], jsonb[]: elements are taken as written, arrays too */
	int dimensions;
	int sizes[MAXDIM];
	Datum *datums;
	bool *nulls;
	int count;
};

/* The sizes of the nested arrays along the first elements. */
bool
MeasureShape(Building *building, const char *text, size_t size)
{
	for (;;)
	{
		JsonArray array(text, size);
		JsonElement element;
		JsonElement first = {JsonKind::Null, nullptr, 0};
		int count = 0;

		while (array.next(&element))
			if (count++ == 0)
				first = element;
		if (building->dimensions == MAXDIM)
			return false;
		building->sizes[building->dimensions++] = count;
		if (count == 0 || first.kind != JsonKind::Array || building->json_elements)
			return true;
		text = first.text;
		size = first.size;
	}
}

/* One element as a value of SQLite's. */
bool
ValueOfElement(const Building &building, const JsonElement &json, SourceValue *value)
{
	value->storage_class = StorageClass::Text;
	value->bytes = json.text;
	value->size = json.size;
	if (json.kind == JsonKind::Null && !building.json_elements)
		value->storage_class = StorageClass::Null;
	else if (json.kind == JsonKind::String && !building.json_elements)
	{
		char *const out = static_cast<char *>(palloc(json.size));

		if (!values::json_unescape(json, out, &value->size))
			return false;
		out[value->size] = '\0';
		value->bytes = out;
	}
	return true;
}

Mismatch
AddValue(Building *building, const SourceValue &value)
{
	Converter *const element = building->element;
	Converted result = element->Leaf(value, element->server->arena);
	if (result.outcome == Outcome::Value)
		result.datum =
			datumCopy(result.datum, element->server->type_by_value, element->server->type_length);
	else if (result.outcome == Outcome::Deferred)
		result = element->Server(value);
	if (result.outcome == Outcome::Refused)
		return result.mismatch;
	building->datums[building->count] = result.datum;
	building->nulls[building->count++] = result.outcome != Outcome::Value;
	return Mismatch::None;
}

Mismatch
AddElement(Building *building, const JsonElement &json)
{
	SourceValue value;

	if (!ValueOfElement(*building, json, &value))
		return Mismatch::NulByte;
	return AddValue(building, value);
}

/* The elements of the array at 'depth' dimensions down; all of one shape. */
Mismatch
AddElements(Building *building, const char *text, size_t size, int depth)
{
	JsonArray array(text, size);
	JsonElement json;
	int count = 0;
	const bool innermost = depth == building->dimensions - 1;

	while (array.next(&json))
	{
		const bool nested = json.kind == JsonKind::Array && !building->json_elements;

		if (nested == innermost || ++count > building->sizes[depth])
			return Mismatch::NotAnArray;
		const Mismatch mismatch = nested ? AddElements(building, json.text, json.size, depth + 1)
										 : AddElement(building, json);
		if (mismatch != Mismatch::None)
			return mismatch;
	}
	return count == building->sizes[depth] ? Mismatch::None : Mismatch::NotAnArray;
}

/* Where the field that begins at 'at' ends: at a comma outside of quotes, or at the text's end. */
size_t
EndOfField(const char *text, size_t size, size_t at) noexcept
{
	bool quoted = false;

	for (; at < size && (quoted || text[at] != ','); at++)
		quoted ^= text[at] == '"';
	return at;
}

/* A field of COPY's CSV: quoted, or as it stands; one without anything is NULL.  False: characters
 * beside the quotes, or a quote that does not end. */
bool
ValueOfField(const char *field, size_t size, SourceValue *value)
{
	value->storage_class = size == 0 ? StorageClass::Null : StorageClass::Text;
	char *const out = static_cast<char *>(palloc(size + 1));
	size_t length = 0;

	if (size == 0 || field[0] != '"')
	{
		if (memchr(field, '"', size) != nullptr)
			return false;
		memcpy(out, field, size);
		length = size;
	}
	else
	{
		size_t at = 1;

		for (; at < size && (field[at] != '"' || (at + 1 < size && field[at + 1] == '"')); at++)
		{
			out[length++] = field[at];
			at += field[at] == '"';
		}
		if (at + 1 != size)
			return false;
	}
	out[length] = '\0';
	value->bytes = out;
	value->size = length;
	return true;
}

/* A line of COPY's CSV, each field an element; an empty text is an empty array. */
Converted
ArrayOfCsv(Converter *converter, const char *text, size_t size)
{
	ServerState *const element = converter->server->element->server;
	Building building = {};
	int fields = 1;

	if (size == 0)
		return Good(PointerGetDatum(construct_empty_array(converter->server->element->type)));
	for (size_t at = EndOfField(text, size, 0); at < size; at = EndOfField(text, size, at + 1))
		fields++;
	building.element = converter->server->element;
	building.datums = static_cast<Datum *>(palloc(sizeof(Datum) * fields));
	building.nulls = static_cast<bool *>(palloc(sizeof(bool) * fields));
	for (size_t at = 0; building.count < fields; at = EndOfField(text, size, at) + 1)
	{
		SourceValue value;

		if (!ValueOfField(text + at, EndOfField(text, size, at) - at, &value))
			return Refuse(Mismatch::NotCsv);
		const Mismatch mismatch = AddValue(&building, value);
		if (mismatch != Mismatch::None)
			return Refuse(mismatch);
	}

	int lower_bound = 1;

	return Good(PointerGetDatum(construct_md_array(
		building.datums, building.nulls, 1, &fields, &lower_bound, building.element->type,
		element->type_length, element->type_by_value, element->type_align)));
}

/* The character between the elements of arrays of the type; each element is read by itself. */
char
DelimiterOf(Oid type)
{
	int16 length;
	bool by_value;
	char align;
	char delimiter;
	Oid parameter;
	Oid function;

	get_type_io_data(type, IOFunc_input, &length, &by_value, &align, &delimiter, &parameter,
					 &function);
	return delimiter;
}

/*
 * PostgreSQL's own notation.  array_in would give each element to the input
 * function of its type, which takes 'now', rounds and cuts; so it only parts
 * the texts here, and each is converted as if it stood in a column.  The text of
 * bytea is that function's own notation, though.
 */
Converted
ArrayOfLiteral(Converter *converter, const char *literal, size_t size)
{
	Converter *const element = converter->server->element;
	Building building = {};
	Datum *texts;
	bool *nulls;
	int count;

	if (converter->rule.rounds() || element->base_type == BYTEAOID ||
		DelimiterOf(element->type) != ',')
		return ThroughInput(converter, literal, size);
	char *const encoded =
		pg_any_to_server(pnstrdup(literal, size), static_cast<int>(size), PG_UTF8);
	ArrayType *const parts =
		DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN, encoded, TEXTOID, -1));

	deconstruct_array(parts, TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &count);
	if (count == 0)
		return Good(PointerGetDatum(construct_empty_array(element->type)));
	building.element = element;
	building.datums = static_cast<Datum *>(palloc(sizeof(Datum) * count));
	building.nulls = static_cast<bool *>(palloc(sizeof(bool) * count));
	while (building.count < count)
	{
		SourceValue value = {};

		value.storage_class = StorageClass::Null;
		if (!nulls[building.count])
		{
			char *const part = TextDatumGetCString(texts[building.count]);

			value.storage_class = StorageClass::Text;
			value.bytes = pg_server_to_any(part, static_cast<int>(strlen(part)), PG_UTF8);
			value.size = strlen(value.bytes);
		}
		const Mismatch mismatch = AddValue(&building, value);
		if (mismatch != Mismatch::None)
			return Refuse(mismatch);
	}
	return Good(PointerGetDatum(
		construct_md_array(building.datums, building.nulls, ARR_NDIM(parts), ARR_DIMS(parts),
						   ARR_LBOUND(parts), element->type, element->server->type_length,
						   element->server->type_by_value, element->server->type_align)));
}

} /* namespace */

Converted
ArrayOfText(Converter *converter, const char *text, size_t size)
{
	ServerState *const server = converter->server;
	ServerState *const element = server->element->server;
	Building building = {};
	int lower_bounds[MAXDIM];
	int total = 1;

	if (converter->rule.from == values::From::Csv)
		return ArrayOfCsv(converter, text, size);
	if (!values::json_is_array(text, size))
		return ArrayOfLiteral(converter, text, size);
	if (!values::json_is_valid(text, size))
		return Refuse(Mismatch::NotAnArray);
	building.element = server->element;
	building.json_elements =
		server->element->base_type == JSONOID || server->element->base_type == JSONBOID;
	if (!MeasureShape(&building, text, size))
		return Refuse(Mismatch::NotAnArray);
	for (int i = 0; i < building.dimensions; i++)
	{
		if (building.sizes[i] > static_cast<int>(MaxArraySize) / Max(total, 1))
			return Refuse(Mismatch::TooLong);
		total *= building.sizes[i];
		lower_bounds[i] = 1;
	}
	if (total == 0)
		return Good(PointerGetDatum(construct_empty_array(server->element->type)));
	building.datums = static_cast<Datum *>(palloc(sizeof(Datum) * total));
	building.nulls = static_cast<bool *>(palloc(sizeof(bool) * total));
	const Mismatch mismatch = AddElements(&building, text, size, 0);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	return Good(PointerGetDatum(construct_md_array(
		building.datums, building.nulls, building.dimensions, building.sizes, lower_bounds,
		server->element->type, element->type_length, element->type_by_value, element->type_align)));
}

} /* namespace sqlite_import::convert */
