/*
 * encoding.hpp
 *    Texts between UTF-8 and the database's encoding.
 *
 * On our side of the wall every name and every SQL text is UTF-8, as SQLite's
 * are, whatever the encoding of the database.  What comes from the server, or
 * goes to it, is converted where it crosses.
 *
 * All functions give the text itself or a palloc'd copy.  They may ereport.
 */
#pragma once

namespace sqlite_import::pg
{

/* For SQL and names.  ereports 22P05 for a character that the encoding lacks. */
const char *ToServerEncoding(const char *text);

/* For what people read: a character that the encoding lacks becomes a question mark. */
const char *ToReadableEncoding(const char *text);

const char *FromServerEncoding(const char *text);

} /* namespace sqlite_import::pg */
