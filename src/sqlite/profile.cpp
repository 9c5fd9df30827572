/*
 * profile.cpp
 *    The one pass over a table, or a few over a very wide one.
 *
 * What is noted of a value does not depend on the values before it, but for which rowids come
 * first; so the rows can be shared out in any way and the parts be joined.
 */
#include "sqlite/profile.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>

#include "values/address.hpp"
#include "values/interval.hpp"
#include "values/json.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"
#include "values/token.hpp"
#include "values/utf8.hpp"

namespace sqlite_import::sqlite {

namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

/* A name as SQLite quotes it; dialect's quoting is a room above this one. */
std::string quoted(const std::string& name) {
    std::string result = "\"";
    for (const char c : name) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + '"';
}

void tally_digits(ColumnProfile& profile, const values::Decimal& decimal) {
    profile.integer_digits = std::max(profile.integer_digits, decimal.integer_digits());
    profile.scale = std::max(profile.scale, decimal.needed_scale());
}

int digits_of(int64_t value) {
    int digits = 0;
    for (; value != 0; value /= 10) {
        ++digits;
    }
    return digits;
}

void tally_integer(ColumnProfile& profile, int64_t value, int64_t rowid) {
    if (!profile.integers || value < profile.min_integer) {
        profile.min_integer = value;
    }
    if (!profile.integers || value > profile.max_integer) {
        profile.max_integer = value;
    }
    profile.integers.note(rowid);
    if (value != 0 && value != 1) {
        profile.not_zero_or_one.note(rowid);
    }
    const auto as_double = static_cast<double>(value);
    if (as_double >= kTwoTo63 || static_cast<int64_t>(as_double) != value) {
        profile.not_double.note(rowid);
    }
    float narrow = 0;
    if (!values::exact_float(as_double, &narrow)) {
        profile.not_float4.note(rowid);
    }
    if (profile.depth == ProfileDepth::Shapes) {
        profile.times_of_numbers.note_integer(value, rowid);
    }
}

void tally_real(ColumnProfile& profile, double value, int64_t rowid) {
    if (!profile.reals || value < profile.min_real) {
        profile.min_real = value;
    }
    if (!profile.reals || value > profile.max_real) {
        profile.max_real = value;
    }
    profile.reals.note(rowid);
    if (!std::isfinite(value)) {
        profile.infinite.note(rowid);
        profile.fractional.note(rowid);
        return;
    }
    if (value != std::floor(value) || value >= kTwoTo63 || value < -kTwoTo63) {
        profile.fractional.note(rowid);
    }
    if (value != 0 && value != 1) {
        profile.not_zero_or_one.note(rowid);
    }
    float narrow = 0;
    if (!values::exact_float(value, &narrow)) {
        profile.not_float4.note(rowid);
    }
    if (profile.depth != ProfileDepth::Shapes) {
        return;
    }
    profile.times_of_numbers.note_real(value, rowid);
    values::Decimal decimal;
    values::decimal_of_double(value, &decimal);
    tally_digits(profile, decimal);
}

/* Notes that a text is of some kind, if it is; returns whether. */
bool note_if(bool is, Evidence& evidence, int64_t rowid) {
    if (is) {
        evidence.note(rowid);
    }
    return is;
}

/* Dates and times; true if the text is one. */
bool tally_moment(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    values::Moment moment;
    switch (values::parse_moment(text.data(), text.size(), &moment)) {
        case values::MomentParse::Ok:
            break;
        case values::MomentParse::ZeroDate:
            profile.zero_dates.note(rowid);
            return true;
        case values::MomentParse::OutOfRange:
        case values::MomentParse::NotAMoment:
            return false;
    }
    if (moment.below_microsecond) {
        profile.finer_than_microseconds.note(rowid);
    }
    if (moment.infinite != 0) {
        profile.infinities.note(rowid);
    } else if (!moment.has_date) {
        (moment.has_offset ? profile.offset_times : profile.times).note(rowid);
    } else if (!moment.has_time) {
        profile.dates.note(rowid);
    } else if (moment.has_offset) {
        profile.offset_timestamps.note(rowid);
    } else {
        const bool midnight = moment.microseconds == 0 && !moment.below_microsecond;
        (midnight ? profile.midnights : profile.timestamps).note(rowid);
    }
    return true;
}

void tally_integer_text(ColumnProfile& profile, int64_t value, int64_t rowid) {
    profile.integer_texts.note(rowid);
    if (value >= INT32_MIN && value <= INT32_MAX) {
        profile.int4_texts.note(rowid);
    }
    if (value >= INT16_MIN && value <= INT16_MAX) {
        profile.int2_texts.note(rowid);
    }
}

/* Infinity and NaN, which the floats alone hold. */
void tally_special_real(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    double real = 0;
    const bool special = values::parse_special_real(text.data(), text.size(), &real);
    note_if(special, profile.float8_texts, rowid);
    note_if(special, profile.float4_texts, rowid);
}

/* Decimals and booleans; true if the text is either. */
bool tally_number(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    bool known = false;
    values::Decimal decimal;
    const auto parsed = values::parse_decimal(text.data(), text.size(), &decimal);
    if (parsed != values::DecimalParse::NotANumber && values::numeric_holds(decimal)) {
        int64_t integer = 0;
        known = true;
        profile.decimal_texts.note(rowid);
        profile.times_of_numbers.note_decimal(text, rowid);
        tally_digits(profile, decimal);
        if (values::parse_integer(text.data(), text.size(), &integer) == values::IntegerParse::Ok) {
            tally_integer_text(profile, integer, rowid);
        }
    }
    if (parsed == values::DecimalParse::Ok) {
        double real = 0;
        float narrow = 0;
        if (values::exact_real(text.data(), text.size(), decimal, &real)) {
            profile.float8_texts.note(rowid);
        }
        if (values::exact_float_of_text(text.data(), text.size(), decimal, &narrow)) {
            profile.float4_texts.note(rowid);
        }
    }
    bool truth = false;
    if (values::parse_boolean(text.data(), text.size(), &truth)) {
        known = true;
        profile.boolean_texts.note(rowid);
    }
    return known;
}

bool tally_address(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    constexpr size_t kLongest = 49; /* an IPv6 address that ends in an IPv4 one, with its prefix */
    if (text.size() > kLongest) {
        return false;
    }
    uint8_t uuid[16];
    const char* const at = text.data();
    const size_t size = text.size();
    bool known = note_if(values::is_inet(at, size), profile.inet, rowid);
    known |= note_if(values::is_cidr(at, size), profile.cidr, rowid);
    known |= note_if(values::is_macaddr(at, size), profile.macaddr, rowid);
    known |= note_if(values::is_macaddr8(at, size), profile.macaddr8, rowid);
    known |= note_if(values::parse_uuid(at, size, uuid), profile.uuid_texts, rowid);
    return known;
}

void tally_json(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    switch (values::json_verdict(text.data(), text.size())) {
        case values::JsonVerdict::Jsonb:
            profile.jsonb.note(rowid);
            break;
        case values::JsonVerdict::JsonOnly:
            profile.json_only.note(rowid);
            break;
        case values::JsonVerdict::Invalid:
            break;
    }
}

void tally_interval(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    values::Interval interval;
    note_if(
        values::parse_interval(text.data(), text.size(), &interval) == values::IntervalParse::Ok,
        profile.intervals, rowid);
}

void tally_shapes(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    /* what is written as a date or a time is nothing else */
    tally_interval(profile, text, rowid);     /* but 10:00 is a time and ten hours, */
    tally_special_real(profile, text, rowid); /* and infinity the end of time and a number */
    if (tally_moment(profile, text, rowid)) {
        return;
    }
    bool known = tally_number(profile, text, rowid);
    known |= tally_address(profile, text, rowid);
    tally_json(profile, text, rowid);
    if (!known && !text.empty()) {
        profile.shapeless.note(rowid);
    }
}

/* What can be wrong with a text's bytes, and how many characters there are. */
struct Utf8 {
    bool valid = true;
    bool has_nul = false; /* which PostgreSQL's text cannot hold */
    int64_t characters = 0;
};

Utf8 look_at_bytes(std::string_view text) {
    Utf8 result;
    const size_t good = values::valid_text_prefix(text.data(), text.size());
    if (good == text.size()) {
        result.characters =
            static_cast<int64_t>(values::count_characters(text.data(), text.size()));
        return result;
    }
    /* between its NULs the text may be good or not */
    for (size_t at = 0;;) {
        const size_t end = std::min(text.find('\0', at), text.size());
        const size_t size = end - at;
        result.valid = result.valid && values::valid_text_prefix(text.data() + at, size) == size;
        result.characters += static_cast<int64_t>(values::count_characters(text.data() + at, size));
        if (end == text.size()) {
            return result;
        }
        result.has_nul = true;
        ++result.characters;
        at = end + 1;
    }
}

void tally_text(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    profile.texts.note(rowid);
    profile.max_bytes = std::max(profile.max_bytes, static_cast<int64_t>(text.size()));
    if (text.empty()) {
        profile.empty.note(rowid);
    }
    if (profile.depth == ProfileDepth::Classes) {
        return;
    }
    const Utf8 utf8 = look_at_bytes(text);
    profile.max_characters = std::max(profile.max_characters, utf8.characters);
    if (utf8.has_nul) {
        profile.nul_bytes.note(rowid);
    }
    if (!utf8.valid) {
        profile.invalid_utf8.note(rowid);
    }
    if (profile.depth >= ProfileDepth::TextShapes) {
        tally_shapes(profile, text, rowid);
    }
}

void tally_uuid(UuidTally& tally, std::string_view bytes) {
    const auto all = [&](char value) {
        return bytes.find_first_not_of(value) == std::string_view::npos;
    };
    const auto bit = [&](size_t position) {
        return static_cast<uint16_t>(1U << (static_cast<unsigned char>(bytes[position]) >> 4));
    };
    if (!all('\0') && !all('\xFF')) {
        tally.sixth |= bit(6);
        tally.seventh |= bit(7);
    }
}

void tally_blob(ColumnProfile& profile, std::string_view bytes, int64_t rowid) {
    profile.blobs.note(rowid);
    profile.max_bytes = std::max(profile.max_bytes, static_cast<int64_t>(bytes.size()));
    if (bytes.size() == 16) {
        profile.uuid_blobs.note(rowid);
        tally_uuid(profile.uuid_versions, bytes);
    }
    if (profile.depth != ProfileDepth::Classes) {
        note_if(values::valid_text_prefix(bytes.data(), bytes.size()) == bytes.size(),
                profile.text_blobs, rowid);
    }
}

/* The bytes of a text or blob; they live until the next step. */
std::string_view bytes_of(sqlite3_value* value, StorageClass storage_class) {
    const void* const data =
        storage_class == StorageClass::Blob ? sqlite3_value_blob(value) : sqlite3_value_text(value);
    if (data == nullptr) {
        /* an empty blob has no address (sqlite.org/c3ref/value_blob.html); a text always has one */
        if (storage_class == StorageClass::Text) {
            throw std::bad_alloc();
        }
        return {};
    }
    return {static_cast<const char*>(data), static_cast<size_t>(sqlite3_value_bytes(value))};
}

/* The value is fetched once and then asked, since each sqlite3_column_…() call pays for a look at
 * mutex and error state.  No other thread uses the connection, so an unprotected value
 * (sqlite.org/c3ref/value.html) is as good as a protected one. */
void tally_value(ColumnProfile& profile, sqlite3_value* value, int64_t rowid) {
    const auto storage_class = static_cast<StorageClass>(sqlite3_value_type(value));
    ++profile.rows;
    switch (storage_class) {
        case StorageClass::Integer:
            tally_integer(profile, sqlite3_value_int64(value), rowid);
            break;
        case StorageClass::Real:
            tally_real(profile, sqlite3_value_double(value), rowid);
            break;
        case StorageClass::Text:
            tally_text(profile, bytes_of(value, storage_class), rowid);
            break;
        case StorageClass::Blob:
            tally_blob(profile, bytes_of(value, storage_class), rowid);
            break;
        case StorageClass::Null:
            profile.nulls.note(rowid);
            break;
    }
}

/* What joins by counting. */
constexpr Evidence ColumnProfile::*kEvidence[] = {
    &ColumnProfile::nulls,
    &ColumnProfile::integers,
    &ColumnProfile::reals,
    &ColumnProfile::texts,
    &ColumnProfile::blobs,
    &ColumnProfile::not_zero_or_one,
    &ColumnProfile::not_double,
    &ColumnProfile::fractional,
    &ColumnProfile::infinite,
    &ColumnProfile::not_float4,
    &ColumnProfile::empty,
    &ColumnProfile::nul_bytes,
    &ColumnProfile::invalid_utf8,
    &ColumnProfile::integer_texts,
    &ColumnProfile::int4_texts,
    &ColumnProfile::int2_texts,
    &ColumnProfile::float8_texts,
    &ColumnProfile::float4_texts,
    &ColumnProfile::intervals,
    &ColumnProfile::infinities,
    &ColumnProfile::decimal_texts,
    &ColumnProfile::boolean_texts,
    &ColumnProfile::uuid_texts,
    &ColumnProfile::dates,
    &ColumnProfile::midnights,
    &ColumnProfile::timestamps,
    &ColumnProfile::offset_timestamps,
    &ColumnProfile::times,
    &ColumnProfile::offset_times,
    &ColumnProfile::finer_than_microseconds,
    &ColumnProfile::zero_dates,
    &ColumnProfile::json_only,
    &ColumnProfile::jsonb,
    &ColumnProfile::inet,
    &ColumnProfile::cidr,
    &ColumnProfile::macaddr,
    &ColumnProfile::macaddr8,
    &ColumnProfile::shapeless,
    &ColumnProfile::uuid_blobs,
    &ColumnProfile::text_blobs,
};

void join_bounds(ColumnProfile& profile, const ColumnProfile& other) {
    if (other.integers) {
        const bool none = !profile.integers;
        profile.min_integer =
            none ? other.min_integer : std::min(profile.min_integer, other.min_integer);
        profile.max_integer =
            none ? other.max_integer : std::max(profile.max_integer, other.max_integer);
    }
    if (other.reals) {
        const bool none = !profile.reals;
        profile.min_real = none ? other.min_real : std::min(profile.min_real, other.min_real);
        profile.max_real = none ? other.max_real : std::max(profile.max_real, other.max_real);
    }
    profile.uuid_versions.sixth |= other.uuid_versions.sixth;
    profile.uuid_versions.seventh |= other.uuid_versions.seventh;
    profile.integer_digits = std::max(profile.integer_digits, other.integer_digits);
    profile.scale = std::max(profile.scale, other.scale);
    profile.max_bytes = std::max(profile.max_bytes, other.max_bytes);
    profile.max_characters = std::max(profile.max_characters, other.max_characters);
}

void join_profile(ColumnProfile& profile, const ColumnProfile& other) {
    join_bounds(profile, other); /* before the evidence that says whether there are any */
    profile.rows += other.rows;
    for (const auto member : kEvidence) {
        (profile.*member).join(other.*member);
    }
    profile.times_of_numbers.join(other.times_of_numbers);
}

std::string scan_sql(const Table& table, const std::vector<ColumnProfile>& profiles, size_t first,
                     size_t count, const std::optional<std::string>& rowid) {
    std::string sql = "SELECT " + (rowid ? *rowid : "0");
    for (size_t i = first; i < first + count; ++i) {
        sql += ", " + quoted(profiles[i].name);
    }
    sql += " FROM " + quoted(table.name);
    /* An index may hold other values than its table in a damaged file. */
    return table.kind == TableKind::Ordinary ? sql + " NOT INDEXED" : sql;
}

/* Columns of one SELECT, the rowid's aside: SQLite sets a limit that tables alone may reach
 * (sqlite.org/limits.html#max_column). */
size_t columns_a_pass(const Database& database) {
    const int most = sqlite3_limit(database.handle(), SQLITE_LIMIT_COLUMN, -1);
    return static_cast<size_t>(std::max(most - 1, 1));
}

}  // namespace

