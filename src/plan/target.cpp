/*
 * target.cpp
 *    Looking things up in the target.
 */
#include "plan/target.hpp"

#include <algorithm>

#include "plan/names.hpp"
#include "sqlite/catalog.hpp"

namespace sqlite_import::plan {

namespace {

/* Alembic, Django, Rails and goose and dbmate, Diesel, Laravel, FluentMigrator, Flyway, Liquibase,
 * Knex, Sequelize, Prisma, TypeORM, Entity Framework, sqlx, refinery, xorm, Phinx. */
constexpr const char* kBookkeepingTables[] = {"alembic_version",
                                              "django_migrations",
                                              "schema_migrations",
                                              "ar_internal_metadata",
                                              "goose_db_version",
                                              "__diesel_schema_migrations",
                                              "migrations",
                                              "versioninfo",
                                              "flyway_schema_history",
                                              "databasechangelog",
                                              "databasechangeloglock",
                                              "knex_migrations",
                                              "knex_migrations_lock",
                                              "sequelizemeta",
                                              "_prisma_migrations",
                                              "typeorm_metadata",
                                              "__efmigrationshistory",
                                              "_sqlx_migrations",
                                              "refinery_schema_history",
                                              "migration_log",
                                              "phinxlog",
                                              "south_migrationhistory",
                                              "schema_version",
                                              "gorp_migrations"};

template <typename Item>
const Item* find_named(const std::vector<Item>& items, const std::string& name) {
    const Item* match = nullptr;
    for (const Item& item : items) {
        if (item.name == name) {
            return &item;
        }
        if (match == nullptr && sqlite::names_equal(item.name, name)) {
            match = &item;
        }
    }
    return match;
}

}  // namespace

const TargetTable* Target::find_table(const std::string& name) const {
    return find_named(tables, name);
}

const TargetTable* match_table(const Target& target, const std::string& source_name,
                               Identifiers identifiers) {
    const TargetTable* match = target.find_table(source_name);
    return match != nullptr ? match : target.find_table(target_name(source_name, identifiers));
}

const TargetColumn* match_column(const TargetTable& table, const std::string& source_name,
                                 Identifiers identifiers) {
    const TargetColumn* match = find_named(table.columns, source_name);
    if (match == nullptr) {
        match = find_named(table.columns, target_name(source_name, identifiers));
    }
    if (match == nullptr) {
        match = find_named(table.columns, target_name(source_name, Identifiers::SnakeCase));
    }
    return match;
}

bool is_bookkeeping_table(const std::string& name) {
    return std::any_of(std::begin(kBookkeepingTables), std::end(kBookkeepingTables),
                       [&](const char* known) { return sqlite::names_equal(known, name); });
}

}  // namespace sqlite_import::plan
