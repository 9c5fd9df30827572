/*
 * steps.hpp
 *    The ordered SQL of a migration: what plan() shows and migrate() runs.
 *
 * A step is one row of the report.  Steps with a statement change something;
 * steps without one tell something (an object that is part of another's
 * statement, or that is not migrated).  The statements alone, run in order in
 * one transaction, do what migrate does.
 */
#pragma once

#include "server_free.hpp"

#include <string>
#include <vector>

#include "plan/design.hpp"

namespace sqlite_import::plan {

/* The order of the phases is the order of the way of the data. */
enum class Phase {
    Prepare,
    Table,
    Load,
    Restore,
    Key,
    Index,
    Sequence,
    ForeignKey,
    View,
    Trigger,
    Analyze,
    Verify,
    Report,
};

const char* phase_name(Phase phase) noexcept;

enum class StepKind {
    Statement, /* run by SPI */
    Attempt,   /* run in a subtransaction; a refusal goes into the report instead of stopping */
    Load,      /* copies one table; migrate does it without SQL between */
    Reset,     /* the sequences of a table that exists, as far as the caller may set them */
    Verify,    /* compares one table */
    Remark,    /* nothing to run */
};

struct Step {
    Phase phase = Phase::Prepare;
    StepKind kind = StepKind::Statement;
    std::string object_type;
    std::string object_name;
    std::string target;
    std::string statement; /* ends in a semicolon; empty for a Remark */
    std::string action;    /* what it is called once done: created, loaded, reset … */
    std::string intent;    /* the same for a dry run: would create … */
    std::string note;
    std::string source_table; /* ForeignKey: the child table in SQLite … */
    int foreign_key_id = -1;  /* … and the key's id there */
    int part = -1;            /* Key, Index: position in the table's keys or indexes */
    int table = -1;           /* Load to Index, Verify, Analyze: position in Design::tables */
};

/* The steps of a design, in the order in which they run.  May throw bad_alloc only. */
std::vector<Step> make_steps(const Design& design, const Options& options);

/* The rules by which a table's columns are read, as the casts option takes them; empty if none. */
std::string table_casts_json(const TableDesign& table);

/* CREATE TABLE for one table of the design; exposed for the unit tests. */
std::string create_table_statement(const Design& design, const TableDesign& table);

}  // namespace sqlite_import::plan