void note_text(ColumnProfile& profile, std::string_view text, int64_t rowid) {
    ++profile.rows;
    tally_text(profile, text, rowid);
}

void Evidence::join(const Evidence& other) noexcept {
    const auto kept = [](const Evidence& evidence) {
        return std::min(static_cast<size_t>(evidence.count), kSamples);
    };
    std::array<int64_t, 2 * kSamples> all{};
    const auto end = std::merge(rowids.begin(), rowids.begin() + kept(*this), other.rowids.begin(),
                                other.rowids.begin() + kept(other), all.begin());
    const auto samples = std::min(static_cast<size_t>(end - all.begin()), kSamples);
    std::copy_n(all.begin(), samples, rowids.begin());
    count += other.count;
}

Profiler::Profiler(const Database& database, const Table& table,
                   const std::vector<ProfileRequest>& requests)
    : database_(&database),
      table_(&table),
      rowid_(table.has_rowid() ? table.rowid_name() : std::nullopt),
      profiles_(requests.size()) {
    for (size_t i = 0; i < requests.size(); ++i) {
        profiles_[i].name = requests[i].column;
        profiles_[i].depth = requests[i].depth;
        profiles_[i].has_rowids = rowid_.has_value();
    }
}

std::optional<RowidRange> Profiler::rowids() const {
    /* a virtual table is read whole: its ranges may cost more than that */
    if (!rowid_ || table_->kind != TableKind::Ordinary) {
        return std::nullopt;
    }
    const auto bound = [this](const char* function) -> std::optional<int64_t> {
        Statement statement = database_->prepare("SELECT " + std::string(function) + "(" + *rowid_ +
                                                 ") FROM " + quoted(table_->name) + " NOT INDEXED");
        if (!statement.step() || statement.is_null(0)) {
            return std::nullopt;
        }
        return statement.integer(0);
    };
    const std::optional<int64_t> low = bound("min");
    const std::optional<int64_t> high = bound("max");
    if (!low || !high) {
        return std::nullopt;
    }
    return RowidRange{*low, *high};
}

