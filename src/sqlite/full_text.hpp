/*
 * full_text.hpp
 *    What CREATE VIRTUAL TABLE says of a full-text table, and what its rows'
 *    key and texts are.
 *
 * A full-text table's rows are known by their rowid, which other tables refer
 * to, but which is no column of it.  Its texts are in a shadow table, in another
 * table of the database, or nowhere.
 */
#pragma once

#include "server_free.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"

namespace sqlite_import::sqlite {

/* The module and the arguments between the parentheses of CREATE VIRTUAL TABLE. */
struct VirtualTableCall {
    std::string module; /* folded; empty: the text is no such statement */
    std::vector<std::string> arguments;
};

/* Takes apart the text that SQLite keeps.  Comments are not understood. */
VirtualTableCall read_virtual_table(const std::string& sql);

/* What the arguments of FTS3, FTS4 or FTS5 say. */
struct FullTextOptions {
    std::vector<std::string> columns;
    std::optional<std::string> content; /* '': no texts are kept; another table's name */
    bool compressed = false;            /* by functions of the application */
};

FullTextOptions read_full_text_options(const VirtualTableCall& call);

/*
 * Full-text tables get their rowid as a key column in front, R*Tree tables their
 * id as the key.  A full-text table that SQLite cannot open, because its
 * tokenizer is the application's, has its content table stand for it.
 */
void complete_virtual_tables(Catalog& catalog);

}  // namespace sqlite_import::sqlite
