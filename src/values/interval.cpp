/*
 * interval.cpp
 *    A cursor over the fields; each is added to its part of the sum, exactly.
 */
#include "values/interval.hpp"

#include <cstring>
#include <limits>

namespace sqlite_import::values {

namespace {

constexpr int64_t kMicrosecond = 1;
constexpr int64_t kMillisecond = 1000;
constexpr int64_t kSecond = 1000000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

/* What a unit counts, and each of which may be named once. */
enum class Field : unsigned {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
    Decade,
    Century,
};

struct Unit {
    const char* name;
    Field field;
    int64_t size; /* microseconds; months from Month on */
};

constexpr Unit kUnits[] = {
    {"us", Field::Microsecond, kMicrosecond},
    {"microsecond", Field::Microsecond, kMicrosecond},
    {"microseconds", Field::Microsecond, kMicrosecond},
    {"ms", Field::Millisecond, kMillisecond},
    {"millisecond", Field::Millisecond, kMillisecond},
    {"milliseconds", Field::Millisecond, kMillisecond},
    {"s", Field::Second, kSecond},
    {"sec", Field::Second, kSecond},
    {"secs", Field::Second, kSecond},
    {"second", Field::Second, kSecond},
    {"seconds", Field::Second, kSecond},
    {"min", Field::Minute, kMinute},
    {"mins", Field::Minute, kMinute},
    {"minute", Field::Minute, kMinute},
    {"minutes", Field::Minute, kMinute},
    {"h", Field::Hour, kHour},
    {"hr", Field::Hour, kHour},
    {"hrs", Field::Hour, kHour},
    {"hour", Field::Hour, kHour},
    {"hours", Field::Hour, kHour},
    {"d", Field::Day, kDay},
    {"day", Field::Day, kDay},
    {"days", Field::Day, kDay},
    {"w", Field::Week, 7 * kDay},
    {"week", Field::Week, 7 * kDay},
    {"weeks", Field::Week, 7 * kDay},
    {"mon", Field::Month, 1},
    {"mons", Field::Month, 1},
    {"month", Field::Month, 1},
    {"months", Field::Month, 1},
    {"y", Field::Year, 12},
    {"yr", Field::Year, 12},
    {"yrs", Field::Year, 12},
    {"year", Field::Year, 12},
    {"years", Field::Year, 12},
    {"decade", Field::Decade, 120},
    {"decades", Field::Decade, 120},
    {"century", Field::Century, 1200},
    {"centuries", Field::Century, 1200},
};

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

bool is_letter(char character) noexcept {
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
}

/* A decimal: mantissa / 10^decimals. */
struct Number {
    bool has_sign = false;
    bool negative = false;
    int64_t mantissa = 0; /* without the sign */
    int decimals = 0;
};

class Reader {
  public:
    Reader(const char* text, size_t size) noexcept : at_(text), end_(text + size) {}

    IntervalParse read(Interval* interval) noexcept {
        const IntervalParse result = peek('P') ? read_iso() : read_fields();
        *interval = sum_;
        return result == IntervalParse::Ok && inexact_ ? IntervalParse::Inexact : result;
    }

  private:
    bool ended() const noexcept { return at_ == end_; }
    bool peek(char character) const noexcept { return at_ < end_ && *at_ == character; }
    bool take(char character) noexcept {
        const bool there = peek(character);
        at_ += there;
        return there;
    }

    /* Digits; false if there are none, or more than the mantissa holds for sure. */
    bool digits(Number* number, bool decimals) noexcept {
        constexpr int64_t kMost = INT64_C(100000000000000000);
        const char* const start = at_;
        for (; !ended() && is_digit(*at_); at_++) {
            if (number->mantissa >= kMost) {
                return false;
            }
            number->mantissa = number->mantissa * 10 + (*at_ - '0');
            number->decimals += decimals;
        }
        return at_ > start;
    }

    bool read_number(Number* number) noexcept {
        *number = Number();
        number->negative = peek('-');
        number->has_sign = take('-') || take('+');
        return digits(number, false) && (!take('.') || digits(number, true));
    }

    /* The number of units, exactly; days apart from what is less than one. */
    IntervalParse add(const Number& number, Field field, int64_t size) noexcept {
        const auto bit = 1U << static_cast<unsigned>(field);
        if ((seen_ & bit) != 0) {
            return IntervalParse::NotAnInterval;
        }
        seen_ |= bit;
        __int128 amount = static_cast<__int128>(number.mantissa) * size;
        if (field >= Field::Month && number.decimals > 0) {
            return IntervalParse::NotAnInterval;
        }
        for (int i = 0; i < number.decimals; i++) {
            inexact_ = inexact_ || amount % 10 != 0;
            amount /= 10;
        }
        amount = number.negative ? -amount : amount;
        if (field >= Field::Month) {
            return put(sum_.months, amount);
        }
        if (field < Field::Day) {
            return put(sum_.microseconds, amount);
        }
        const IntervalParse days = put(sum_.days, amount / kDay);
        return days == IntervalParse::Ok ? put(sum_.microseconds, amount % kDay) : days;
    }

    template <typename Part>
    static IntervalParse put(Part& part, __int128 amount) noexcept {
        const __int128 sum = amount + part;
        if (sum < std::numeric_limits<Part>::min() || sum > std::numeric_limits<Part>::max()) {
            return IntervalParse::OutOfRange;
        }
        part = static_cast<Part>(sum);
        return IntervalParse::Ok;
    }

