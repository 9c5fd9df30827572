/*
 * file_source.cpp
 *    A database in a file of the server's host, read in place.
 *
 * The checks before SQLite opens the file exist for their messages; what makes
 * reading and writing safe is the folder that is held open (file_place.hpp), and
 * the layers of readonly_vfs.hpp and writable_vfs.hpp.
 */
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sqlite/file_facts.hpp"
#include "sqlite/file_place.hpp"
#include "sqlite/readonly_vfs.hpp"
#include "sqlite/writable_vfs.hpp"

#include "pg/errors.hpp"
#include "pg/settings.hpp"
#include "pg/source_kinds.hpp"

extern "C" {
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/varlena.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* The descriptors that SQLite opens behind the server's back, made known to it. */
class DescriptorReservation
{
public:
	DescriptorReservation()
	{
		for (; held_ < kWanted; held_++)
			if (!AcquireExternalFD())
			{
				Release();
				throw Reported(
					ERRCODE_INSUFFICIENT_RESOURCES,
					"too many files are open in this session to open another SQLite file", "",
					"Close other SQLite sources, or raise max_files_per_process.");
			}
	}
	~DescriptorReservation() { Release(); }
	DescriptorReservation(const DescriptorReservation &) = delete;
	DescriptorReservation &operator=(const DescriptorReservation &) = delete;

private:
	/* the folder, the database, its -wal or -journal, its -shm */
	static constexpr int kWanted = 4;

	void
	Release() noexcept
	{
		for (; held_ > 0; held_--)
			ReleaseExternalFD();
	}

	int held_ = 0;
};

int
SqlstateOfErrno(int error)
{
	switch (error)
	{
		case ENOENT:
		case ENOTDIR:
			return ERRCODE_UNDEFINED_FILE;
		case EACCES:
		case EPERM:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		case EMFILE:
		case ENFILE:
			return ERRCODE_INSUFFICIENT_RESOURCES;
		case ELOOP:
		case ENAMETOOLONG:
			return ERRCODE_INVALID_NAME;
		default:
			return ERRCODE_IO_ERROR;
	}
}

const char *
HintOfErrno(int error)
{
	switch (error)
	{
		case ENOENT:
		case ENOTDIR:
			return "The path is one of the database server's host, as its operating-system user "
				   "sees it; a file on your own machine comes in with psql's \\lo_import.";
		case EACCES:
		case EPERM:
			return "The operating-system user of the database server needs the right to read the "
				   "file and to pass through the folders above it.";
		case ENOSYS:
			return "The server opens SQLite files by way of /proc, which is not mounted here.";
		default:
			return "";
	}
}

/* The path with its symlinks resolved; errno in `error`, and the path tidied up, if there is none.
 */
std::string
RealPath(const std::string &path, int &error)
{
	struct Free
	{
		void
		operator()(char *text) const noexcept
		{
			free(text);
		}
	};
	std::unique_ptr<char, Free> resolved(realpath(path.c_str(), nullptr));

	error = resolved == nullptr ? errno : 0;
	if (resolved != nullptr)
		return resolved.get();
	std::string tidied = path;
	canonicalize_path(tidied.data());
	return tidied.c_str();
}

/* May ereport. */
bool
InAllowedDirectories(const char *path)
{
	List *directories = NIL;
	ListCell *cell;

	if (allowed_directories == nullptr || allowed_directories[0] == '\0')
		return true;
	if (!SplitDirectoriesString(pstrdup(allowed_directories), ',', &directories))
		return false;
	foreach (cell, directories)
	{
		char resolved[PATH_MAX];

		if (realpath(static_cast<char *>(lfirst(cell)), resolved) != nullptr &&
			path_is_prefix_of_path(resolved, path))
			return true;
	}
	return false;
}

[[noreturn]] void
RefuseByErrno(const std::string &path, int error)
{
	throw Reported(SqlstateOfErrno(error),
				   "could not open SQLite file \"" + path + "\": " + strerror(error), "",
				   HintOfErrno(error));
}

/*
 * Where the file lies: in an allowed folder, which is then held open.  The way there is walked
 * once more without following links, so that what was checked is what is opened; a link of the
 * path that was changed meanwhile is resolved anew.  Throws ReportedError and PgError.
 */
std::shared_ptr<const sqlite::FilePlace>
AllowedPlace(const std::string &path)
{
	constexpr int kTries = 3;

	for (int tries = 1;; tries++)
	{
		int error = 0;
		const std::string resolved = RealPath(path, error);

		if (!PgCall([&resolved] { return InAllowedDirectories(resolved.c_str()); }))
			throw Reported(
				ERRCODE_INSUFFICIENT_PRIVILEGE,
				"SQLite file \"" + path + "\" is not in an allowed directory",
				"The setting \"sqlite_import.allowed_directories\" names the folders, with "
				"their subfolders, that files may be read from.");
		if (error == 0)
			if (std::shared_ptr<const sqlite::FilePlace> place =
					sqlite::FilePlace::open(resolved, error))
				return place;
		if ((error != ENOTDIR && error != ELOOP) || tries == kTries)
			RefuseByErrno(path, error);
	}
}

sqlite::FileFacts
CheckedFacts(const sqlite::FilePlace &place, bool salvage)
{
	const sqlite::FileFacts facts = sqlite::file_facts(place);
	const std::string &path = place.path();
	const std::string what = "SQLite file \"" + path + "\"";

	if (facts.error != 0)
		RefuseByErrno(path, facts.error);
	if (facts.is_directory)
		throw Reported(ERRCODE_WRONG_OBJECT_TYPE, "\"" + path + "\" is a directory", "",
					   "Name the database file in it.");
	if (!facts.is_regular)
		throw Reported(ERRCODE_WRONG_OBJECT_TYPE, "\"" + path + "\" is not a regular file",
					   "It is a device, a pipe or a socket.");
	if (!facts.irregular_sidecar.empty())
		throw Reported(ERRCODE_WRONG_OBJECT_TYPE,
					   "\"" + facts.irregular_sidecar + "\" is not a regular file",
					   "It stands where a part of the database would be, and is a folder, a link, "
					   "a pipe, a socket or a device.",
					   "Find out who made it, and remove it.");
	if (!facts.unreadable_sidecar.empty())
		throw Reported(ERRCODE_INSUFFICIENT_PRIVILEGE,
					   "could not read file \"" + facts.unreadable_sidecar + "\"",
					   "It holds part of the database: without it, committed rows would be missing "
					   "or uncommitted ones present.",
					   HintOfErrno(EACCES));
	CheckHeader(facts.header, facts.size, what,
				salvage || facts.wal_size > 0 || facts.journal_size > 0);
	return facts;
}

/* The folders of a directory's entries that are links, added to 'folders'. */
void
AddLinkedFolders(const std::string &directory, std::vector<sqlite::FolderIdentity> &folders)
{
	struct Close
	{
		void
		operator()(DIR *stream) const noexcept
		{
			closedir(stream);
		}
	};
	const std::unique_ptr<DIR, Close> stream(opendir(directory.c_str()));
	struct stat status = {};

	while (const dirent *entry = stream != nullptr ? readdir(stream.get()) : nullptr)
		if (stat((directory + "/" + entry->d_name).c_str(), &status) == 0 &&
			S_ISDIR(status.st_mode) && strcmp(entry->d_name, "..") != 0)
			folders.push_back({status.st_dev, status.st_ino});
}

/*
 * Whether the way to the file leads through a folder that is the server's own: the data directory,
 * and where its links lead (tablespaces, pg_wal).  Folders are compared, not their names: any of
 * them may be reached by a link or a mount.  Throws bad_alloc.
 */
bool
IsInServersFolders(const sqlite::FilePlace &place)
{
	std::vector<sqlite::FolderIdentity> own;
	const std::vector<sqlite::FolderIdentity> &way = place.folders();

	AddLinkedFolders(DataDir, own);
	AddLinkedFolders(std::string(DataDir) + "/pg_tblspc", own);
	return std::find_first_of(way.begin(), way.end(), own.begin(), own.end()) != way.end();
}

/* Read in place through the layer that never writes. */
class FileSource : public Source
{
public:
	FileSource(std::shared_ptr<const sqlite::FilePlace> place, const SourceLocation &location,
			   const SourceUse &use)
		: options_(CommonOptions(location, use)), place_(std::move(place)), salvage_(use.salvage),
		  immutable_(location.immutable)
	{
		options_.filename = place_->database();
		Open();
	}

	~FileSource() override
	{
		/* a thread inside the connection goes on reading through it */
		if (database_ != nullptr && sqlite::is_left_alone(database_->handle()))
			(void) layer_.release();
	}

	/* As another one was opened. */
	FileSource(const FileSource &other)
		: options_(other.options_), place_(other.place_), salvage_(false),
		  immutable_(other.immutable_)
	{
		Open();
	}

	sqlite::Database &
	database() override
	{
		return *database_;
	}

	bool
	thread_may_read() const noexcept override
	{
		return true;
	}

	/*
	 * The same file in the same state: the same inode, size, time of change and change counter
	 * (fileformat.html#file_change_counter), each read again inside the other's read transaction.
	 * Of a -wal these tell nothing.
	 */
	std::unique_ptr<Source>
	Another() override
	{
		/* what computes may keep a thread for ever: one at most */
		if (!IsPlain() || salvage_ || database_->computes())
			return nullptr;
		try
		{
			auto other = std::make_unique<FileSource>(*this);

			if (other->IsPlain() && other->layer_->file_identity() == layer_->file_identity() &&
				other->ChangeCounter() == ChangeCounter())
				return other;
		}
		catch (const sqlite::Error &)
		{
		}
		catch (const UserError &)
		{
		}
		return nullptr;
	}

	bool
	Mark(SnapshotMark *mark) override
	{
		if (!IsPlain() || salvage_)
			return false;
		*mark = {layer_->file_identity(), ChangeCounter()};
		return true;
	}

	std::string
	note() const override
	{
		const sqlite::ReadOnlyFindings &findings = layer_->findings();

		if (findings.rolled_back)
			return "an unfinished transaction, left in the -journal beside the file, was rolled back "
				   "in memory; the file was left as it is";
		if (findings.wal_read && findings.wal_index_shared)
			return "read with its -wal, as of the moment the read began; another program has the "
				   "file open";
		if (findings.wal_read)
			return "read with its -wal";
		if (findings.wal_missing)
			return "the file is in WAL mode and has no -wal beside it: complete if the application "
				   "was closed, or if the file was made by sqlite3's .backup or VACUUM INTO; if it "
				   "was copied without its -wal from a running application, the last transactions "
				   "are missing";
		return {};
	}

	void
	release() override
	{
		database_->execute("COMMIT");
	}

	bool
	renew() override
	{
		try
		{
			Begin();
			return true;
		}
		catch (const sqlite::Error &error)
		{
			if (error.code() == sqlite::kFileChanged)
				return false;
			throw;
		}
	}

private:
	/*
	 * True for an error that says no more than that a writer was quicker: between two locks, or
	 * all the time that SQLite tried for a place in the index of the -wal.
	 */
	bool
	IsWritersMoment(const sqlite::Error &error, int tries) const noexcept
	{
		/* an index without a place to read by is filled by the next writer, if there is one */
		constexpr int kTriesForIndex = 5;

		switch (error.code())
		{
			case sqlite::kFileChanged:
				return !immutable_;
			case SQLITE_PROTOCOL:
			case SQLITE_BUSY_RECOVERY:
				return true;
			case SQLITE_READONLY_CANTINIT:
			case SQLITE_READONLY_RECOVERY:
				return tries < kTriesForIndex && layer_->findings().wal_index_shared;
			default:
				return false;
		}
	}

	/* What SQLite cannot do read-only by itself it says by these codes; each has its remedy. */
	void
	Open()
	{
		constexpr int kNap = 10;
		const auto end =
			std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.busy_timeout_ms);
		sqlite::ReadOnlyOptions plain;

		plain.fill_up = salvage_;
		plain.interrupted = InterruptRequested;
		plain.no_locks = plain.private_wal_index = immutable_;
		sqlite::ReadOnlyOptions how = plain;
		for (int tries = 0;; tries++)
		{
			try
			{
				Connect(how);
				return;
			}
			catch (const sqlite::Error &error)
			{
				const bool index_unusable = error.code() == SQLITE_READONLY_CANTINIT ||
											error.code() == SQLITE_READONLY_RECOVERY;

				if (IsWritersMoment(error, tries) && std::chrono::steady_clock::now() < end &&
					InterruptRequested(nullptr) == 0)
				{
					sqlite3_sleep(kNap);
					how = plain;
				}
				else if (index_unusable && !how.private_wal_index)
					how.private_wal_index = true;
				else if (error.code() == SQLITE_READONLY_ROLLBACK && !how.roll_back)
					how.roll_back = true;
				else
					throw;
			}
		}
	}

	void
	Connect(const sqlite::ReadOnlyOptions &how)
	{
		database_.reset();
		layer_ = std::make_unique<sqlite::ReadOnlyVfs>(place_, how);
		options_.vfs = layer_->name();
		/* one lock from the reading of the schema on: between two, a writer changes the file */
		options_.snapshot = true;
		database_ = std::make_unique<sqlite::Database>(options_);
	}

	/* All that is read lies in the file itself. */
	bool
	IsPlain() const noexcept
	{
		return !layer_->findings().wal_read && !layer_->findings().rolled_back;
	}

	/* Throws sqlite::Error. */
	uint32
	ChangeCounter() const
	{
		constexpr int kAt = 24;
		sqlite3_file *file = nullptr;
		uint32 counter = 0;

		sqlite::check(
			sqlite3_file_control(database_->handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file),
			database_->handle());
		const int code = file->pMethods->xRead(file, &counter, sizeof(counter), kAt);
		if (code != SQLITE_OK)
			throw sqlite::Error(code, sqlite3_errstr(code));
		return counter;
	}

	void
	Begin()
	{
		database_->execute("BEGIN");
		try
		{
			database_->query_integer("SELECT count(*) FROM sqlite_schema");
			database_->look_at_snapshot();
		}
		catch (...)
		{
			sqlite::try_execute(database_->handle(), "ROLLBACK");
			throw;
		}
	}

	DescriptorReservation descriptors_;
	sqlite::OpenOptions options_;
	std::shared_ptr<const sqlite::FilePlace> place_;
	bool salvage_ = false;
	bool immutable_ = false;
	std::unique_ptr<sqlite::ReadOnlyVfs> layer_;
	std::unique_ptr<sqlite::Database> database_; /* after its layer: destroyed before it */
};

