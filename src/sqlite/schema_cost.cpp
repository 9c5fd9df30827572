/*
 * schema_cost.cpp
 *    Words of SQL (sqlite.org/lang_keywords.html, how names are quoted), and what views cost.
 */
#include "sqlite/schema_cost.hpp"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

#include "sqlite/error.hpp"

namespace sqlite_import::sqlite {

namespace {

constexpr int kDeepest = 200;

char folded(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_word(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || byte >= 0x80;
}

/* The words of a text of SQL one by one, names without their quotes; what is neither a word nor
 * quoted is a word of one character.  Comments are passed over.  A string may be a name too. */
class Words {
  public:
    explicit Words(std::string_view sql) noexcept : sql_(sql) {}

    /* False at the end. */
    bool next(std::string& word) {
        word.clear();
        skip_blanks();
        if (at_ >= sql_.size()) {
            return false;
        }
        const char c = sql_[at_];
        if (c == '"' || c == '`' || c == '\'') {
            take_quoted(c, word);
        } else if (c == '[') {
            take_until_bracket(word);
        } else if (is_word(c)) {
            while (at_ < sql_.size() && is_word(sql_[at_])) {
                word += folded(sql_[at_++]);
            }
        } else {
            word = c;
            ++at_;
        }
        return true;
    }

  private:
    void skip_to(std::string_view end) noexcept {
        const size_t found = sql_.find(end, at_ + 2);
        at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
    }
    void skip_blanks() noexcept {
        while (at_ < sql_.size()) {
            const std::string_view two = sql_.substr(at_, 2);
            if (two == "--") {
                skip_to("\n");
            } else if (two == "/*") {
                skip_to("*/");
            } else if (static_cast<unsigned char>(sql_[at_]) <= ' ') {
                ++at_;
            } else {
                return;
            }
        }
    }
    void take_quoted(char quote, std::string& word) {
        for (++at_; at_ < sql_.size(); ++at_) {
            if (sql_[at_] == quote) {
                ++at_;
                if (at_ >= sql_.size() || sql_[at_] != quote) {
                    return;
                }
            }
            word += folded(sql_[at_]);
        }
    }
    void take_until_bracket(std::string& word) {
        for (++at_; at_ < sql_.size() && sql_[at_] != ']'; ++at_) {
            word += folded(sql_[at_]);
        }
        ++at_;
    }

    std::string_view sql_;
    size_t at_ = 0;
};

std::string fold(std::string_view name) {
    std::string result(name);
    std::transform(result.begin(), result.end(), result.begin(), folded);
    return result;
}

/* A computed column is always written AS (...) (sqlite.org/gencol.html). */
bool computes_columns(std::string_view sql) {
    Words words(sql);
    std::string word;
    for (bool after_as = false; words.next(word); after_as = word == "as") {
        if (after_as && word == "(") {
            return true;
        }
    }
    return false;
}

}  // namespace

void SchemaCost::add(std::string_view type, std::string_view name, std::string_view sql) {
    if (type == "table") {
        generated_ = generated_ || computes_columns(sql);
    } else if (type == "view") {
        View view;
        Words words(sql);
        view.name = name;
        for (std::string word; words.next(word);) {
            if (word != ".") {
                view.words.push_back(word);
            } else if (!view.words.empty()) {
                view.words.pop_back();
            }
        }
        views_.insert_or_assign(fold(name), std::move(view));
    }
}

void SchemaCost::compute() {
    for (auto& [name, view] : views_) {
        auto& words = view.words;
        /* its own name stands once in its text, behind CREATE VIEW */
        words.erase(std::remove_if(words.begin(), words.end(),
                                   [&, &own = name](const std::string& word) {
                                       return word == own || views_.count(word) == 0;
                                   }),
                    words.end());
    }
    for (auto& [name, view] : views_) {
        costly_ = copies_of(view, 0) > kMostCopies || costly_;
    }
}

int64_t SchemaCost::copies_of(View& view, int depth) {
    if (view.copies == 0) {
        view.copies = 1; /* of a circle SQLite tells by itself */
        if (depth > kDeepest) {
            view.copies = kMostCopies + 1;
        }
        for (const std::string& word : view.words) {
            if (view.copies > kMostCopies) {
                break;
            }
            view.copies += copies_of(views_.at(word), depth + 1);
        }
    }
    return view.copies;
}

void SchemaCost::check(std::string_view sql) const {
    if (!costly_) {
        return;
    }
    Words words(sql);
    for (std::string word; words.next(word);) {
        check_view(word);
    }
}

void SchemaCost::check_view(std::string_view name) const {
    const auto found = views_.find(fold(name));
    if (found != views_.end() && found->second.copies > kMostCopies) {
        throw Error(SQLITE_ERROR, "view " + found->second.name +
                                      " names views that name views: SQLite would make more than " +
                                      std::to_string(kMostCopies) + " copies of them");
    }
}

}  // namespace sqlite_import::sqlite
