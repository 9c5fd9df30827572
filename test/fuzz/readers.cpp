/*
 * readers.cpp
 *    The two readers of texts, put beside each other: src/values, by which the profile decides and
 *    the load converts, and src/reread, by which verify reads the file again.
 *
 * Both must take the same texts, for the same values; and the type that the profile's verdict gives
 * a column must be one that takes its text.  Each input of the fuzzer is tried as it is, and then
 * seeds a generator that writes texts near the grammars: dates, numbers, intervals, addresses,
 * JSON. READERS_STRINGS=N ends the run, with a count, when N texts have been compared.
 */
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "plan/checked_type.hpp"
#include "reread/text_shape.hpp"
#include "sqlite/profile.hpp"
#include "values/address.hpp"
#include "values/interval.hpp"
#include "values/json.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"
#include "values/token.hpp"
#include "values/utf8.hpp"

using namespace sqlite_import;
using dialect::TypeKind;

namespace {

constexpr int kGenerated = 256; /* texts made of each input */
constexpr int kVerdicts = 16;   /* the profile's verdict, which is slow, on one of so many */

void require(bool condition, const char* what, const std::string& text) {
    if (!condition) {
        std::fprintf(stderr, "the readers differ over %s: \"", what);
        for (const char c : text) {
            std::fprintf(stderr, c >= ' ' && c <= '~' ? "%c" : "\\x%02x",
                         static_cast<unsigned char>(c));
        }
        std::fprintf(stderr, "\"\n");
        std::abort();
    }
}

void same_moment(const std::string& text) {
    values::Moment first;
    reread::CivilTime second;
    const values::MomentParse parse = values::parse_moment(text.data(), text.size(), &first);
    const bool taken = parse == values::MomentParse::Ok;
    require((parse == values::MomentParse::ZeroDate) == reread::is_zero_date(text), "a zero date",
            text);
    require((taken ? first.infinite : 0) == reread::read_infinity(text), "infinity", text);
    if (taken && first.infinite != 0) {
        return;
    }
    require(taken == reread::read_civil_time(text, second), "being a moment", text);
    if (!taken) {
        return;
    }
    require(first.has_date == second.has_date && first.has_time == second.has_time &&
                first.has_offset == second.has_offset,
            "the parts of a moment", text);
    require(!first.has_date ||
                first.days == reread::days_from_civil(second.year, second.month, second.day) -
                                  reread::days_from_civil(2000, 1, 1),
            "a day", text);
    const int64_t seconds = (second.hour * 60 + second.minute) * 60 + second.second;
    require(
        first.microseconds == seconds * 1000000 + second.microsecond + (second.rounds_up ? 1 : 0),
        "a time of day", text);
    require(first.below_microsecond == second.finer_than_microseconds, "microseconds", text);
    require(first.offset_seconds == second.offset_seconds, "an offset", text);
}

void same_number(const std::string& text) {
    values::Decimal first;
    reread::DecimalShape second;
    const values::DecimalParse parse = values::parse_decimal(text.data(), text.size(), &first);
    const bool taken = parse != values::DecimalParse::NotANumber;
    require(taken == reread::read_decimal(text, second), "being a decimal", text);
    if (taken) {
        require(first.integer_digits() == second.integer_digits, "digits before the point", text);
        require(first.needed_scale() == second.scale, "digits after the point", text);
        require(first.scale == second.written_scale, "zeros after the point", text);
        require(first.negative == (second.negative && !first.is_zero()), "a sign", text);
    }
    int64_t integer = 0;
    const bool whole =
        values::parse_integer(text.data(), text.size(), &integer) == values::IntegerParse::Ok;
    require((whole ? std::optional(integer) : std::nullopt) == reread::read_integer(text),
            "an integer", text);
    double real = 0;
    const bool exact = values::parse_special_real(text.data(), text.size(), &real) ||
                       (parse == values::DecimalParse::Ok &&
                        values::exact_real(text.data(), text.size(), first, &real));
    const std::optional<double> real_again = reread::read_double(text);
    require(exact == real_again.has_value() &&
                (!exact || std::memcmp(&real, &*real_again, sizeof(real)) == 0),
            "a double", text);
    float narrow = 0;
    bool exact_narrow = values::parse_special_real(text.data(), text.size(), &real);
    if (exact_narrow) {
        narrow = static_cast<float>(real);
    } else {
        exact_narrow = parse == values::DecimalParse::Ok &&
                       values::exact_float_of_text(text.data(), text.size(), first, &narrow);
    }
    const std::optional<float> narrow_again = reread::read_float4(text);
    require(exact_narrow == narrow_again.has_value() &&
                (!exact_narrow || std::memcmp(&narrow, &*narrow_again, sizeof(narrow)) == 0),
            "a float of four bytes", text);
}

void same_token(const std::string& text) {
    const char* const at = text.data();
    const size_t size = text.size();
    bool truth = false;
    const bool boolean = values::parse_boolean(at, size, &truth);
    require((boolean ? std::optional(truth) : std::nullopt) == reread::read_boolean(text),
            "a boolean", text);
    uint8_t uuid[16] = {};
    unsigned char uuid_again[16] = {};
    const bool is_uuid = values::parse_uuid(at, size, uuid);
    require(is_uuid == reread::read_uuid(text, uuid_again), "being a UUID", text);
    require(!is_uuid || std::memcmp(uuid, uuid_again, sizeof(uuid)) == 0, "a UUID", text);
    require(values::is_inet(at, size) == reread::is_inet(text), "inet", text);
    require(values::is_cidr(at, size) == reread::is_cidr(text), "cidr", text);
    require(values::is_macaddr(at, size) == reread::is_macaddr(text, 6), "macaddr", text);
    require(values::is_macaddr8(at, size) == reread::is_macaddr(text, 8), "macaddr8", text);
    require(static_cast<int>(values::json_verdict(at, size)) ==
                static_cast<int>(reread::check_json(text)),
            "JSON", text);
    const reread::Utf8Verdict bytes = reread::check_utf8(text);
    const bool good = bytes.valid && !bytes.has_nul;
    require((values::valid_text_prefix(at, size) == size) == good, "UTF-8", text);
    require(!good || static_cast<int64_t>(values::count_characters(at, size)) == bytes.characters,
            "characters", text);
}

void same_interval(const std::string& text) {
    values::Interval first;
    reread::IntervalShape second;
    const values::IntervalParse parse = values::parse_interval(text.data(), text.size(), &first);
    const bool taken =
        parse == values::IntervalParse::Ok || parse == values::IntervalParse::Inexact;
    require(taken == reread::read_interval(text, second), "being an interval", text);
    require(!taken || (parse == values::IntervalParse::Inexact) == second.finer_than_microseconds,
            "microseconds of an interval", text);
    require(!taken || (first.months == second.months && first.days == second.days &&
                       first.microseconds == second.microseconds),
            "an interval", text);
}

/* Whether verify would read the text as a value of the type. */
bool is_readable(const dialect::ResolvedType& type, const std::string& text) {
    reread::CivilTime time;
    reread::DecimalShape decimal;
    reread::IntervalShape interval;
    unsigned char uuid[16];
    const bool infinite = reread::read_infinity(text) != 0;
    const bool civil = reread::read_civil_time(text, time) && !time.finer_than_microseconds;
    const std::optional<int64_t> integer = reread::read_integer(text);
    switch (type.kind) {
        case TypeKind::Untyped:
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Bytea:
        case TypeKind::Xml:
            return true;
        case TypeKind::Bool:
            return reread::read_boolean(text).has_value();
        case TypeKind::Int2:
            return integer && *integer >= INT16_MIN && *integer <= INT16_MAX;
        case TypeKind::Int4:
            return integer && *integer >= INT32_MIN && *integer <= INT32_MAX;
        case TypeKind::Int8:
            return integer.has_value();
        case TypeKind::Numeric:
            return reread::read_decimal(text, decimal) && decimal.integer_digits <= 131072 &&
                   decimal.written_scale <= 16383;
        case TypeKind::Float4:
            return reread::read_float4(text).has_value();
        case TypeKind::Float8:
            return reread::read_double(text).has_value();
        case TypeKind::Date:
            return infinite ||
                   (civil && time.has_date && time.hour == 0 && time.minute == 0 &&
                    time.second == 0 && time.microsecond == 0 && time.offset_seconds == 0);
        case TypeKind::Time:
            return civil && !time.has_date && time.offset_seconds == 0;
        case TypeKind::TimeTz:
            return civil && !time.has_date && time.has_offset;
        case TypeKind::Timestamp:
            return infinite || (civil && time.has_date && time.offset_seconds == 0);
        case TypeKind::TimestampTz:
            return infinite || (civil && time.has_date);
        case TypeKind::Interval:
            return reread::read_interval(text, interval) && !interval.finer_than_microseconds;
        case TypeKind::Uuid:
            return reread::read_uuid(text, uuid);
        case TypeKind::Json:
            return reread::check_json(text) != reread::JsonVerdict::Invalid;
        case TypeKind::Jsonb:
            return reread::check_json(text) == reread::JsonVerdict::Jsonb;
        case TypeKind::Inet:
            return reread::is_inet(text);
        case TypeKind::Cidr:
            return reread::is_cidr(text);
        case TypeKind::Macaddr:
            return reread::is_macaddr(text, 6);
        case TypeKind::Macaddr8:
            return reread::is_macaddr(text, 8);
    }
    return false;
}

/* Types that a text may fit without being given: an offset makes a timestamp a timestamptz, and so
 * on; or whose texts are not looked at. */
bool has_policy(TypeKind kind) {
    return kind == TypeKind::Untyped || kind == TypeKind::Date || kind == TypeKind::Time ||
           kind == TypeKind::Timestamp || kind == TypeKind::TimestampTz || kind == TypeKind::Xml;
}

/* The verdict of the profile over a column of this one text. */
void same_verdict(const std::string& text) {
    sqlite::ColumnProfile profile;
    profile.depth = sqlite::ProfileDepth::Shapes;
    sqlite::note_text(profile, text, 1);
    for (int i = 0; i <= static_cast<int>(TypeKind::Macaddr8); ++i) {
        const auto kind = static_cast<TypeKind>(i);
        const dialect::ResolvedType declared = dialect::type_of_kind(kind);
        const plan::CheckedType checked = plan::checked_type(declared, profile);
        /* a number that counts time, in the unit that the verdict names (verify/time_number.cpp) */
        reread::DecimalShape decimal;
        const bool counted =
            checked.from != values::From::Auto && reread::read_decimal(text, decimal);
        require((counted || is_readable(checked.type, text)) &&
                    (has_policy(kind) || is_readable(declared, text) == !checked.changed),
                declared.pg_type.c_str(), text);
    }
}

void compare(const std::string& text) {
    same_moment(text);
    same_number(text);
    same_token(text);
    same_interval(text);
    static uint64_t compared = 0;
    if (compared % kVerdicts == 0) {
        same_verdict(text);
    }
    static const char* const wanted = std::getenv("READERS_STRINGS");
    static const uint64_t limit = wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
    if (++compared == limit) {
        std::fprintf(stderr, "the readers agree on %" PRIu64 " texts\n", compared);
        std::_Exit(0);
    }
}

/* Splitmix64: the same texts on every machine. */
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    size_t below(size_t limit) { return static_cast<size_t>(next() % limit); }
    bool one_in(size_t times) { return below(times) == 0; }

