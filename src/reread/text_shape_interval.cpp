/*
 * text_shape_interval.cpp
 *    Lengths of time: the text is cut into words first, and each word looked at alone.
 */
#include "reread/text_shape.hpp"

#include <limits>

#include "reread/text_scan.hpp"

namespace sqlite_import::reread {

namespace {

constexpr int64_t kSecond = 1000000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;

/* A unit's place in the order of sizes, which tells it from others, and how many make what. */
struct UnitOf {
    std::string_view singular;
    std::string_view plural;
    int place;
    int64_t microseconds; /* 0: counts months */
    int64_t months;
};

constexpr UnitOf kUnits[] = {
    {"us", "us", 0, 1, 0},
    {"microsecond", "microseconds", 0, 1, 0},
    {"ms", "ms", 1, 1000, 0},
    {"millisecond", "milliseconds", 1, 1000, 0},
    {"s", "s", 2, kSecond, 0},
    {"sec", "secs", 2, kSecond, 0},
    {"second", "seconds", 2, kSecond, 0},
    {"min", "mins", 3, 60 * kSecond, 0},
    {"minute", "minutes", 3, 60 * kSecond, 0},
    {"h", "h", 4, kHour, 0},
    {"hr", "hrs", 4, kHour, 0},
    {"hour", "hours", 4, kHour, 0},
    {"d", "d", 5, kDay, 0},
    {"day", "days", 5, kDay, 0},
    {"w", "w", 6, 7 * kDay, 0},
    {"week", "weeks", 6, 7 * kDay, 0},
    {"mon", "mons", 7, 0, 1},
    {"month", "months", 7, 0, 1},
    {"y", "y", 8, 0, 12},
    {"yr", "yrs", 8, 0, 12},
    {"year", "years", 8, 0, 12},
    {"decade", "decades", 9, 0, 120},
    {"century", "centuries", 10, 0, 1200},
};

const UnitOf* find_unit(std::string_view word) noexcept {
    for (const UnitOf& unit : kUnits) {
        if (equals_ignoring_case(word, unit.singular) || equals_ignoring_case(word, unit.plural)) {
            return &unit;
        }
    }
    return nullptr;
}

struct Quantity {
    bool minus = false;
    __int128 units = 0; /* of 10^-decimals */
    int decimals = 0;
};

/* [+-]digits[.digits] at the start of the text, which is cut off; at most 18 digits. */
bool cut_quantity(std::string_view& text, Quantity& result, bool* signed_one) noexcept {
    result = Quantity();
    *signed_one = !text.empty() && (text[0] == '-' || text[0] == '+');
    result.minus = !text.empty() && text[0] == '-';
    size_t at = *signed_one ? 1 : 0;
    const size_t start = at;
    size_t point = std::string_view::npos;
    for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
        if (text[at] == '.') {
            if (point != std::string_view::npos || at == start) {
                break;
            }
            point = at;
            continue;
        }
        if (result.units >= INT64_C(100000000000000000)) {
            return false;
        }
        result.units = result.units * 10 + (text[at] - '0');
        result.decimals += point != std::string_view::npos ? 1 : 0;
    }
    if (at == start || point + 1 == at) {
        return false;
    }
    text.remove_prefix(at);
    return true;
}

class Sum {
  public:
    explicit Sum(IntervalShape& shape) : shape_(shape) {}

    bool add(const Quantity& quantity, const UnitOf& unit) noexcept {
        if ((places_ >> unit.place & 1U) != 0 || (unit.months != 0 && quantity.decimals > 0)) {
            return false;
        }
        places_ |= 1U << unit.place;
        __int128 scale = 1;
        for (int i = 0; i < quantity.decimals; ++i) {
            scale *= 10;
        }
        const __int128 product =
            quantity.units * (unit.months != 0 ? unit.months : unit.microseconds);
        shape_.finer_than_microseconds |= product % scale != 0;
        const __int128 total = product / scale * (quantity.minus ? -1 : 1);
        if (unit.months != 0) {
            return grow(shape_.months, total, std::numeric_limits<int32_t>::max());
        }
        if (unit.microseconds < kDay) {
            return grow(shape_.microseconds, total, std::numeric_limits<int64_t>::max());
        }
        return grow(shape_.days, total / kDay, std::numeric_limits<int32_t>::max()) &&
               grow(shape_.microseconds, total % kDay, std::numeric_limits<int64_t>::max());
    }

    bool add(const Quantity& quantity, std::string_view unit) noexcept {
        const UnitOf* const found = find_unit(unit);
        return found != nullptr && add(quantity, *found);
    }

    bool has_below_day() const noexcept { return (places_ & 0x1FU) != 0; }
    bool empty() const noexcept { return places_ == 0; }

  private:
    static bool grow(int64_t& part, __int128 more, int64_t limit) noexcept {
        const __int128 sum = more + part;
        if (sum > limit || sum < -static_cast<__int128>(limit) - 1) {
            return false;
        }
        part = static_cast<int64_t>(sum);
        return true;
    }

