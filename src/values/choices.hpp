/*
 * choices.hpp
 *    The options that more than one room acts on, each as one enum.
 *
 * A value of an option is named once, here; src/plan/options.cpp has its texts.
 * Whoever decides by one writes a switch with every value and no default, so that
 * a value added here is missed by the compiler and not by a user.
 */
#pragma once

#include "server_free.hpp"

namespace sqlite_import::values {

/* How the integer types that SQLite declares are taken over. */
enum class IntegerType {
    Bigint,   /* every integer is bigint: SQLite keeps 64 bits whatever was declared */
    Integer,  /* SMALLINT is smallint, INT and INTEGER are integer, BIGINT is bigint */
    Smallest, /* bigint, then the narrowest type that holds the column's values */
};

/* What becomes of a value that its column does not take. */
enum class OnError {
    Stop,   /* the first value or row that is refused ends the copy */
    Null,   /* a refused value becomes NULL; a refused row still ends the copy */
    Reject, /* the row is left out and kept in sqlite_import.rejected_rows */
};

/* What becomes of digits that a type does not keep. */
enum class Rounding {
    Exact,    /* the value is refused */
    Round,    /* to the nearest */
    Truncate, /* they are cut: numbers and lengths go towards zero, times back, never on */
};

/* How closely both sides are compared. */
enum class VerifyLevel {
    Rows,   /* every value is read again and compared */
    Counts, /* rows are counted, in the tables themselves and never in an index */
    None,
};

}  // namespace sqlite_import::values