    const Unit* read_unit() noexcept {
        constexpr size_t kLongest = 12;
        char word[kLongest + 1];
        size_t size = 0;
        while (at_ + size < end_ && is_letter(at_[size]) && size < kLongest) {
            word[size] = static_cast<char>(at_[size] | 0x20);
            size++;
        }
        word[size] = '\0';
        for (const Unit& unit : kUnits) {
            if (std::strcmp(unit.name, word) == 0) {
                at_ += size;
                return &unit;
            }
        }
        return nullptr;
    }

    bool sexagesimal(Number* number) noexcept {
        *number = Number();
        const char* const start = at_;
        return digits(number, false) && at_ - start == 2 && number->mantissa < 60;
    }

    /* What follows the hours: :MM[:SS[.f…]]. */
    IntervalParse read_clock(const Number& hours) noexcept {
        Number minutes;
        Number seconds;
        constexpr unsigned kTimes = (2U << static_cast<unsigned>(Field::Hour)) - 1;
        if (hours.decimals > 0 || !take(':') || !sexagesimal(&minutes) ||
            (take(':') && (!sexagesimal(&seconds) || (take('.') && !digits(&seconds, true)))) ||
            !ended() || (seen_ & kTimes) != 0) {
            return IntervalParse::NotAnInterval;
        }
        minutes.negative = seconds.negative = hours.negative;
        const IntervalParse second = add(seconds, Field::Second, kSecond);
        const IntervalParse minute = add(minutes, Field::Minute, kMinute);
        const IntervalParse hour = add(hours, Field::Hour, kHour);
        return second != IntervalParse::Ok ? second : minute != IntervalParse::Ok ? minute : hour;
    }

    /* A number of days without a unit is one before a time only. */
    bool is_before_clock() const noexcept {
        const char* at = at_ + 1;
        if (at_ == end_ || *at_ != ' ') {
            return false;
        }
        at += at < end_ && (*at == '-' || *at == '+');
        const char* const start = at;
        while (at < end_ && is_digit(*at)) {
            at++;
        }
        return at > start && at < end_ && *at == ':';
    }

    IntervalParse read_field(const Number& number) noexcept {
        if (peek(':')) {
            return read_clock(number);
        }
        if (is_before_clock()) {
            return seen_ != 0 || number.decimals > 0 ? IntervalParse::NotAnInterval
                                                     : add(number, Field::Day, kDay);
        }
        take(' ');
        const Unit* const unit = read_unit();
        return unit == nullptr ? IntervalParse::NotAnInterval
                               : add(number, unit->field, unit->size);
    }

    IntervalParse read_fields() noexcept {
        bool must_sign = false;
        if (take('@') && !take(' ')) {
            return IntervalParse::NotAnInterval;
        }
        for (bool first = true;; first = false) {
            Number number;
            if (!read_number(&number) || (must_sign && !number.has_sign)) {
                return IntervalParse::NotAnInterval;
            }
            must_sign = must_sign || (first && number.negative);
            const IntervalParse field = read_field(number);
            if (field != IntervalParse::Ok || ended()) {
                return field;
            }
            take(',');
            if (!take(' ')) {
                return IntervalParse::NotAnInterval;
            }
        }
    }

    struct Designator {
        char letter;
        Field field;
        int64_t size;
    };

    /* The designators in their order, each once at most; at least one. */
    template <size_t count>
    IntervalParse read_designators(const Designator (&designators)[count]) noexcept {
        bool any = false;
        size_t next = 0;
        while (!ended() && !peek('T')) {
            Number number;
            if (!read_number(&number) || (number.has_sign && !number.negative)) {
                return IntervalParse::NotAnInterval;
            }
            while (next < count && !peek(designators[next].letter)) {
                next++;
            }
            if (next == count) {
                return IntervalParse::NotAnInterval;
            }
            const Designator& found = designators[next++];
            if (number.decimals > 0 && found.field != Field::Second) {
                return IntervalParse::NotAnInterval;
            }
            at_++;
            const IntervalParse field = add(number, found.field, found.size);
            if (field != IntervalParse::Ok) {
                return field;
            }
            any = true;
        }
        return any ? IntervalParse::Ok : IntervalParse::NotAnInterval;
    }

    IntervalParse read_iso() noexcept {
        static constexpr Designator kDates[] = {{'Y', Field::Year, 12},
                                                {'M', Field::Month, 1},
                                                {'W', Field::Week, 7 * kDay},
                                                {'D', Field::Day, kDay}};
        static constexpr Designator kTimes[] = {{'H', Field::Hour, kHour},
                                                {'M', Field::Minute, kMinute},
                                                {'S', Field::Second, kSecond}};
        take('P');
        if (!peek('T')) {
            const IntervalParse dates = read_designators(kDates);
            if (dates != IntervalParse::Ok || ended()) {
                return dates;
            }
        }
        at_++; /* the T that ended the dates */
        const IntervalParse times = read_designators(kTimes);
        return times != IntervalParse::Ok || ended() ? times : IntervalParse::NotAnInterval;
    }

    const char* at_;
    const char* end_;
    unsigned seen_ = 0; /* bits of Field */
    bool inexact_ = false;
    Interval sum_;
};

}  // namespace

IntervalParse parse_interval(const char* text, size_t size, Interval* interval) noexcept {
    return Reader(text, size).read(interval);
}

}  // namespace sqlite_import::values
