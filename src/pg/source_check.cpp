/*
 * source_check.cpp
 *    What is said of bytes that are not a whole SQLite 3 database.
 */
#include <string>

#include "pg/errors.hpp"
#include "pg/source_kinds.hpp"

namespace sqlite_import::pg
{

namespace
{

struct Refusal
{
	sqlite::Format format;
	int sqlstate;
	const char *message; /* follows the name of the source */
	const char *detail;
	const char *hint;
};

constexpr Refusal kRefusals[] = {
	{sqlite::Format::Empty, ERRCODE_INVALID_PARAMETER_VALUE, "is empty (zero bytes)",
	 "An empty file is what a program leaves that opened a wrong path, or an upload that failed.",
	 "Check where the application keeps its database."},
	{sqlite::Format::Encrypted, ERRCODE_FEATURE_NOT_SUPPORTED,
	 "is encrypted or not a SQLite database",
	 "Its first bytes look random, as those of a database encrypted by SQLCipher or SEE do.",
	 "Decrypt it first with the tool and the key that encrypted it, SQLCipher's sqlcipher_export() for example."},
	{sqlite::Format::OldDatabase, ERRCODE_BAD_COPY_FILE_FORMAT, "is a SQLite 2 database",
	 "Only the format of SQLite 3 can be read.", "Convert it: sqlite OLD .dump | sqlite3 NEW."},
	{sqlite::Format::WalFile, ERRCODE_BAD_COPY_FILE_FORMAT, "is a write-ahead log, not a database",
	 nullptr, "Name the file without \"-wal\" at its end; the log beside it is read with it."},
	{sqlite::Format::Journal, ERRCODE_BAD_COPY_FILE_FORMAT, "is a rollback journal, not a database",
	 nullptr, "Name the file without \"-journal\" at its end; the journal beside it is heeded."},
	{sqlite::Format::Compressed, ERRCODE_BAD_COPY_FILE_FORMAT,
	 "is a compressed file, not a SQLite database", nullptr, "Unpack it first."},
	{sqlite::Format::SqlText, ERRCODE_BAD_COPY_FILE_FORMAT,
	 "is a text of SQL, not a SQLite database", nullptr,
	 "Make a database of the dump first: sqlite3 NEW < DUMP."},
	{sqlite::Format::LfsPointer, ERRCODE_BAD_COPY_FILE_FORMAT,
	 "is a Git LFS pointer, not a SQLite database", nullptr,
	 "Fetch the file itself: git lfs pull."},
	{sqlite::Format::Other, ERRCODE_BAD_COPY_FILE_FORMAT, "is not a SQLite database",
	 "A SQLite 3 database starts with the bytes \"SQLite format 3\".",
	 "Check that the file arrived as it was: copied in binary mode, unpacked and whole."},
};

} /* namespace */

void
CheckHeader(const sqlite::HeaderFacts &header, int64_t size, const std::string &what,
			bool may_be_incomplete)
{
	for (const Refusal &refusal : kRefusals)
		if (refusal.format == header.format)
			throw Reported(refusal.sqlstate, what + " " + refusal.message,
						   refusal.detail != nullptr ? refusal.detail : "", refusal.hint);
	if (!may_be_incomplete && header.is_truncated(size))
		throw Reported(
			ERRCODE_DATA_CORRUPTED, what + " is truncated",
			"Its header counts " + std::to_string(header.page_count) + " pages of " +
				std::to_string(header.page_size) + " bytes, but it has only " +
				std::to_string(size) + " bytes.",
			"Copy the file again while no program writes to it, best with sqlite3's .backup.");
}

} /* namespace sqlite_import::pg */