  private:
    uint64_t state_;
};

/* Texts near the grammars: each template's letters are replaced, then now and then a byte goes
 * wrong. */
class Writer {
  public:
    explicit Writer(uint64_t seed) : random_(seed) {}

    std::string text() {
        static constexpr const char* kTemplates[] = {
            "Y-M-D",
            "Y-M-DGC",
            "Y-M-DGCO",
            "Y/M/DGCO",
            "C",
            "CO",
            "dNY",
            "d NN YGC",
            "N d, Y C",
            "Y-M-DGCO Z",
            "Y-M-DGCO Z m=S#.#",
            "d-N-YGCO",
            "0000-00-00GC",
            "W",
            "W",
            "S#",
            "S#.#",
            "S#.#eS#",
            "S.#",
            "#e#",
            "B",
            "u",
            "U",
            "I",
            "I/#",
            "J",
            "J/#",
            "X",
            "X",
            "S# V",
            "S#.# V S# V",
            "S#V S#V C",
            "S# V, C",
            "PSDYSDMSDDTS#HS#MS#.#S",
            "PT#HS#M",
            "S# SC",
            "S#:C",
            "@ S# V",
            "Q",
            "Q",
            "[Q,Q]",
            "{\"a\":Q,\"b\":[Q]}",
            "S##########",
            "S################.####",
            "#.##########",
            "S#V",
        };
        std::string result;
        for (const char* at = kTemplates[random_.below(std::size(kTemplates))]; *at != '\0'; ++at) {
            result += part(*at);
        }
        while (random_.one_in(3)) {
            damage(result);
        }
        return result;
    }

