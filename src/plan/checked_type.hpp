/*
 * checked_type.hpp
 *    The type of a column by what its declared type says and its values are.
 *
 * The rule of types => 'checked': the declared type, if every value fits it;
 * else the narrowest type that holds every value unchanged, with the reason in
 * words.  A guess is never made:
 *
 * - A date column of numbers takes its unit by evidence (number_time.hpp); where
 *   there is none, or not enough, it stays a column of numbers.
 * - A date column without values becomes what its siblings, the file's columns of
 *   the same declared type, become.
 * - A date column that mixes ISO text and numbers, or texts with and without an
 *   offset, is text.  '' and '0000-00-00' are not taken for NULL: text.
 * - An offset in every value makes a timestamp a timestamptz; a time of day in a
 *   date column makes it a timestamp; digits finer than microseconds, text.
 * - A boolean column with 2 in it is bigint; an integer column with text is text.
 * - varchar(n) with a longer value is text; numeric(p,s) with a value that needs
 *   more is numeric.
 * - A column without a type is the narrowest of bigint, double precision,
 *   numeric, text and bytea.
 * - Invalid text (NUL, not UTF-8) does not change a type: loading refuses it, by
 *   name, or does as invalid_text says.
 */
#pragma once

#include "server_free.hpp"

#include <string>
#include <vector>

#include "dialect/declared_type.hpp"
#include "plan/number_time.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/profile.hpp"
#include "values/column_rule.hpp"

namespace sqlite_import::plan {

/* The answer for one column. */
struct CheckedType {
    dialect::ResolvedType type;
    values::From from = values::From::Auto; /* how numbers are read */
    bool changed = false;                   /* the type is not the declared one */
    std::string reason;     /* why it changed, or what `from` was taken from; else empty */
    std::string suggestion; /* the option that would settle it otherwise; may be empty */
};

/* The type for a column.  Never fails; a column without values keeps its declared type. */
CheckedType checked_type(const dialect::ResolvedType& declared,
                         const sqlite::ColumnProfile& profile, const Siblings& siblings = {});

/*
 * Which columns of a table leave a question, given their resolved types (one
 * for each of table.columns, in that order), and how deep each has to be looked
 * into.  The alias of the rowid and the columns of STRICT tables whose type says
 * all are left out.
 */
std::vector<sqlite::ProfileRequest> profile_requests(
    const sqlite::Table& table, const std::vector<dialect::ResolvedType>& types);

/* "3 of 900 values: text (rowids 7, 9, 12)": the words of reasons and findings. */
std::string describe_evidence(const sqlite::ColumnProfile& profile,
                              const sqlite::Evidence& evidence, const std::string& what);

}  // namespace sqlite_import::plan
