/*
 * server_free.hpp
 *    The wall between the server-free rooms and PostgreSQL.
 *
 * Every header of src/sqlite, src/dialect and src/plan includes this file
 * first.  Those rooms throw C++ exceptions and hold objects with destructors;
 * PostgreSQL's ereport longjmps over both.  Seeing postgres.h before this
 * header means the rooms are being mixed the wrong way round: server code
 * includes the server-free headers *before* postgres.h.
 */
#pragma once

#if defined(POSTGRES_H) && !defined(SQLITE_IMPORT_WALL_PASSED)
#error "include the server-free headers before postgres.h (see CONTRIBUTING.md, The wall)"
#endif
#define SQLITE_IMPORT_WALL_PASSED 1
