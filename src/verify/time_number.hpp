/*
 * time_number.hpp
 *    Numbers that count time, read for the comparison: not by the converter's
 *    arithmetic (src/values/time_unit.hpp), but by wide integers and, for digits
 *    YYYYMMDD, by writing them out as ISO text and reading that.
 */
#pragma once

#include <optional>

#include "reread/text_shape.hpp"

#include "verify/source_value.hpp"

namespace sqlite_import::verify
{

/* Microseconds since 2000 of a number, also one that is written as text, in the rule's unit; none
 * if it is no number, or the rule names no unit that counts.  Leaf. */
std::optional<int64> MomentOfNumber(const values::ColumnRule &rule,
									const SourceValue &value) noexcept;

/* The same of a length of time, in microseconds. */
std::optional<int64> LengthOfNumber(const values::ColumnRule &rule,
									const SourceValue &value) noexcept;

/* What a value says as a date on a clock: ISO text, or digits under the rule compact.  Leaf. */
bool CivilTimeOf(const values::ColumnRule &rule, const SourceValue &value,
				 reread::CivilTime *time) noexcept;

} /* namespace sqlite_import::verify */
