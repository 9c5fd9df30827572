/*
 * checked_type.cpp
 *    One function per family of types; each asks the profile whether the
 *    declared type holds every value, and falls back towards text and bytea.
 */
#include "plan/checked_type.hpp"

#include <algorithm>

#include "values/time_unit.hpp"

namespace sqlite_import::plan {

namespace {

using dialect::ResolvedType;
using dialect::TypeKind;
using sqlite::ColumnProfile;
using sqlite::Evidence;
using sqlite::ProfileDepth;
using values::From;

/* No text of a cast is pasted from the file: names of columns appear only as "this column". */
constexpr const char* kCastTimestamptz =
    R"(casts => {"table.column": {"type": "timestamptz", "timezone": "..."}})";
constexpr const char* kOnError =
    "types => 'declared' with on_error => 'null' or 'reject', or correct the values in the source";

/* casts => {"table.column": {"type": <the declared type>, <member>}} */
std::string cast_of(const ResolvedType& declared, const std::string& member) {
    return "casts => {\"table.column\": {\"type\": \"" +
           std::string(dialect::kind_name(declared.kind)) + "\", " + member + "}}";
}

/* The cast that would read the numbers; of the units that may be meant, the first. */
std::string cast_unit(const ResolvedType& declared, From from) {
    const std::string unit = from == From::Auto ? "..." : from_name(from);
    return cast_of(declared, "\"from\": \"" + unit + "\"");
}

CheckedType kept(const ResolvedType& declared) {
    CheckedType answer;
    answer.type = declared;
    return answer;
}

CheckedType changed(TypeKind kind, std::string reason, std::string suggestion = {}) {
    CheckedType answer;
    answer.type = dialect::type_of_kind(kind);
    answer.type.rule = "the values";
    answer.changed = true;
    answer.reason = std::move(reason);
    answer.suggestion = std::move(suggestion);
    return answer;
}

CheckedType read_as(CheckedType answer, From from, std::string reason) {
    answer.from = from;
    answer.reason = answer.reason.empty() ? std::move(reason) : answer.reason + "; " + reason;
    return answer;
}

bool is_integer_kind(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

/* All that the storage classes alone say: the narrowest of bigint, double precision, numeric,
 * text and bytea. */
TypeKind narrowest(const ColumnProfile& profile) {
    if (profile.blobs) {
        return TypeKind::Bytea;
    }
    if (profile.texts) {
        return TypeKind::Text;
    }
    if (!profile.reals) {
        return profile.integers ? TypeKind::Int8 : TypeKind::Text;
    }
    return profile.not_double ? TypeKind::Numeric : TypeKind::Float8;
}

/* Which values made the column wider than its declared type. */
std::string odd_classes(const ColumnProfile& profile, bool integers, bool reals, bool texts,
                        bool blobs) {
    std::string words;
    const auto add = [&](bool odd, const Evidence& evidence, const char* what) {
        if (odd && evidence) {
            words += (words.empty() ? "" : "; ") + describe_evidence(profile, evidence, what);
        }
    };
    add(integers, profile.integers, "integer");
    add(reals, profile.reals, "real");
    add(texts, profile.texts, "text");
    add(blobs, profile.blobs, "blob");
    return words;
}

/* Every text is a decimal number, and shapes were asked for. */
bool texts_are(const ColumnProfile& profile, const Evidence& shape) {
    return !profile.texts ||
           (profile.depth >= ProfileDepth::TextShapes && shape.count == profile.texts.count);
}

bool within(const ColumnProfile& profile, TypeKind kind) {
    if (!profile.integers || kind == TypeKind::Int8) {
        return true;
    }
    const int64_t limit = kind == TypeKind::Int2 ? INT64_C(0x7FFF) : INT64_C(0x7FFFFFFF);
    return profile.min_integer >= -limit - 1 && profile.max_integer <= limit;
}

/* The texts that an integer type holds. */
const Evidence& integer_texts(const ColumnProfile& profile, TypeKind kind) {
    return kind == TypeKind::Int2   ? profile.int2_texts
           : kind == TypeKind::Int4 ? profile.int4_texts
                                    : profile.integer_texts;
}

CheckedType check_integer(const ResolvedType& declared, const ColumnProfile& profile) {
    if (!profile.blobs && !profile.fractional &&
        texts_are(profile, integer_texts(profile, declared.kind))) {
        if (within(profile, declared.kind)) {
            return kept(declared);
        }
        return changed(TypeKind::Int8, "values from " + std::to_string(profile.min_integer) +
                                           " to " + std::to_string(profile.max_integer) +
                                           " exceed " + declared.pg_type);
    }
    const TypeKind kind = narrowest(profile);
    if (kind == TypeKind::Float8 || kind == TypeKind::Numeric) {
        return changed(kind, describe_evidence(profile, profile.fractional, "no whole number"));
    }
    return changed(kind, odd_classes(profile, false, false, true, true), kOnError);
}

CheckedType check_boolean(const ResolvedType& declared, const ColumnProfile& profile) {
    if (!profile.blobs && !profile.not_zero_or_one && texts_are(profile, profile.boolean_texts)) {
        return kept(declared);
    }
    const TypeKind kind = narrowest(profile);
    if (kind == TypeKind::Int8) {
        return changed(kind, describe_evidence(profile, profile.not_zero_or_one, "neither 0 nor 1"),
                       R"(casts => {"table.column": {"type": "boolean", "map": {"2": "true"}}})");
    }
    return changed(kind, odd_classes(profile, false, true, true, true), kOnError);
}

CheckedType check_numeric(const ResolvedType& declared, const ColumnProfile& profile) {
    if (profile.blobs || !texts_are(profile, profile.decimal_texts)) {
        return changed(narrowest(profile), odd_classes(profile, false, false, true, true),
                       kOnError);
    }
    if (!declared.precision) {
        return kept(declared);
    }
    const int scale = declared.scale.value_or(0);
    const bool fits = profile.scale <= scale &&
                      profile.integer_digits <= *declared.precision - scale && !profile.infinite;
    if (fits) {
        return kept(declared);
    }
    return changed(TypeKind::Numeric, "values need " + std::to_string(profile.integer_digits) +
                                          " digits before the point and " +
                                          std::to_string(profile.scale) + " after it, " +
                                          declared.pg_type + " has fewer");
}

CheckedType check_float(const ResolvedType& declared, const ColumnProfile& profile) {
    const bool narrow = declared.kind == TypeKind::Float4;
    const Evidence& texts = narrow ? profile.float4_texts : profile.float8_texts;
    if (profile.blobs || !texts_are(profile, texts)) {
        return changed(narrowest(profile), odd_classes(profile, false, false, true, true),
                       kOnError);
    }
    if (profile.not_double) {
        return changed(TypeKind::Numeric, describe_evidence(profile, profile.not_double,
                                                            "beyond the precision of a double"));
    }
    if (narrow && profile.not_float4) {
        return changed(TypeKind::Float8, "values need 8 bytes");
    }
    return kept(declared);
}

/* text and varchar hold every number by SQLite's own text of it; only blobs and lengths matter. */
CheckedType check_text(const ResolvedType& declared, const ColumnProfile& profile) {
    if (profile.blobs) {
        const bool readable = profile.depth != ProfileDepth::Classes &&
                              profile.text_blobs.count == profile.blobs.count;
        return changed(
            TypeKind::Bytea, odd_classes(profile, false, false, false, true),
            readable
                ? R"(casts => {"table.column": {"type": "text", "from": "utf8"}}: every blob is readable text)"
                : kOnError);
    }
    if (!declared.length || profile.max_characters <= *declared.length) {
        return kept(declared);
    }
    return changed(TypeKind::Text, "the longest value has " +
                                       std::to_string(profile.max_characters) + " characters, " +
                                       declared.pg_type + " holds fewer");
}

CheckedType check_bytea(const ResolvedType& declared, const ColumnProfile& profile) {
    if (!profile.integers && !profile.reals) {
        return kept(declared);
    }
    const TypeKind kind = narrowest(profile);
    if (kind == TypeKind::Bytea) {
        return kept(declared);
    }
    return changed(kind, odd_classes(profile, true, true, false, false));
}

CheckedType check_untyped(const ColumnProfile& profile) {
    CheckedType answer = changed(narrowest(profile), "no declared type; by the values");
    if (profile.values() == 0) {
        answer.reason = "no declared type and no value";
    }
    return answer;
}

/* Only versions that there are. */
bool are_versions(uint16_t digits) noexcept {
    constexpr uint16_t kVersions = 0x1FE; /* 1 to 8 */
    return digits != 0 && (digits & ~kVersions) == 0;
}

bool is_one_digit(uint16_t digits) noexcept {
    return (digits & (digits - 1)) == 0;
}

/* The versions that programs make today. */
bool is_common_version(uint16_t digits) noexcept {
    return digits == (1U << 4) || digits == (1U << 7);
}

/*
 * In which order the bytes of a column's blobs stand; Auto: nothing tells.  The
 * version digit stands in one byte or the other; where random bytes look like
 * versions too, a column of one version throughout is more likely than chance.
 */
From uuid_order(const sqlite::UuidTally& seen) noexcept {
    const bool rfc = are_versions(seen.sixth);
    const bool dotnet = are_versions(seen.seventh);
    if (rfc != dotnet) {
        return rfc ? From::UuidBytes : From::DotnetGuid;
    }
    if (!rfc) {
        return From::Auto;
    }
    for (bool (*more_telling)(uint16_t) noexcept : {is_one_digit, is_common_version}) {
        const bool sixth = more_telling(seen.sixth);
        if (sixth != more_telling(seen.seventh)) {
            return sixth ? From::UuidBytes : From::DotnetGuid;
        }
    }
    return From::Auto;
}

/* A blob of 16 bytes is a UUID in the order of RFC 9562, or in .NET's. */
CheckedType check_uuid(const ResolvedType& declared, const ColumnProfile& profile) {
    const bool fits = !profile.integers && !profile.reals &&
                      texts_are(profile, profile.uuid_texts) &&
                      profile.uuid_blobs.count == profile.blobs.count;
    if (fits && !profile.blobs) {
        return kept(declared);
    }
    if (fits) {
        const From order = uuid_order(profile.uuid_versions);
        if (order != From::Auto) {
            return read_as(
                kept(declared), order,
                order == From::DotnetGuid
                    ? "blobs read in the byte order of .NET: the version digit stands in byte 7"
                    : "blobs read in the byte order of RFC 9562: the version digit stands in "
                      "byte 6");
        }
        return changed(narrowest(profile),
                       describe_evidence(profile, profile.blobs,
                                         "16 bytes that do not tell their order as a UUID"),
                       cast_of(declared, "\"from\": \"uuid_bytes\"") + ", or dotnet_guid");
    }
    return changed(narrowest(profile), "not every value is a UUID", kOnError);
}

CheckedType check_json(const ResolvedType& declared, const ColumnProfile& profile) {
    const int64_t json = profile.jsonb.count + profile.json_only.count;
    const bool readable = !profile.blobs && !profile.infinite && json == profile.texts.count;
    if (readable && (declared.kind == TypeKind::Json || !profile.json_only)) {
        return kept(declared);
    }
    if (readable) {
        return changed(TypeKind::Json, describe_evidence(profile, profile.json_only,
                                                         "JSON that jsonb refuses (\\u0000, a "
                                                         "lone surrogate, a number too great)"));
    }
    Evidence invalid = profile.blobs;
    invalid.count = profile.texts.count - json + profile.blobs.count + profile.infinite.count;
    invalid.rowids = {};
    std::string reason = std::to_string(invalid.count) + " of " + std::to_string(profile.values()) +
                         " values are no valid JSON";
    return changed(profile.blobs ? TypeKind::Bytea : TypeKind::Text, std::move(reason), kOnError);
}

/* inet, cidr, macaddr, interval: texts of that shape.  xml is not judged here: text. */
CheckedType check_shape(const ResolvedType& declared, const ColumnProfile& profile) {
    const Evidence* const shape = declared.kind == TypeKind::Inet       ? &profile.inet
                                  : declared.kind == TypeKind::Cidr     ? &profile.cidr
                                  : declared.kind == TypeKind::Macaddr  ? &profile.macaddr
                                  : declared.kind == TypeKind::Macaddr8 ? &profile.macaddr8
                                  : declared.kind == TypeKind::Interval ? &profile.intervals
                                                                        : nullptr;
    if (shape == nullptr) {
        return changed(narrowest(profile),
                       "whether a text is valid " + declared.pg_type + " is not examined",
                       "casts => {\"table.column\": \"" + declared.pg_type + "\"}");
    }
    if (profile.texts.count == profile.values() && texts_are(profile, *shape)) {
        return kept(declared);
    }
    return changed(narrowest(profile), "not every value is " + declared.pg_type, kOnError);
}

/* Numbers, also those written as text, in a column of dates: a time by evidence, or a number. */
CheckedType check_date_of_numbers(const ResolvedType& declared, const ColumnProfile& profile,
                                  const Siblings& siblings) {
    const UnitVerdict unit = unit_of_numbers(profile, siblings);
    if (unit.from == From::Auto) {
        const Candidates candidates = candidate_units(profile);
        return changed(
            narrowest(profile),
            "numbers that no one unit puts into the years 1980 to 2100" +
                (candidates.words.empty() ? std::string() : "; could be " + candidates.words),
            cast_unit(declared, candidates.first));
    }
    if (!unit_is_exact(profile, unit.from)) {
        return changed(narrowest(profile),
                       std::string("numbers with digits finer than microseconds; ") +
                           values::unit_words(unit.from) + " but for that",
                       cast_of(declared, "\"from\": \"" + std::string(from_name(unit.from)) +
                                             "\", \"round\": true") +
                           ", if digits beyond microseconds may go");
    }
    const int64_t with_time = with_time_of_day(profile, unit.from);
    if (declared.kind == TypeKind::Date && with_time > 0) {
        return read_as(changed(TypeKind::Timestamp, std::to_string(with_time) + " of " +
                                                        std::to_string(profile.values()) +
                                                        " values have a time of day"),
                       unit.from, unit.words);
    }
    return read_as(kept(declared), unit.from, unit.words);
}

/* Dates written as text, no number among them. */
CheckedType check_date_of_texts(const ResolvedType& declared, const ColumnProfile& profile) {
    const int64_t naive = profile.dates.count + profile.midnights.count + profile.timestamps.count;
    const int64_t offset = profile.offset_timestamps.count;
    if (profile.empty || profile.zero_dates) {
        const Evidence& odd = profile.empty ? profile.empty : profile.zero_dates;
        return changed(TypeKind::Text,
                       describe_evidence(profile, odd, profile.empty ? "empty" : "a zero date"),
                       cast_of(declared, "\"empty_as_null\": true") + ", or on_error => 'null'");
    }
    if (naive + offset + profile.infinities.count != profile.texts.count) {
        const Evidence& odd = profile.shapeless ? profile.shapeless : profile.texts;
        return changed(TypeKind::Text,
                       profile.shapeless ? describe_evidence(profile, odd, "no date in ISO format")
                                         : std::string("not every value is a date in ISO format"),
                       kOnError);
    }
    if (profile.finer_than_microseconds) {
        return changed(
            TypeKind::Text,
            describe_evidence(profile, profile.finer_than_microseconds, "finer than microseconds"),
            cast_of(declared, "\"round\": true") + ", if digits beyond microseconds may go");
    }
    if (offset > 0 && naive > 0 && declared.kind != TypeKind::TimestampTz) {
        return changed(
            TypeKind::Text,
            describe_evidence(profile, profile.offset_timestamps, "with an offset, the others not"),
            kCastTimestamptz);
    }
    if (offset > 0 && declared.kind != TypeKind::TimestampTz) {
        return changed(TypeKind::TimestampTz, "every value has an offset from UTC");
    }
    if (declared.kind == TypeKind::Date && profile.timestamps) {
        return changed(TypeKind::Timestamp,
                       describe_evidence(profile, profile.timestamps, "with a time of day"));
    }
    return kept(declared);
}

CheckedType check_date(const ResolvedType& declared, const ColumnProfile& profile,
                       const Siblings& siblings) {
    if (profile.blobs) {
        return changed(TypeKind::Bytea, odd_classes(profile, false, false, false, true), kOnError);
    }
    if (profile.times_of_numbers.numbers == profile.values()) {
        return check_date_of_numbers(declared, profile, siblings);
    }
    const bool numbers = profile.integers || profile.reals;
    if (numbers && profile.texts) {
        const Candidates candidates = candidate_units(profile);
        return changed(
            TypeKind::Text,
            "texts and numbers in one column: " + odd_classes(profile, true, true, true, false),
            cast_unit(declared, candidates.first) +
                (candidates.words.empty() ? "" : " (" + candidates.words + ")"));
    }
    if (numbers) {
        return changed(narrowest(profile), describe_evidence(profile, profile.infinite, "infinite"),
                       kOnError);
    }
    return check_date_of_texts(declared, profile);
}

CheckedType check_time(const ResolvedType& declared, const ColumnProfile& profile) {
    const bool texts_only = profile.texts.count == profile.values();
    const int64_t wanted =
        declared.kind == TypeKind::TimeTz ? profile.offset_times.count : profile.times.count;
    if (texts_only && wanted == profile.texts.count && !profile.finer_than_microseconds) {
        return kept(declared);
    }
    if (texts_only && profile.offset_times.count == profile.texts.count &&
        !profile.finer_than_microseconds) {
        return changed(TypeKind::TimeTz, "every value has an offset from UTC");
    }
    return changed(narrowest(profile), "not every value is a time HH:MM:SS", kOnError);
}

CheckedType check_by_family(const ResolvedType& declared, const ColumnProfile& profile,
                            const Siblings& siblings) {
    switch (declared.kind) {
        case TypeKind::Untyped:
            return check_untyped(profile);
        case TypeKind::Bool:
            return check_boolean(declared, profile);
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
            return check_integer(declared, profile);
        case TypeKind::Numeric:
            return check_numeric(declared, profile);
        case TypeKind::Float4:
        case TypeKind::Float8:
            return check_float(declared, profile);
        case TypeKind::Text:
        case TypeKind::Varchar:
            return check_text(declared, profile);
        case TypeKind::Bytea:
            return check_bytea(declared, profile);
        case TypeKind::Date:
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
            return check_date(declared, profile, siblings);
        case TypeKind::Time:
        case TypeKind::TimeTz:
            return check_time(declared, profile);
        case TypeKind::Uuid:
            return check_uuid(declared, profile);
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return check_json(declared, profile);
        case TypeKind::Interval:
        case TypeKind::Xml:
        case TypeKind::Inet:
        case TypeKind::Cidr:
        case TypeKind::Macaddr:
        case TypeKind::Macaddr8:
            break;
    }
    return check_shape(declared, profile);
}

/* A column without values becomes what its siblings become: the application writes to it as it
 * writes to them. */
CheckedType follow_siblings(const ResolvedType& declared, const Siblings& siblings) {
    if (!siblings.type) {
        return kept(declared);
    }
    CheckedType answer = kept(declared);
    if (siblings.type->kind != declared.kind) {
        answer = changed(siblings.type->kind,
                         "no value; as the file's other columns of the same declared type");
    }
    answer.from = siblings.type_from;
    return answer;
}

/* STRICT tables hold in a column of these types nothing else
 * (sqlite.org/stricttables.html). */
bool strict_says_all(const sqlite::Table& table, TypeKind kind) {
    return table.strict && (is_integer_kind(kind) || kind == TypeKind::Float8);
}

ProfileDepth depth_for(const ResolvedType& type) {
    switch (type.kind) {
        case TypeKind::Untyped:
        case TypeKind::Bytea:
            return ProfileDepth::Classes;
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
        case TypeKind::Float4:
        case TypeKind::Float8:
            return ProfileDepth::TextShapes;
        case TypeKind::Text:
        case TypeKind::Varchar:
            return ProfileDepth::Text;
        case TypeKind::Bool:
        case TypeKind::Numeric:
        case TypeKind::Date:
        case TypeKind::Time:
        case TypeKind::TimeTz:
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
        case TypeKind::Interval:
        case TypeKind::Uuid:
        case TypeKind::Json:
        case TypeKind::Jsonb:
        case TypeKind::Xml:
        case TypeKind::Inet:
        case TypeKind::Cidr:
        case TypeKind::Macaddr:
        case TypeKind::Macaddr8:
            break;
    }
    return ProfileDepth::Shapes;
}

}  // namespace

CheckedType checked_type(const ResolvedType& declared, const ColumnProfile& profile,
                         const Siblings& siblings) {
    if (profile.values() == 0 && declared.kind != TypeKind::Untyped) {
        return follow_siblings(declared, siblings);
    }
    CheckedType answer = check_by_family(declared, profile, siblings);
    const bool numbers = profile.integers || profile.reals;
    if (answer.type.kind == TypeKind::Bytea && numbers) {
        std::string words = "numbers become the bytes of SQLite's text of them";
        if (answer.reason.empty()) {
            words.insert(0, odd_classes(profile, true, true, false, false) + "; ");
        }
        return read_as(std::move(answer), From::Utf8, std::move(words));
    }
    const bool text = answer.type.kind == TypeKind::Text || answer.type.kind == TypeKind::Varchar;
    if (text && profile.reals) {
        const From from = answer.from;
        return read_as(std::move(answer), from, "reals become SQLite's text of them, of 15 digits");
    }
    return answer;
}

std::vector<sqlite::ProfileRequest> profile_requests(const sqlite::Table& table,
                                                     const std::vector<ResolvedType>& types) {
    std::vector<sqlite::ProfileRequest> requests;
    const size_t columns = std::min(table.columns.size(), types.size());
    for (size_t i = 0; i < columns; ++i) {
        const bool alias = table.rowid_alias && *table.rowid_alias == i;
        const bool hidden = table.columns[i].kind == sqlite::ColumnKind::HiddenInVirtualTable;
        const bool narrow = types[i].kind == TypeKind::Int2 || types[i].kind == TypeKind::Int4;
        if (hidden || ((alias || strict_says_all(table, types[i].kind)) && !narrow)) {
            continue;
        }
        requests.push_back({table.columns[i].name, depth_for(types[i])});
    }
    return requests;
}

std::string describe_evidence(const ColumnProfile& profile, const Evidence& evidence,
                              const std::string& what) {
    std::string words = std::to_string(evidence.count) + " of " + std::to_string(profile.values()) +
                        (profile.values() == 1 ? " value: " : " values: ") + what;
    if (!profile.has_rowids || !evidence) {
        return words;
    }
    const auto shown = std::min(static_cast<size_t>(evidence.count), size_t{Evidence::kSamples});
    words += shown == 1 ? " (rowid " : " (rowids ";
    for (size_t i = 0; i < shown; ++i) {
        words += (i == 0 ? "" : ", ") + std::to_string(evidence.rowids[i]);
    }
    return words + (static_cast<size_t>(evidence.count) > shown ? ", ...)" : ")");
}

}  // namespace sqlite_import::plan
