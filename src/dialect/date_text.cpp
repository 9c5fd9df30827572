/*
 * date_text.cpp
 *    Constants of dates and uuids; see date_text.hpp.
 */
#include "dialect/date_text.hpp"

#include "dialect/quote.hpp"
#include "values/moment.hpp"
#include "values/token.hpp"

namespace sqlite_import::dialect {

std::optional<std::string> date_constant(TypeKind kind, std::string_view text) {
    values::Moment moment;
    if (values::parse_moment(text.data(), text.size(), &moment) != values::MomentParse::Ok ||
        !moment.sqlite_reads || moment.below_microsecond) {
        return std::nullopt;
    }
    const std::string literal = quote_literal(text);
    if (kind == TypeKind::Time) {
        const bool time = !moment.has_date && !moment.has_offset;
        return time ? std::optional(literal + "::time without time zone") : std::nullopt;
    }
    if (!moment.has_date) {
        return std::nullopt;
    }
    if (kind == TypeKind::Date) {
        return moment.has_time ? std::nullopt : std::optional(literal + "::date");
    }
    if (kind == TypeKind::Timestamp) {
        return moment.has_offset ? "(" + literal + "::timestamp with time zone AT TIME ZONE 'UTC')"
                                 : literal + "::timestamp without time zone";
    }
    if (kind == TypeKind::TimestampTz) {
        /* SQLite's dates are in UTC unless they say otherwise */
        return moment.has_offset
                   ? literal + "::timestamp with time zone"
                   : quote_literal(std::string(text) + "+00") + "::timestamp with time zone";
    }
    return std::nullopt;
}

std::optional<std::string> uuid_constant(std::string_view text) {
    constexpr const char* kDigits = "0123456789abcdef";
    uint8_t bytes[16];
    if (!values::parse_uuid(text.data(), text.size(), bytes)) {
        return std::nullopt;
    }
    std::string uuid;
    for (int i = 0; i < 16; ++i) {
        uuid += i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
        uuid += kDigits[bytes[i] >> 4];
        uuid += kDigits[bytes[i] & 15];
    }
    return quote_literal(uuid) + "::uuid";
}

}  // namespace sqlite_import::dialect
