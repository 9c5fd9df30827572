/*
 * sqlite_file.hpp
 *    A SQLite file with what a test wants in it.
 */
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <string>

/* Makes the file NAME, of this process alone, by running the SQL; returns its path. */
inline std::string sqlite_file(const std::string& name, const std::string& sql) {
    sqlite3* connection = nullptr;
    const std::string path = testing::TempDir() + name + " " + std::to_string(getpid()) + ".db";
    std::remove(path.c_str());
    EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << message;
    sqlite3_close(connection);
    return path;
}