  private:
    std::string digits(size_t count) {
        std::string result;
        for (size_t i = 0; i < count; ++i) {
            result += static_cast<char>('0' + random_.below(10));
        }
        return result;
    }

    std::string two(size_t most) {
        const size_t value = random_.below(most + 1);
        return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
    }

    template <size_t count>
    std::string any(const char* const (&words)[count]) {
        return words[random_.below(count)];
    }

    std::string clock() {
        std::string result = two(24) + ":" + two(60);
        if (random_.one_in(8)) {
            result = "24:00";
        }
        if (!random_.one_in(5)) {
            result += ":" + (random_.one_in(4) ? std::string("00") : two(60));
            if (random_.one_in(2)) {
                result += "." + (random_.one_in(5) ? std::string(1 + random_.below(9), '0')
                                                   : digits(1 + random_.below(9)));
            }
        }
        return result;
    }

    std::string offset() {
        std::string result = random_.one_in(3) ? " " : "";
        if (random_.one_in(3)) {
            return result + any({"Z", "z", "UTC", "GMT", "utc", "Gmt"});
        }
        result += random_.one_in(2) ? "+" : "-";
        result += two(16);
        return result + (random_.one_in(4)   ? ""
                         : random_.one_in(3) ? two(60)
                         : random_.one_in(4) ? ":" + two(60) + ":" + two(60)
                                             : ":" + two(60));
    }

