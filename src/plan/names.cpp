/*
 * names.cpp
 *    Name rules.
 */
#include "plan/names.hpp"

#include <algorithm>
#include <numeric>

#include "sqlite/catalog.hpp"
#include "values/utf8.hpp"

namespace sqlite_import::plan {

namespace {

bool is_upper(char character) {
    return character >= 'A' && character <= 'Z';
}
bool is_lower(char character) {
    return character >= 'a' && character <= 'z';
}
bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/* CustomerId → customer_id, HTTPServer → http_server, "Order Details" → order_details. */
std::string snake_case(const std::string& name) {
    std::string snake;
    for (size_t i = 0; i < name.size(); ++i) {
        const char character = name[i];
        const bool word_byte = is_upper(character) || is_lower(character) || is_digit(character) ||
                               static_cast<unsigned char>(character) >= 0x80;
        if (!word_byte) {
            if (!snake.empty() && snake.back() != '_') {
                snake += '_';
            }
            continue;
        }
        if (is_upper(character) && i > 0 && !snake.empty() && snake.back() != '_') {
            const bool after_small = is_lower(name[i - 1]) || is_digit(name[i - 1]);
            const bool last_of_capitals =
                is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
            if (after_small || last_of_capitals) {
                snake += '_';
            }
        }
        snake += character;
    }
    while (snake.size() > 1 && snake.back() == '_') {
        snake.pop_back();
    }
    return sqlite::fold_name(snake);
}

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
size_t edit_distance(const std::string& left, const std::string& right) {
    std::vector<size_t> before_last(right.size() + 1);
    std::vector<size_t> last(right.size() + 1);
    std::vector<size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= left.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (size_t j = 1; j <= right.size(); ++j) {
            const size_t substitution = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
    }
    return row[right.size()];
}

std::string folded_name(const std::string& name, Identifiers identifiers) {
    switch (identifiers) {
        case Identifiers::Lower:
            return sqlite::fold_name(name);
        case Identifiers::SnakeCase:
            return snake_case(name);
        case Identifiers::Preserve:
            break;
    }
    return name;
}

}  // namespace

std::string truncate_name(const std::string& name, size_t bytes) {
    if (name.size() <= bytes) {
        return name;
    }
    size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) {
        --end;
    }
    return name.substr(0, end);
}

std::string printable_text(const std::string& text) {
    std::string printable(values::repaired_text_limit(text.size()), '\0');
    printable.resize(values::repair_text(text.data(), text.size(), values::TextRepair::Replace,
                                         printable.data()));
    return printable;
}

std::string target_name(const std::string& name, Identifiers identifiers) {
    const std::string target = truncate_name(folded_name(printable_text(name), identifiers));
    return target.empty() ? "unnamed" : target;
}

std::string rename_reason(const std::string& name, const std::string& given,
                          Identifiers identifiers) {
    const std::string printable = printable_text(name);
    const std::string folded = folded_name(printable, identifiers);
    const std::string wanted = target_name(name, identifiers);
    if (given == folded && printable == name) {
        return {};
    }
    if (given != wanted) {
        return is_system_column(wanted) && given.rfind(wanted + "_", 0) == 0
                   ? "a system column of PostgreSQL has this name"
                   : "the name \"" + wanted + "\" is taken";
    }
    if (printable != name) {
        return "the name is not valid UTF-8";
    }
    return folded.empty() ? "PostgreSQL has no empty names"
                          : "PostgreSQL's names have at most 63 bytes";
}

std::string object_name(const std::string& table, const std::vector<std::string>& columns,
                        const std::string& suffix) {
    std::string column_part;
    for (const std::string& column : columns) {
        column_part += column_part.empty() ? column : "_" + column;
    }
    std::string table_part = table;
    const size_t overhead = suffix.size() + 1 + (column_part.empty() ? 0 : 1);
    while (table_part.size() + column_part.size() + overhead > kMaxNameBytes) {
        std::string& longer = table_part.size() > column_part.size() ? table_part : column_part;
        longer = truncate_name(longer, longer.size() - 1);
    }
    return table_part + (column_part.empty() ? "" : "_" + column_part) + "_" + suffix;
}

std::string NameSpace::free_name(const std::string& wanted) const {
    std::string name = wanted;
    for (int number = 2; taken(name); ++number) {
        const std::string suffix = "_" + std::to_string(number);
        name = truncate_name(wanted, kMaxNameBytes - suffix.size()) + suffix;
    }
    return name;
}

std::string NameSpace::allocate(const std::string& wanted) {
    std::string name = free_name(wanted);
    reserve(name);
    return name;
}

bool is_system_column(const std::string& name) {
    static constexpr const char* kNames[] = {"tableoid", "ctid", "xmin", "cmin", "xmax", "cmax"};
    return std::any_of(std::begin(kNames), std::end(kNames),
                       [&](const char* system) { return name == system; });
}

std::vector<std::string> near_names(const std::string& name,
                                    const std::vector<std::string>& candidates) {
    const std::string folded = sqlite::fold_name(name);
    std::vector<std::pair<size_t, std::string>> near;
    for (const std::string& candidate : candidates) {
        const size_t distance = edit_distance(folded, sqlite::fold_name(candidate));
        const size_t limit = std::max<size_t>(1, std::max(name.size(), candidate.size()) / 3);
        if (distance <= limit) {
            near.emplace_back(distance, candidate);
        }
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> names;
    for (size_t i = 0; i < near.size() && i < 3; ++i) {
        names.push_back(near[i].second);
    }
    return names;
}

std::string near_names_hint(const std::string& name, const std::vector<std::string>& candidates) {
    const std::vector<std::string> names = near_names(name, candidates);
    if (names.empty()) {
        return {};
    }
    std::string hint = "Perhaps you meant ";
    for (size_t i = 0; i < names.size(); ++i) {
        hint += i == 0 ? "" : (i + 1 == names.size() ? " or " : ", ");
        hint += "\"" + names[i] + "\"";
    }
    return hint + ".";
}

}  // namespace sqlite_import::plan
