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

} /* namespace sqlite_import::verify */
