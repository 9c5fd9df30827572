/*
 * array_literal.hpp
 *    JSON arrays in PostgreSQL's notation of arrays (documentation: 8.15.6), so
 *    that array_in reads them.
 */
#pragma once

#include <string_view>

#include "pg/guard.hpp"

namespace sqlite_import::verify
{

/* True if the text begins like a JSON array. */
bool IsJsonArray(std::string_view text) noexcept;

/*
 * The literal of a JSON text, palloc'd; null if it is no JSON or holds what text
 * cannot.  Elements of type json and jsonb are taken as written.  May ereport.
 */
char *ArrayLiteral(const char *json, Oid element_type);

/*
 * The same of a line of COPY's CSV: each field an element, nothing between commas
 * is NULL, an empty text an empty array.  Null: quotes do not go around a whole
 * field, or 'accepts' says no to an element.  palloc'd; may ereport.
 */
char *CsvLiteral(const char *line, bool (*accepts)(void *argument, const char *text, size_t size),
				 void *argument);

} /* namespace sqlite_import::verify */
