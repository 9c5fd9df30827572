/*
 * schema_cost.hpp
 *    What a schema makes SQLite compute, told from its words before SQLite compiles anything.
 *
 * SQLite copies a view into each place that names it, and so on into what names that: twenty
 * lines of SQL, each naming the one before twice, become a million tables, and nothing asks
 * meanwhile whether anybody still waits.  So views are counted first: a view costs one, and what
 * the views cost that its text names, each as often as it does.  A name before a dot says whose
 * column is meant, and copies nothing.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sqlite_import::sqlite {

class SchemaCost {
  public:
    /* More copies of views than these are not compiled.  SQLite itself joins at most 64 tables, and
     * allows 200 in a statement, but looks when the copies have been made. */
    static constexpr int64_t kMostCopies = 500;

    /* An entry of sqlite_schema.  compute() follows the last. */
    void add(std::string_view type, std::string_view name, std::string_view sql);
    void compute();

    bool has_views() const noexcept { return !views_.empty(); }
    bool has_costly_views() const noexcept { return costly_; }
    bool has_generated_columns() const noexcept { return generated_; }

    /* Throws Error if a statement names a view that costs too much. */
    void check(std::string_view sql) const;

    /* The same of a view by its name. */
    void check_view(std::string_view name) const;

  private:
    struct View {
        std::string name; /* as the file writes it */
        std::vector<std::string> words;
        int64_t copies = 0; /* 0: not yet known */
    };

    int64_t copies_of(View& view, int depth);

    std::unordered_map<std::string, View> views_; /* by the name folded */
    bool generated_ = false;
    bool costly_ = false;
};

}  // namespace sqlite_import::sqlite