    std::string hexadecimal(size_t count) {
        static constexpr char kDigits[] = "0123456789abcdefABCDEF";
        std::string result;
        for (size_t i = 0; i < count; ++i) {
            result += kDigits[random_.below(sizeof(kDigits) - 1)];
        }
        return result;
    }

    std::string uuid() {
        std::string result = hexadecimal(32);
        if (!random_.one_in(4)) {
            for (const size_t at : {8, 13, 18, 23}) {
                result.insert(at, "-");
            }
        }
        return random_.one_in(4) ? "{" + result + "}" : result;
    }

    std::string ipv4() {
        std::string result;
        for (int i = 0; i < 4; ++i) {
            result += (i > 0 ? "." : "") + std::to_string(random_.below(260));
        }
        return result;
    }

    std::string ipv6() {
        std::string result;
        const size_t groups = random_.one_in(3) ? 8 : 1 + random_.below(8);
        const size_t gap = groups == 8 && !random_.one_in(8) ? 9 : random_.below(groups + 1);
        for (size_t i = 0; i < groups; ++i) {
            result += i == gap ? "::" : i > 0 ? ":" : "";
            result += hexadecimal(1 + random_.below(4));
        }
        result += gap == groups ? "::" : "";
        return random_.one_in(6) ? result + ":" + ipv4() : result;
    }

    std::string hardware_address() {
        const std::string all = hexadecimal(random_.one_in(2) ? 12 : 16);
        const size_t group = any_size({2, 2, 4, 6, 8, 16});
        const std::string separator = any({":", ":", "-", "."});
        std::string result;
        for (size_t i = 0; i < all.size(); i += group) {
            result += (i > 0 ? separator : "") + all.substr(i, group);
        }
        return result;
    }