    IntervalShape& shape_;
    unsigned places_ = 0;
};

/* MM or SS, below 60. */
bool cut_sixty(std::string_view& text, Quantity& result) noexcept {
    size_t at = 0;
    const int value = take_digits(text, at, 2);
    result.units = value;
    text.remove_prefix(value < 0 ? 0 : at);
    return value >= 0 && value < 60 && (text.empty() || !is_digit(text[0]));
}

/* What stands behind the hours, to the end of the text. */
bool add_clock(std::string_view text, const Quantity& hours, Sum& sum) noexcept {
    Quantity minutes;
    Quantity seconds;
    minutes.minus = seconds.minus = hours.minus;
    text.remove_prefix(1);
    if (hours.decimals > 0 || sum.has_below_day() || !cut_sixty(text, minutes)) {
        return false;
    }
    if (!text.empty()) {
        const bool minus = hours.minus;
        bool has_sign = false;
        const size_t point = text.find('.');
        const std::string_view whole = text.substr(1, point == text.npos ? point : point - 1);
        if (text[0] != ':' || whole.size() != 2 || text[1] > '5') {
            return false;
        }
        text.remove_prefix(1);
        if (!cut_quantity(text, seconds, &has_sign) || has_sign || !text.empty()) {
            return false;
        }
        seconds.minus = minus;
    }
    return sum.add(hours, "h") && sum.add(minutes, "min") && sum.add(seconds, "s");
}

/* The word at the start of the text without what follows it. */
std::string_view first_word(std::string_view text) noexcept {
    return text.substr(0, text.find_first_of(" ,"));
}

bool read_words(std::string_view text, Sum& sum) noexcept {
    bool negative_first = false;
    bool first = true;
    if (!text.empty() && text[0] == '@') {
        if (text.size() < 2 || text[1] != ' ') {
            return false;
        }
        text.remove_prefix(2);
    }
    for (;; first = false) {
        Quantity quantity;
        bool has_sign = false;
        if (!cut_quantity(text, quantity, &has_sign) || (negative_first && !has_sign)) {
            return false;
        }
        negative_first |= first && quantity.minus;
        if (!text.empty() && text[0] == ':') {
            return add_clock(text, quantity, sum);
        }
        if (!text.empty() && text[0] == ' ') {
            text.remove_prefix(1);
            const std::string_view next = first_word(text);
            const size_t colon = next.find(':');
            const std::string_view hours = next.substr(0, colon);
            const size_t digits =
                hours.find_first_not_of("0123456789", hours.find_first_of("+-") == 0 ? 1 : 0);
            if (colon != std::string_view::npos && digits == std::string_view::npos &&
                is_digit(hours.empty() ? ' ' : hours.back())) {
                if (!sum.empty() || quantity.decimals > 0 || !sum.add(quantity, "d")) {
                    return false;
                }
                continue;
            }
        }
        size_t letters = 0;
        while (letters < text.size() && ((text[letters] >= 'a' && text[letters] <= 'z') ||
                                         (text[letters] >= 'A' && text[letters] <= 'Z'))) {
            ++letters;
        }
        if (!sum.add(quantity, text.substr(0, letters))) {
            return false;
        }
        text.remove_prefix(letters);
        if (text.empty()) {
            return true;
        }
        size_t at = 0;
        take_char(text, at, ',');
        if (!take_char(text, at, ' ')) {
            return false;
        }
        text.remove_prefix(at);
    }
}

/* One half of PnYnMnWnDTnHnMnS: letters in this order, each once at most, one at least. */
bool read_half(std::string_view text, std::string_view letters, const std::string_view* units,
               Sum& sum) noexcept {
    if (text.empty()) {
        return false;
    }
    while (!text.empty()) {
        Quantity quantity;
        bool has_sign = false;
        if (!cut_quantity(text, quantity, &has_sign) || (has_sign && !quantity.minus) ||
            text.empty()) {
            return false;
        }
        const size_t place = letters.find(text[0]);
        if (place == std::string_view::npos || (quantity.decimals > 0 && text[0] != 'S') ||
            !sum.add(quantity, units[place])) {
            return false;
        }
        letters.remove_prefix(place + 1);
        units += place + 1;
        text.remove_prefix(1);
    }
    return true;
}

bool read_designated(std::string_view text, Sum& sum) noexcept {
    static constexpr std::string_view kDates[] = {"y", "mon", "w", "d"};
    static constexpr std::string_view kTimes[] = {"h", "min", "s"};
    const size_t t = text.find('T');
    const std::string_view dates = text.substr(0, t);
    if (t == std::string_view::npos || !dates.empty()) {
        if (!read_half(dates, "YMWD", kDates, sum)) {
            return false;
        }
    }
    return t == std::string_view::npos || read_half(text.substr(t + 1), "HMS", kTimes, sum);
}

}  // namespace

bool read_interval(std::string_view text, IntervalShape& result) noexcept {
    result = IntervalShape();
    Sum sum(result);
    if (!text.empty() && text[0] == 'P') {
        return read_designated(text.substr(1), sum);
    }
    return read_words(text, sum);
}

}  // namespace sqlite_import::reread