std::vector<Profiler::Pass> Profiler::prepare(const std::string& condition) const {
    const size_t most = columns_a_pass(*database_);
    std::vector<Pass> passes;
    for (size_t first = 0; first < profiles_.size(); first += most) {
        const size_t count = std::min(most, profiles_.size() - first);
        passes.push_back(
            {first, count,
             database_->prepare(scan_sql(*table_, profiles_, first, count, rowid_) + condition)});
    }
    return passes;
}

void Profiler::tally_row(const Pass& pass) {
    sqlite3_stmt* const row = pass.rows.handle();
    const int64_t rowid = sqlite3_column_int64(row, 0);
    for (size_t i = 0; i < pass.count; ++i) {
        tally_value(profiles_[pass.first + i], sqlite3_column_value(row, static_cast<int>(i) + 1),
                    rowid);
    }
}

void Profiler::scan_all() {
    const auto scan = [this] {
        for (Pass& pass : prepare("")) {
            while (pass.rows.step()) {
                tally_row(pass);
            }
        }
    };
    /* one wait for all rows, and not one for each */
    if (database_->computes()) {
        aside(scan);
    } else {
        scan();
    }
}

void Profiler::scan(const RowidRange& range, const std::atomic<bool>& stopped) {
    if (range_passes_.empty()) {
        range_passes_ = prepare(" WHERE " + *rowid_ + " BETWEEN ?1 AND ?2");
    }
    for (Pass& pass : range_passes_) {
        pass.rows.reset();
        pass.rows.bind_integer(1, range.low);
        pass.rows.bind_integer(2, range.high);
        while (!stopped.load(std::memory_order_relaxed) && pass.rows.step()) {
            tally_row(pass);
        }
        pass.rows.reset();
    }
}

void Profiler::join(const Profiler& other) {
    for (size_t i = 0; i < profiles_.size(); ++i) {
        join_profile(profiles_[i], other.profiles_[i]);
    }
}

std::vector<ColumnProfile> Profiler::finish() {
    for (ColumnProfile& profile : profiles_) {
        if (profile.integers) {
            profile.integer_digits =
                std::max({profile.integer_digits, digits_of(profile.min_integer),
                          digits_of(profile.max_integer)});
        }
    }
    return std::move(profiles_);
}

std::vector<ColumnProfile> profile_table(const Database& database, const Table& table,
                                         const std::vector<ProfileRequest>& requests) {
    Profiler profiler(database, table, requests);
    profiler.scan_all();
    return profiler.finish();
}

}  // namespace sqlite_import::sqlite