/* For the wrapper's writes: SQLite's own locks, journals and -wal, kept within their bounds. */
class WritableFileSource : public Source
{
public:
	WritableFileSource(std::shared_ptr<const sqlite::FilePlace> place,
					   const SourceLocation &location, const SourceUse &use)
		: layer_(std::make_unique<sqlite::WritableVfs>(place)),
		  database_(Options(*place, location, use))
	{
	}

	~WritableFileSource() override
	{
		/* a thread inside the connection goes on through it */
		if (sqlite::is_left_alone(database_.handle()))
			(void) layer_.release();
	}

	sqlite::Database &
	database() override
	{
		return database_;
	}

	bool
	thread_may_read() const noexcept override
	{
		return true;
	}

	std::string
	note() const override
	{
		return {};
	}

	/* transactions of a writable connection are its user's affair */
	void
	release() override
	{
	}

	bool
	renew() override
	{
		return true;
	}

	bool
	is_lost() const noexcept override
	{
		return layer_->is_lost();
	}

private:
	sqlite::OpenOptions
	Options(const sqlite::FilePlace &place, const SourceLocation &location, const SourceUse &use)
	{
		sqlite::OpenOptions options = CommonOptions(location, use);

		options.filename = place.database();
		options.vfs = layer_->name();
		return options;
	}

	DescriptorReservation descriptors_;
	std::unique_ptr<sqlite::WritableVfs> layer_;
	sqlite::Database database_; /* after its layer: destroyed before it */
};

} /* namespace */

std::unique_ptr<Source>
OpenFileSource(const SourceLocation &location, const SourceUse &use)
{
	std::shared_ptr<const sqlite::FilePlace> place = AllowedPlace(location.path);

	CheckedFacts(*place, use.salvage);
	if (!use.writable)
		return std::make_unique<FileSource>(std::move(place), location, use);
	if (IsInServersFolders(*place))
		throw Reported(ERRCODE_INSUFFICIENT_PRIVILEGE,
					   "SQLite file \"" + place->path() + "\" is in the server's data directory",
					   "Files there are never written.");
	return std::make_unique<WritableFileSource>(std::move(place), location, use);
}

bool
IsInServersFolders(const std::string &path)
{
	int error = 0;
	const std::string resolved = RealPath(path, error);
	const std::shared_ptr<const sqlite::FilePlace> place =
		error == 0 ? sqlite::FilePlace::open(resolved, error) : nullptr;

	return place != nullptr && IsInServersFolders(*place);
}

} /* namespace sqlite_import::pg */
