/*
 * names.hpp
 *    From SQLite's names to PostgreSQL's: folding, length, collisions, and
 *    suggestions for names that do not exist.
 *
 * PostgreSQL's names have at most 63 bytes (documentation: 4.1.1), and
 * relations of a schema share one space of names.  Every name of a migration is
 * therefore given out by a NameSpace, which makes a taken name unique in the
 * same way on every run.
 */
#pragma once

#include "server_free.hpp"

#include <set>
#include <string>
#include <vector>

#include "plan/options.hpp"

namespace sqlite_import::plan {

inline constexpr size_t kMaxNameBytes = 63;

/*
 * The name as PostgreSQL is to have it: folded by the rule, invalid UTF-8
 * replaced, cut to 63 bytes between characters, never empty.
 */
std::string target_name(const std::string& name, Identifiers identifiers);

/* Why an object has the given name in PostgreSQL, and not its own folded by the rule; empty if it
 * has that. */
std::string rename_reason(const std::string& name, const std::string& given,
                          Identifiers identifiers);

/* The text as valid UTF-8: NUL and bytes that are none become U+FFFD. */
std::string printable_text(const std::string& text);

/* The first 63 bytes at most, cut between UTF-8 characters. */
std::string truncate_name(const std::string& name, size_t bytes = kMaxNameBytes);

/* PostgreSQL's way to name what has no name: table_column_key and the like, cut to fit
 * (makeObjectName in commands/indexcmds.c does the same). */
std::string object_name(const std::string& table, const std::vector<std::string>& columns,
                        const std::string& suffix);

/* Names that are taken in one space of names. */
class NameSpace {
  public:
    /* Marks a name as taken. */
    void reserve(const std::string& name) { taken_.insert(name); }
    bool taken(const std::string& name) const { return taken_.count(name) > 0; }

    /* The wanted name, or with _2, _3 … behind it if it is taken. */
    std::string free_name(const std::string& wanted) const;
    /* The same; the result is then taken. */
    std::string allocate(const std::string& wanted);

  private:
    std::set<std::string> taken_;
};

/* True for the names of PostgreSQL's system columns, which no column may have
 * (documentation: 5.5, System Columns). */
bool is_system_column(const std::string& name);

/* Up to three of the candidates that are most like the name; empty if none is near. */
std::vector<std::string> near_names(const std::string& name,
                                    const std::vector<std::string>& candidates);

/* "Perhaps you meant "a" or "b"."; empty if none is near. */
std::string near_names_hint(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace sqlite_import::plan
