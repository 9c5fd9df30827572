/*
 * server_reads.hpp
 *    Source values that PostgreSQL's input functions read, with their errors
 *    taken for "unreadable".
 *
 * An error needs a subtransaction to be survived (documentation: 43.6.8 has the
 * same rule).  One is opened at the first such value and stays open; it is
 * rolled back and opened again only after a value that failed.
 */
#pragma once

#include "verify/reading.hpp"

extern "C" {
#include "utils/resowner.h"
}

namespace sqlite_import::verify
{

class ServerReads
{
public:
	/* May ereport through PgError; must be made and destroyed in C++ frames. */
	ServerReads();
	~ServerReads();
	ServerReads(const ServerReads &) = delete;
	ServerReads &operator=(const ServerReads &) = delete;

	/* Puts one value in.  Throws PgError only for what is no value's fault: cancel, memory. */
	void Read(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
			  Hasher &hasher);

	/* Ends the subtransaction, if one is open.  Throws PgError. */
	void Finish();

private:
	void Open();
	bool Attempt(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
				 Hasher &hasher);

	MemoryContext outer_context_;
	MemoryContext row_context_;
	ResourceOwner outer_owner_;
	bool open_ = false;
};

} /* namespace sqlite_import::verify */
