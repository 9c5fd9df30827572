/*
 * translate_cli.cpp
 *    The translator as a filter, for tests that compare SQLite with PostgreSQL.
 *
 * Reads commands from standard input, one a line, fields separated by tabs, with
 * \t, \n and \\ for these characters inside a field; answers one line each:
 *
 *   table NAME SCHEMA TARGET ROWID_COLUMN KEYS  begins a table (keys: "a,b;c")
 *   column NAME TARGET PG_TYPE AFFINITY COLLATION NOT_NULL FORM
 *   server MAJOR
 *   helpers 0|1                                 whether functions of the extension may be used
 *   type DECLARED              ok PG_TYPE AFFINITY RULE
 *   query SQL                  ok SQL IMMUTABLE COLUMN_TYPES...
 *   view SCHEMA TARGET SQL     ok SQL, and later commands see the view
 *   check TABLE SQL            ok SQL IMMUTABLE
 *   generated TABLE COLUMN SQL
 *   default TABLE COLUMN SQL   ok SQL
 *   index TABLE SQL            ok COLUMNS WHERE
 *   trigger SCHEMA TARGET SQL  ok FUNCTION TRIGGER
 *
 * or "no", the reason and the position.
 */
#include "dialect/parse.hpp"
#include "dialect/translate.hpp"

#include <cstdlib>
#include <iostream>

using namespace sqlite_import::dialect;

namespace {

using Fields = std::vector<std::string>;

Fields split(const std::string& line) {
    Fields fields(1);
    for (size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\t') {
            fields.emplace_back();
        } else if (line[i] == '\\' && i + 1 < line.size()) {
            const char c = line[++i];
            fields.back() += c == 't' ? '\t' : c == 'n' ? '\n' : c;
        } else {
            fields.back() += line[i];
        }
    }
    fields.resize(std::max<size_t>(fields.size(), 8));
    return fields;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (char c : text) {
        out += c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\\' ? "\\\\" : std::string(1, c);
    }
    return out;
}

Affinity affinity_named(const std::string& name) {
    for (Affinity affinity : {Affinity::Integer, Affinity::Text, Affinity::Blob, Affinity::Real}) {
        if (affinity_name(affinity) == name) {
            return affinity;
        }
    }
    return Affinity::Numeric;
}

class Filter {
  public:
    void run() {
        std::string line;
        while (std::getline(std::cin, line)) {
            const Fields fields = split(line);
            try {
                command(fields);
            } catch (const ParseError& error) {
                std::cout << "no\tsyntax: " << escaped(error.what()) << '\t' << error.offset();
            }
            std::cout << '\n' << std::flush;
        }
    }

  private:
    void command(const Fields& f) {
        if (f[0] == "table") {
            table(f);
        } else if (f[0] == "column") {
            column(f);
        } else if (f[0] == "server") {
            options_.server_major = std::atoi(f[1].c_str());
            std::cout << "ok";
        } else if (f[0] == "helpers") {
            options_.helpers = f[1] == "1";
            std::cout << "ok";
        } else if (f[0] == "type") {
            const ResolvedType type = resolve_declared_type(f[1]);
            std::cout << "ok\t" << type.pg_type << '\t' << affinity_name(type.affinity) << '\t'
                      << type.rule;
        } else if (f[0] == "query") {
            query(f);
        } else if (f[0] == "view") {
            view(f);
        } else if (f[0] == "trigger") {
            trigger(f);
        } else {
            of_table(f);
        }
    }

    void table(const Fields& f) {
        current_ = TableInfo();
        current_.name = f[1];
        current_.target_schema = f[2];
        current_.target = f[3];
        current_.rowid_column = std::atoi(f[4].c_str());
        std::vector<std::string> key(1);
        for (char c : f[5]) {
            if (c == ';') {
                current_.unique_keys.push_back(key);
                key.assign(1, "");
            } else if (c == ',') {
                key.emplace_back();
            } else {
                key.back() += c;
            }
        }
        if (!key[0].empty()) {
            current_.unique_keys.push_back(key);
        }
        schema_.add(current_);
        std::cout << "ok";
    }

    void column(const Fields& f) {
        ColumnInfo info;
        info.name = f[1];
        info.target = f[2];
        info.pg_type = f[3];
        info.kind = kind_of_pg_type(f[3]).value_or(TypeKind::Text);
        info.affinity = affinity_named(f[4]);
        info.collation = f[5];
        info.not_null = f[6] == "1";
        info.case_insensitive = f[7] == "nocase"; /* by PostgreSQL's collation of the column */
        info.form = f[7] == "mixed"    ? SourceForm::Mixed
                    : f[7] == "unix_s" ? SourceForm::Number
                    : f[7] == "text"   ? SourceForm::UnknownText
                                       : SourceForm::AsType;
        info.from =
            sqlite_import::values::from_of_name(f[7]).value_or(sqlite_import::values::From::Auto);
        current_.columns.push_back(info);
        schema_.add(current_);
        std::cout << "ok";
    }

    bool refused(const Translation& translation) {
        if (translation.ok) {
            return false;
        }
        std::cout << "no\t" << escaped(translation.reason) << '\t' << translation.offset;
        return true;
    }

    void answer(const Translation& translation) {
        if (!refused(translation)) {
            std::cout << "ok\t" << escaped(translation.sql) << '\t' << translation.immutable;
        }
    }

    void query(const Fields& f) {
        const ViewTranslation out = translate_query(*parse_select(f[1]), schema_, options_);
        answer(out);
        for (const ColumnInfo& info : out.view.columns) {
            std::cout << '\t' << info.pg_type;
        }
    }

    void view(const Fields& f) {
        const ViewTranslation out =
            translate_view(parse_create_view(f[3]), schema_, f[1], f[2], options_);
        answer(out);
        if (out.ok) {
            schema_.add(out.view);
        }
    }

    void trigger(const Fields& f) {
        const TriggerTranslation out =
            translate_trigger(parse_create_trigger(f[3]), schema_, f[1], f[2], options_);
        if (!refused(out)) {
            std::cout << "ok\t" << escaped(out.create_function) << '\t'
                      << escaped(out.create_trigger);
        }
    }

    /* Commands about one table, whose name is the first field. */
    void of_table(const Fields& f) {
        const TableInfo* table = schema_.find(f[1]);
        const ColumnInfo* column = table != nullptr ? table->find_column(f[2]) : nullptr;
        if (table == nullptr) {
            std::cout << "no\tno such table or command";
        } else if (f[0] == "check") {
            answer(translate_check(*parse_expression(f[2]), *table, options_));
        } else if (f[0] == "default" && column != nullptr) {
            answer(translate_default(*parse_default(f[3]), *column, options_));
        } else if (f[0] == "generated" && column != nullptr) {
            answer(translate_generated(*parse_expression(f[3]), *table, *column, options_));
        } else if (f[0] == "index") {
            const IndexTranslation out =
                translate_index(parse_create_index(f[2]), *table, options_);
            if (!refused(out)) {
                std::cout << "ok\t" << escaped(out.sql) << '\t' << escaped(out.where);
            }
        } else {
            std::cout << "no\tno such column or command";
        }
    }

    TableInfo current_;
    SchemaInfo schema_;
    TranslateOptions options_;
};

}  // namespace

int main() {
    Filter().run();
    return 0;
}