    size_t any_size(std::initializer_list<size_t> sizes) {
        return *(sizes.begin() + random_.below(sizes.size()));
    }

    std::string json(int depth = 0) {
        switch (random_.below(depth > 3 ? 5 : 8)) {
            case 0:
                return any({"null", "true", "false", "nul", "\"\"", "{}", "[]", " [ ] "});
            case 1:
                return (random_.one_in(3) ? "-" : "") + digits(1 + random_.below(3));
            case 2:
                return digits(1) + "." + digits(random_.below(3)) +
                       (random_.one_in(2) ? "" : "e" + digits(1 + random_.below(7)));
            case 3:
                return any({"\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ude00\"",
                            "\"a\\n\"", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\\u0041\""});
            case 4:
                return "\"" + digits(3) + "\"";
            case 5:
                return "[" + json(depth + 1) + "," + json(depth + 1) + "]";
            case 6:
                return "{\"k\" : " + json(depth + 1) + "}";
            default:
                return "[" + json(depth + 1) + "]";
        }
    }

    std::string part(char letter) {
        static constexpr const char* kUnits[] = {
            "us", "ms",    "s",      "sec",     "min",   "mins",         "h",    "hours",
            "d",  "day",   "days",   "w",       "weeks", "mon",          "mons", "month",
            "y",  "years", "decade", "century", "m",     "microseconds", "DAYS"};
        switch (letter) {
            case 'Y':
                return random_.one_in(9) ? digits(4) : "20" + digits(2);
            case 'M':
                return two(13);
            case 'D':
                return random_.one_in(6) ? digits(1) : two(32);
            case 'd':
                return random_.one_in(2) ? digits(1) : two(32);
            case 'N':
                return (random_.one_in(2) ? "" : any({" ", "-"})) +
                       any({"Jan", "feb", "MAR", "April", "May", "june", "Sept", "December",
                            "Nov"});
            case 'G':
                return any({" ", "T", "t", " ", "  "});
            case 'C':
                return clock();
            case 'O':
                return offset();
            case 'Z':
                return any({"CEST", "UTC", "+0200", "-03", "+02:00", "GMT", "Cet", "LONGNAME"});
            case 'W':
                return any({"infinity", "-infinity", "Infinity", "nan", "NaN", "inf", "-INF",
                            "+inf", "now", "today", "epoch", "true", "f", "YES", "off", "0", "1",
                            ""});
            case 'S':
                return any({"", "", "-", "+"});
            case '#':
                return random_.one_in(6) ? std::string(1 + random_.below(8), '0')
                                         : digits(1 + random_.below(random_.one_in(9) ? 24 : 7));
            case 'B':
                return any({"t", "true", "y", "yes", "on", "1", "f", "FALSE", "n", "No", "oFf"});
            case 'u':
            case 'U':
                return uuid();
            case 'I':
                return ipv4();
            case 'J':
                return ipv6();
            case 'X':
                return hardware_address();
            case 'V':
                return (random_.one_in(3) ? "" : " ") + any(kUnits);
            case 'Q':
                return json();
            default:
                return {letter};
        }
    }

    void damage(std::string& text) {
        static constexpr char kBytes[] = " -+:./,TtZze0123456789P{}[]\"\\u\xC3\xA9\xF0nN";
        const size_t at = text.empty() ? 0 : random_.below(text.size() + 1);
        switch (random_.below(4)) {
            case 0:
                text.insert(at, 1, kBytes[random_.below(sizeof(kBytes))]);
                break;
            case 1:
                if (at < text.size()) {
                    text.erase(at, 1);
                }
                break;
            case 2:
                if (at < text.size()) {
                    text[at] = kBytes[random_.below(sizeof(kBytes))];
                }
                break;
            default:
                text.resize(at);
                break;
        }
    }

    Random random_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    uint64_t seed = size;
    for (const char c : text) {
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    }
    compare(text);
    Writer writer(seed);
    for (int i = 0; i < kGenerated; ++i) {
        compare(writer.text());
    }
    return 0;
}
