/*
 * full_text.cpp
 *    CREATE VIRTUAL TABLE … USING fts5(…), read as SQLite and its modules read it.
 */
#include "sqlite/full_text.hpp"

#include <algorithm>

namespace sqlite_import::sqlite {

namespace {

constexpr const char* kBlanks = " \t\r\n\f";

bool is_word_character(char character) noexcept {
    const auto byte = static_cast<unsigned char>(character);
    return byte >= 0x80 || character == '_' || (character >= '0' && character <= '9') ||
           (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* The quote that ends what this one begins; 0: it is none. */
char closing_quote(char opening) noexcept {
    switch (opening) {
        case '\'':
        case '"':
        case '`':
            return opening;
        case '[':
            return ']';
        default:
            return '\0';
    }
}

/* Reads words from a text, one after the other. */
class Words {
  public:
    explicit Words(const std::string& text) : text_(text) {}

    void skip_blanks() {
        position_ = std::min(text_.find_first_not_of(kBlanks, position_), text_.size());
    }
    bool at_end() const { return position_ >= text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[position_]; }
    size_t position() const { return position_; }
    void skip() { ++position_; }

    /* A bare or quoted word, without its quotes; empty: something else stands here. */
    std::string word() {
        skip_blanks();
        const char quote = closing_quote(peek());
        std::string result;
        if (quote == '\0') {
            while (!at_end() && is_word_character(peek())) {
                result += text_[position_++];
            }
            return result;
        }
        for (++position_; !at_end(); ++position_) {
            if (peek() == quote) {
                const bool doubled =
                    quote != ']' && position_ + 1 < text_.size() && text_[position_ + 1] == quote;
                if (!doubled) {
                    ++position_;
                    break;
                }
                ++position_;
            }
            result += text_[position_];
        }
        return result;
    }

  private:
    const std::string& text_;
    size_t position_ = 0;
};

std::string trimmed(const std::string& text) {
    const size_t begin = text.find_first_not_of(kBlanks);
    return begin == std::string::npos
               ? std::string()
               : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/* What stands between commas, up to the parenthesis that closes; quotes and parentheses within. */
std::vector<std::string> split_arguments(const std::string& text, size_t position) {
    std::vector<std::string> arguments;
    std::string current;
    char quote = '\0';
    int depth = 0;
    for (; position < text.size(); ++position) {
        const char character = text[position];
        if (quote != '\0') {
            quote = character == quote ? '\0' : quote;
        } else if (closing_quote(character) != '\0') {
            quote = closing_quote(character);
        } else if (character == '(') {
            ++depth;
        } else if (character == ')' && depth-- == 0) {
            break;
        } else if (character == ',' && depth == 0) {
            arguments.push_back(trimmed(current));
            current.clear();
            continue;
        }
        current += character;
    }
    if (!trimmed(current).empty() || !arguments.empty()) {
        arguments.push_back(trimmed(current));
    }
    return arguments;
}

bool is_full_text(const std::string& module) {
    return module == "fts3" || module == "fts4" || module == "fts5";
}

/* Of FTS3 and FTS4: an option, not a column (sqlite.org/fts3.html#fts4_options). */
bool is_old_option(const std::string& name) {
    static constexpr const char* kOptions[] = {"tokenize", "matchinfo",  "prefix",
                                               "compress", "uncompress", "order",
                                               "content",  "languageid", "notindexed"};
    return std::any_of(std::begin(kOptions), std::end(kOptions),
                       [&](const char* option) { return name == option; });
}

void take_option(FullTextOptions& options, const std::string& name, const std::string& value) {
    if (name == "content") {
        options.content = value;
    } else if (name == "compress" || name == "uncompress") {
        options.compressed = true;
    }
}

Table* find(Catalog& catalog, const std::string& name) {
    for (Table& table : catalog.tables) {
        if (names_equal(table.name, name)) {
            return &table;
        }
    }
    return nullptr;
}

Table* find_content_table(Catalog& catalog, const Table& table) {
    Table* content = find(catalog, table.name + "_content");
    return content != nullptr && content->kind == TableKind::Shadow && content->broken.empty()
               ? content
               : nullptr;
}

Column key_column(const std::string& name) {
    Column key;
    key.name = name;
    key.declared_type = "INTEGER";
    key.not_null = true;
    key.primary_key_ordinal = 1;
    return key;
}

/* docid is a hidden column of FTS3 and FTS4 (sqlite.org/fts3.html#section_1_2). */
void add_key(Table& table) {
    const std::string name = table.module == "fts5" ? "rowid" : "docid";
    const auto hidden = [&](const Column& column) {
        return column.kind == ColumnKind::HiddenInVirtualTable && names_equal(column.name, name);
    };
    table.columns.erase(std::remove_if(table.columns.begin(), table.columns.end(), hidden),
                        table.columns.end());
    table.columns.insert(table.columns.begin(), key_column(name));
    table.rowid_alias = 0;
}

/* The content table's columns, called as those of the full-text table
 * (sqlite.org/fts5.html#fts5_data_structures, sqlite.org/fts3.html#shadow_tables). */
void name_content_columns(Table& content, const Table& table, const FullTextOptions& options) {
    for (size_t i = 0; i < content.columns.size(); ++i) {
        Column& column = content.columns[i];
        if (i == 0) {
            column.stands_for = table.module == "fts5" ? "rowid" : "docid";
        } else if (i - 1 < options.columns.size()) {
            column.stands_for = options.columns[i - 1];
        }
    }
}

/* Its tokenizer is a function of the application. */
void stand_in(Catalog& catalog, Table& table, const FullTextOptions& options) {
    Table* content = find_content_table(catalog, table);
    if (content == nullptr || options.compressed ||
        table.broken.find("tokenizer") == std::string::npos) {
        return;
    }
    content->kind = TableKind::Ordinary;
    content->module = table.module;
    content->stands_for = table.name;
    table.content_table = content->name;
    name_content_columns(*content, table, options);
}

}  // namespace

VirtualTableCall read_virtual_table(const std::string& sql) {
    VirtualTableCall call;
    Words words(sql);
    if (fold_name(words.word()) != "create" || fold_name(words.word()) != "virtual" ||
        fold_name(words.word()) != "table") {
        return call;
    }
    words.word(); /* its name */
    if (fold_name(words.word()) != "using") {
        return call;
    }
    call.module = fold_name(words.word());
    words.skip_blanks();
    if (words.peek() == '(') {
        call.arguments = split_arguments(sql, words.position() + 1);
    }
    return call;
}

FullTextOptions read_full_text_options(const VirtualTableCall& call) {
    FullTextOptions options;
    for (const std::string& argument : call.arguments) {
        Words words(argument);
        const std::string name = words.word();
        words.skip_blanks();
        const bool assigned = words.peek() == '=';
        if (assigned) {
            words.skip();
        }
        if (assigned || (call.module != "fts5" && is_old_option(fold_name(name)))) {
            take_option(options, fold_name(name), words.word());
        } else if (!name.empty()) {
            options.columns.push_back(name);
        }
    }
    return options;
}

void complete_virtual_tables(Catalog& catalog) {
    for (Table& table : catalog.tables) {
        if (table.kind != TableKind::Virtual) {
            continue;
        }
        if (!is_full_text(table.module)) {
            const bool rtree = table.module == "rtree" || table.module == "rtree_i32";
            if (rtree && table.broken.empty() && !table.columns.empty()) {
                table.columns[0].primary_key_ordinal = 1;
                table.columns[0].not_null = true;
                table.rowid_alias = 0;
            }
            continue;
        }
        const FullTextOptions options = read_full_text_options(read_virtual_table(table.sql));
        if (!table.broken.empty()) {
            stand_in(catalog, table, options);
            continue;
        }
        table.contentless = options.content.has_value() && options.content->empty() &&
                            find_content_table(catalog, table) == nullptr;
        add_key(table);
    }
}

}  // namespace sqlite_import::sqlite
