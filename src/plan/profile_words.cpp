/*
 * profile_words.cpp
 *    Words for profiles.
 */
#include "plan/profile_words.hpp"

#include <utility>

#include "plan/number_time.hpp"
#include "values/time_unit.hpp"

namespace sqlite_import::plan {

namespace {

using dialect::TypeKind;
using sqlite::ColumnProfile;
using sqlite::Evidence;

constexpr const char* kPlaceholder = "table.column";

void add(std::string& words, const char* separator, const std::string& more) {
    words += (words.empty() ? "" : separator) + more;
}

/* The inside of a JSON string.  Bytes that are no JSON stand for themselves: a person reads this.
 */
std::string json_inside(const std::string& text) {
    std::string json;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
        }
        json += c;
    }
    return json;
}

/* "all dates" or "dates 20, empty 3". */
std::string text_shapes(const ColumnProfile& profile) {
    std::string words;
    const auto tell = [&](const Evidence& evidence, const char* what) {
        if (evidence) {
            const bool all = evidence.count == profile.texts.count;
            add(words, ", ",
                all ? std::string("all ") + what
                    : std::string(what) + " " + std::to_string(evidence.count));
        }
    };
    tell(profile.empty, "empty");
    tell(profile.dates, "dates");
    tell(profile.midnights, "midnights");
    tell(profile.timestamps, "timestamps");
    tell(profile.offset_timestamps, "timestamps with offset");
    tell(profile.finer_than_microseconds, "finer than microseconds");
    tell(profile.times, "times");
    tell(profile.offset_times, "times with offset");
    tell(profile.zero_dates, "zero dates");
    tell(profile.infinities, "infinities");
    if (profile.decimal_texts.count == profile.integer_texts.count) {
        tell(profile.integer_texts, "integers");
    } else {
        tell(profile.decimal_texts, "decimals");
    }
    if (profile.boolean_texts.count > profile.integer_texts.count) {
        tell(profile.boolean_texts, "booleans");
    }
    tell(profile.uuid_texts, "UUIDs");
    if (profile.jsonb.count > profile.decimal_texts.count) {
        tell(profile.jsonb, "JSON");
    }
    tell(profile.json_only, "JSON that jsonb refuses");
    tell(profile.inet, "network addresses");
    tell(profile.macaddr, "MAC addresses");
    return words;
}

/* Only if there are several numbers: a single one is of any size by accident. */
std::string number_words(const ColumnProfile& profile) {
    const int64_t others = profile.times_of_numbers.numbers - profile.times_of_numbers.zeros;
    return others > 1 ? values::unit_words(unit_of_numbers(profile, {}).from) : "";
}

}  // namespace

std::string shape_words(const ColumnProfile& profile, bool unit_is_told) {
    std::string words;
    if (profile.depth == sqlite::ProfileDepth::Shapes) {
        const std::string texts = text_shapes(profile);
        if (!texts.empty()) {
            add(words, "; ", "texts: " + texts);
        }
        const std::string numbers = unit_is_told ? std::string() : number_words(profile);
        if (!numbers.empty()) {
            add(words, "; ", "could be times: " + numbers);
        }
    }
    if (profile.uuid_blobs && profile.uuid_blobs.count == profile.blobs.count) {
        add(words, "; ", "blobs: all of 16 bytes");
    }
    if (profile.text_blobs && profile.text_blobs.count == profile.blobs.count) {
        add(words, "; ", "blobs: all readable text");
    }
    if (profile.infinite) {
        add(words, "; ", std::to_string(profile.infinite.count) + " infinite");
    }
    if (profile.nul_bytes) {
        add(words, "; ", std::to_string(profile.nul_bytes.count) + " with NUL bytes");
    }
    if (profile.invalid_utf8) {
        add(words, "; ", std::to_string(profile.invalid_utf8.count) + " not in UTF-8");
    }
    return words;
}

std::string better_type_hint(const std::string& table, const dialect::ResolvedType& type,
                             const ColumnProfile& profile) {
    const int64_t texts = profile.texts.count;
    const bool textual = type.kind == TypeKind::Text || type.kind == TypeKind::Varchar;
    if (!textual || texts == 0 || texts != profile.values() ||
        profile.depth != sqlite::ProfileDepth::Shapes) {
        return {};
    }
    const int64_t naive = profile.midnights.count + profile.timestamps.count;
    const std::pair<int64_t, const char*> candidates[] = {
        {profile.uuid_texts.count, "uuid"},
        {profile.dates.count, "date"},
        {profile.finer_than_microseconds ? 0 : naive + profile.dates.count, "timestamp"},
        {profile.finer_than_microseconds ? 0 : profile.offset_timestamps.count, "timestamptz"},
        {profile.integer_texts.count, "bigint"},
        {profile.inet.count, "inet"},
        {profile.jsonb.count - profile.decimal_texts.count, "jsonb"},
    };
    for (const auto& [count, name] : candidates) {
        if (count == texts) {
            return "casts => {\"" + json_inside(table + "." + profile.name) + "\": \"" + name +
                   "\"}";
        }
    }
    return {};
}

std::string fill_suggestion(const std::string& suggestion, const std::string& table,
                            const std::string& column) {
    std::string filled = suggestion;
    const size_t at = filled.find(kPlaceholder);
    if (at != std::string::npos) {
        filled.replace(at, std::string(kPlaceholder).size(), json_inside(table + "." + column));
    }
    return filled;
}

}  // namespace sqlite_import::plan
