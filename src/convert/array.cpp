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
#include "utils/datum.h"
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
		return ThroughInput(converter, text, size);
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
