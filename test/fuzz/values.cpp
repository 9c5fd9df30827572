/*
 * values.cpp
 *    Every reader of a value's bytes, on any bytes.
 *
 * Beyond not crashing, each has a property to keep: what was repaired is valid,
 * what was read as an integer prints as it was, and what is JSON can be walked.
 */
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "values/json.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"
#include "values/token.hpp"
#include "values/utf8.hpp"

using namespace sqlite_import::values;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void numbers(const std::string& text) {
    char spelled[kNumberTextSize];
    int64_t integer = 0;
    if (parse_integer(text.data(), text.size(), &integer) == IntegerParse::Ok) {
        require(std::string(spelled, integer_text(integer, spelled)) == text);
    }
    Decimal decimal;
    if (parse_decimal(text.data(), text.size(), &decimal) == DecimalParse::Ok) {
        double real = 0;
        exact_real(text.data(), text.size(), decimal, &real);
        for (const int shift : {-3, 0, 6}) {
            scaled_integer(decimal, shift, false, &integer);
            scaled_integer(decimal, shift, true, &integer);
        }
    }
}

void repairs(const std::string& text) {
    std::string out(repaired_text_limit(text.size()), '\0');
    for (const TextRepair how : {TextRepair::Replace, TextRepair::Strip}) {
        const size_t size = repair_text(text.data(), text.size(), how, out.data());
        require(valid_text_prefix(out.data(), size) == size);
    }
}

/* Arrays in arrays, as the conversion to PostgreSQL's arrays walks them. */
void walk(const char* text, size_t size, int depth) {
    JsonArray array(text, size);
    JsonElement element;
    while (array.next(&element)) {
        require(json_is_valid(element.text, element.size));
        if (element.kind == JsonKind::Array && depth < 6) {
            walk(element.text, element.size, depth + 1);
        }
        if (element.kind == JsonKind::String) {
            std::string out(element.size, '\0');
            size_t length = 0;
            if (json_unescape(element, out.data(), &length)) {
                require(length <= element.size);
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    /* a copy of its own, so that a read past the end is seen */
    const std::string text(reinterpret_cast<const char*>(data), size);
    Moment moment;
    bool truth = false;
    uint8_t uuid[16];
    size_t decoded = 0;
    std::string room(text.size() + 4, '\0');

    numbers(text);
    repairs(text);
    parse_moment(text.data(), text.size(), &moment);
    parse_boolean(text.data(), text.size(), &truth);
    parse_uuid(text.data(), text.size(), uuid);
    decode_hex(text.data(), text.size(), room.data(), &decoded);
    decode_base64(text.data(), text.size(), room.data(), &decoded);
    if (json_is_valid(text.data(), text.size()) && json_is_array(text.data(), text.size())) {
        walk(text.data(), text.size(), 0);
    }
    return 0;
}
