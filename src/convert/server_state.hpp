/*
 * server_state.hpp
 *    What the server stage keeps between values.
 */
#pragma once

#include "convert/convert.hpp"
#include "pg/expression.hpp"

extern "C" {
#include "fmgr.h"
#include "pgtime.h"
}

namespace sqlite_import::convert
{

/* Whether a domain takes NULL, once asked. */
enum class NullAnswer : uint8
{
	Unknown,
	Taken,
	Refused
};

struct ServerState
{
	FmgrInfo input;        /* of the base type; unset for types that the leaf does alone */
	Oid input_parameter;   /* its second argument */
	MemoryContext context; /* for what lives as long as the converter */
	void *domain_cache;    /* of domain_check */
	NullAnswer null_answer;
	pg_tz *zone;       /* of naive text; what input functions take for the session's */
	int16 type_length; /* of the base type */
	bool type_by_value;
	char type_align;
	bool is_array;
	bool holds_numbers; /* json, jsonb, and types of PostgreSQL's category of numbers */
	bool is_text;       /* text, varchar, char: no input function needed in UTF8 */
	Converter *element; /* arrays: of the element type */
	Arena arena;        /* what leaf functions yield on the way */
	/* "using": what makes the value, and how the value that it is made of is read */
	pg::Expression *expression;
	Converter *input_value;
};

/*
 * What the column's rule makes of a value before its type is looked at: *value
 * is replaced and Deferred returned if the type has to go on, otherwise the
 * answer is final.
 */
Converted ApplyRule(const Converter &converter, SourceValue *value) noexcept;

/* An array of the converter's type from a JSON text or PostgreSQL's own notation; may ereport. */
Converted ArrayOfText(Converter *converter, const char *text, size_t size);

/* The datum of a text through the input function; exactness under the typmod checked; may ereport.
 */
Converted ThroughInput(Converter *converter, const char *text, size_t size);

} /* namespace sqlite_import::convert */
