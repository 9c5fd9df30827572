/*
 * large_object_source.cpp
 *    A database in a large object, read in place; for whole tables, from a copy.
 *
 * Only the backend can read a large object, a piece at a time from its table.  A
 * call that is going to read most of it, more than once, copies it into a
 * temporary file first, which threads can read.
 *
 * SQLite reads it through a VFS of ours whose one file is a large-object
 * descriptor, so the caller's own rights and the snapshot of the statement that
 * opened it hold.  Nobody else can change what that snapshot sees: locks are
 * not needed, and the file is declared immutable to SQLite.
 *
 * SQLite's frames may not be jumped over.  A server error within a read is
 * caught, kept (KeepServerError), and SQLite told of an I/O error; ours becomes
 * the kept one again when it is reported.  Interrupts are held off meanwhile:
 * SQLite's progress handler sees them.
 *
 * Descriptors end with the subtransaction that opened them, whatever happens
 * to the objects that use them, so each is in a list that the (sub)transaction
 * callbacks keep true.
 */
#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "sqlite/file_facts.hpp"

#include "pg/aside.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"
#include "pg/source_kinds.hpp"

extern "C" {
#include "access/xact.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/wait_event.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* --- descriptors --- */

/* A large object open for reading.  Its numbers are meaningless once `alive` is false. */
struct Descriptor
{
	int fd;
	SubTransactionId subid;
	bool alive;
	int64 size;
	Descriptor *next;
};

Descriptor *open_descriptors = nullptr;

void
EndOfTransaction(XactEvent event, void *arg)
{
	/* at pre-commit the descriptors still work */
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PARALLEL_PRE_COMMIT ||
		event == XACT_EVENT_PRE_PREPARE)
		return;
	for (Descriptor *descriptor = open_descriptors; descriptor != nullptr;
		 descriptor = descriptor->next)
		descriptor->alive = false;
}

void
EndOfSubtransaction(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	for (Descriptor *descriptor = open_descriptors; descriptor != nullptr;
		 descriptor = descriptor->next)
	{
		if (descriptor->subid != subid)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			descriptor->subid = parent;
		else
			descriptor->alive = false;
	}
}

/* Opens with the current user's rights.  May ereport. */
void
OpenDescriptor(Descriptor *descriptor, Oid large_object)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(EndOfTransaction, nullptr);
		RegisterSubXactCallback(EndOfSubtransaction, nullptr);
		registered = true;
	}
	descriptor->fd = DatumGetInt32(
		DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(large_object), Int32GetDatum(INV_READ)));
	descriptor->subid = GetCurrentSubTransactionId();
	descriptor->alive = true;
	descriptor->next = open_descriptors;
	open_descriptors = descriptor;
	descriptor->size = DatumGetInt64(DirectFunctionCall3(
		be_lo_lseek64, Int32GetDatum(descriptor->fd), Int64GetDatum(0), Int32GetDatum(SEEK_END)));
}

/* Never ereports: a descriptor that is alive in a running transaction can be closed. */
void
CloseDescriptor(Descriptor *descriptor) noexcept
{
	for (Descriptor **link = &open_descriptors; *link != nullptr; link = &(*link)->next)
		if (*link == descriptor)
		{
			*link = descriptor->next;
			break;
		}
	if (descriptor->alive && IsTransactionState())
		(void) DirectFunctionCall1(be_lo_close, Int32GetDatum(descriptor->fd));
	descriptor->alive = false;
}

/* Reads up to `amount` bytes.  May ereport. */
int
ReadDescriptor(const Descriptor *descriptor, char *buffer, int amount, int64 offset)
{
	HOLD_INTERRUPTS();
	(void) DirectFunctionCall3(be_lo_lseek64, Int32GetDatum(descriptor->fd), Int64GetDatum(offset),
							   Int32GetDatum(SEEK_SET));
	const int got = lo_read(descriptor->fd, buffer, amount);
	RESUME_INTERRUPTS();
	return got;
}

/* --- a copy for threads --- */

/* Smaller objects are read in place: nobody starts a thread for them. */
constexpr int64 kSpoolFrom = INT64CONST(4) * 1024 * 1024;

/*
 * The object's bytes in a temporary file of the server's, which counts against
 * temp_file_limit and goes with the transaction.  Whoever reads it does so
 * through a descriptor of our own, without the server: any thread may.
 */
class Spool
{
public:
	Spool() = default;
	~Spool()
	{
		if (fd_ >= 0)
		{
			close(fd_);
			ReleaseExternalFD();
		}
		if (file_ > 0)
			FileClose(file_);
	}
	Spool(const Spool &) = delete;
	Spool &operator=(const Spool &) = delete;

	/* Copies the object.  False if there is no room for it.  May ereport. */
	bool
	Fill(const Descriptor &object)
	{
		constexpr int kPiece = 1024 * 1024;
		char *piece;

		if (temp_file_limit >= 0 && object.size / 1024 >= temp_file_limit)
			return false;
		PrepareTempTablespaces();
		file_ = OpenTemporaryFile(false);
		piece = static_cast<char *>(palloc(kPiece));
		for (int64 at = 0; at < object.size;)
		{
			const int got = ReadDescriptor(
				&object, piece, static_cast<int>(std::min<int64>(kPiece, object.size - at)), at);

			CHECK_FOR_INTERRUPTS();
			if (got <= 0 || FileWrite(file_, piece, got, at, WAIT_EVENT_BUFFILE_WRITE) != got)
				return false;
			at += got;
		}
		pfree(piece);
		if (!AcquireExternalFD())
			return false;
		fd_ = open(FilePathName(file_), O_RDONLY | O_CLOEXEC);
		if (fd_ < 0)
			ReleaseExternalFD();
		return fd_ >= 0;
	}

	/* Any thread. */
	bool
	Read(char *buffer, int amount, int64 offset) const noexcept
	{
		for (int done = 0; done < amount;)
		{
			const ssize_t got =
				pread(fd_, buffer + done, static_cast<size_t>(amount - done), offset + done);

			if (got == 0 || (got < 0 && errno != EINTR))
				return false;
			done += static_cast<int>(Max(got, 0));
		}
		return true;
	}

private:
	File file_ = 0;
	int fd_ = -1;
};

/* --- the file --- */

/* Read-ahead for scans.  Rows of large objects hold 2 kB; one call fetches many. */
constexpr int kChunk = 128 * 1024;

class LargeObjectFile
{
public:
	LargeObjectFile(Oid large_object, bool fill_up) : chunk_(kChunk), fill_up_(fill_up)
	{
		PgCall([this, large_object] { OpenDescriptor(&descriptor_, large_object); });
	}
	/* Of the same spool. */
	explicit LargeObjectFile(const LargeObjectFile &other)
		: chunk_(kChunk), fill_up_(other.fill_up_), spool_(other.spool_)
	{
		descriptor_.size = other.descriptor_.size;
	}
	~LargeObjectFile() { CloseDescriptor(&descriptor_); }
	LargeObjectFile &operator=(const LargeObjectFile &) = delete;

	/* Copies a large object out, if that serves anything and there is room.  Throws PgError. */
	void
	MakeSpool()
	{
		if (size() < kSpoolFrom)
			return;
		auto spool = std::make_shared<Spool>();

		if (PgCall([&] { return spool->Fill(descriptor_); }))
			spool_ = std::move(spool);
	}

	bool
	is_spooled() const noexcept
	{
		return spool_ != nullptr;
	}

	int64
	size() const noexcept
	{
		return descriptor_.size;
	}

	/* What SQLite is told. */
	int64
	ClaimedSize() noexcept
	{
		char header[100] = {};

		if (!fill_up_ || Read(header, sizeof(header), 0) != SQLITE_OK)
			return size();
		return sqlite::claimed_size({header, sizeof(header)}, size());
	}

	/* The header said WAL mode, which was hidden from SQLite. */
	bool
	wal_hidden() const noexcept
	{
		return wal_hidden_;
	}

	/* SQLite's xRead: fills what lies behind the end with zeros. */
	int
	Read(char *buffer, int amount, int64 offset) noexcept
	{
		const int there = static_cast<int>(std::clamp<int64>(size() - offset, 0, amount));

		/* the check of all pages and the counting of rows ask nobody else */
		if (InterruptRequested(nullptr) != 0)
			return SQLITE_INTERRUPT;
		if ((!descriptor_.alive && !is_spooled()) || !Fetch(buffer, there, offset))
			return SQLITE_IOERR_READ;
		HideWalMode(buffer, there, offset);
		if (there == amount)
			return SQLITE_OK;
		memset(buffer + there, 0, static_cast<size_t>(amount - there));
		return SQLITE_IOERR_SHORT_READ;
	}

private:
	/* A read that goes on where the last one ended is a scan: then read ahead. */
	bool
	Fetch(char *buffer, int amount, int64 offset) noexcept
	{
		const bool scan = offset == last_end_;

		last_end_ = offset + amount;
		if (amount == 0)
			return true;
		if (offset >= chunk_start_ && offset + amount <= chunk_start_ + chunk_size_)
		{
			memcpy(buffer, chunk_.data() + (offset - chunk_start_), static_cast<size_t>(amount));
			return true;
		}
		if (!scan || amount > kChunk)
			return FetchFromServer(buffer, amount, offset);
		const int ahead = static_cast<int>(std::min<int64>(kChunk, size() - offset));
		chunk_size_ = 0;
		if (!FetchFromServer(chunk_.data(), ahead, offset))
			return false;
		chunk_start_ = offset;
		chunk_size_ = ahead;
		memcpy(buffer, chunk_.data(), static_cast<size_t>(amount));
		return true;
	}

	bool
	FetchFromServer(char *buffer, int amount, int64 offset) noexcept
	{
		int got = -1;

		if (is_spooled())
			return spool_->Read(buffer, amount, offset);
		/* from a thread on a leash the backend is asked, which waits for it */
		auto read = [&]
		{
			if (!ServerErrorKept() &&
				!KeepServerError([&]
								 { got = ReadDescriptor(&descriptor_, buffer, amount, offset); }))
				got = -1;
		};
		return AskBackend(read) && got == amount;
	}

	/* There is no -wal to read: shows a header in rollback mode (fileformat.html, 1.3.3). */
	void
	HideWalMode(char *buffer, int amount, int64 offset) noexcept
	{
		for (int64 at = 18; at <= 19; at++)
			if (at >= offset && at < offset + amount && buffer[at - offset] == 2)
			{
				wal_hidden_ = true;
				buffer[at - offset] = 1;
			}
	}

	Descriptor descriptor_ = {-1, InvalidSubTransactionId, false, 0, nullptr};
	std::vector<char> chunk_;
	int64 chunk_start_ = 0;
	int chunk_size_ = 0;
	int64 last_end_ = -1;
	bool wal_hidden_ = false;
	bool fill_up_; /* salvage: an object that lacks its end seems to have it */
	std::shared_ptr<const Spool> spool_; /* null: read in place */
};

/* --- SQLite's view of it --- */

struct OpenFile
{
	sqlite3_file base; /* must be first */
	LargeObjectFile *file;
};

int
IoClose(sqlite3_file *) noexcept
{
	return SQLITE_OK; /* the source owns the file */
}

int
IoRead(sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset) noexcept
{
	return reinterpret_cast<OpenFile *>(file)->file->Read(static_cast<char *>(buffer), amount,
														  offset);
}

int
IoWrite(sqlite3_file *, const void *, int, sqlite3_int64) noexcept
{
	return SQLITE_READONLY;
}

int
IoTruncate(sqlite3_file *, sqlite3_int64) noexcept
{
	return SQLITE_READONLY;
}

int
IoSync(sqlite3_file *, int) noexcept
{
	return SQLITE_OK;
}

int
IoFileSize(sqlite3_file *file, sqlite3_int64 *size) noexcept
{
	*size = reinterpret_cast<OpenFile *>(file)->file->ClaimedSize();
	return SQLITE_OK;
}

int
IoLock(sqlite3_file *, int) noexcept
{
	return SQLITE_OK;
}

int
IoCheckReservedLock(sqlite3_file *, int *result) noexcept
{
	*result = 0;
	return SQLITE_OK;
}

int
IoFileControl(sqlite3_file *, int, void *) noexcept
{
	return SQLITE_NOTFOUND;
}

int
IoSectorSize(sqlite3_file *) noexcept
{
	return 4096;
}

int
IoDeviceCharacteristics(sqlite3_file *) noexcept
{
	return SQLITE_IOCAP_IMMUTABLE;
}

constexpr sqlite3_io_methods kIoMethods = {
	1,
	IoClose,
	IoRead,
	IoWrite,
	IoTruncate,
	IoSync,
	IoFileSize,
	IoLock,
	IoLock,
	IoCheckReservedLock,
	IoFileControl,
	IoSectorSize,
	IoDeviceCharacteristics,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
	nullptr,
};

/* A VFS of one file, registered while it lives. */
class LargeObjectVfs
{
public:
	LargeObjectVfs(Oid large_object, bool fill_up) : file_(large_object, fill_up) { Register(); }
	explicit LargeObjectVfs(const LargeObjectVfs &other) : file_(other.file_) { Register(); }
	~LargeObjectVfs() { sqlite3_vfs_unregister(&vfs_); }
	LargeObjectVfs &operator=(const LargeObjectVfs &) = delete;

	LargeObjectFile &
	file() noexcept
	{
		return file_;
	}
	const LargeObjectFile &
	file() const noexcept
	{
		return file_;
	}
	const std::string &
	name() const noexcept
	{
		return name_;
	}

private:
	void
	Register()
	{
		static uint64 count = 0;
		sqlite3_vfs *real = sqlite3_vfs_find(nullptr);

		if (real == nullptr)
			throw sqlite::Error(SQLITE_ERROR, "SQLite has no VFS");
		name_ = "sqlite_import_lo_" + std::to_string(++count);
		vfs_ = *real; /* the clock, randomness and sleep */
		vfs_.szOsFile = sizeof(OpenFile);
		vfs_.pNext = nullptr;
		vfs_.zName = name_.c_str();
		vfs_.pAppData = this;
		vfs_.iVersion = 1;
		vfs_.xOpen = Open;
		vfs_.xDelete = Delete;
		vfs_.xAccess = Access;
		vfs_.xFullPathname = FullPathname;
		const int code = sqlite3_vfs_register(&vfs_, 0);
		if (code != SQLITE_OK)
			throw sqlite::Error(code, "could not register a VFS");
	}
	static int
	Open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) noexcept
	{
		auto *open = reinterpret_cast<OpenFile *>(file);

		open->base.pMethods = nullptr;
		if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
			return SQLITE_CANTOPEN;
		open->file = &static_cast<LargeObjectVfs *>(vfs->pAppData)->file_;
		open->base.pMethods = &kIoMethods;
		if (out_flags != nullptr)
			*out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
		return SQLITE_OK;
	}

	static int
	Delete(sqlite3_vfs *, const char *, int) noexcept
	{
		return SQLITE_READONLY;
	}

	static int
	Access(sqlite3_vfs *, const char *, int, int *result) noexcept
	{
		*result = 0;
		return SQLITE_OK;
	}

	static int
	FullPathname(sqlite3_vfs *, const char *name, int size, char *out) noexcept
	{
		sqlite3_snprintf(size, out, "%s", name);
		return SQLITE_OK;
	}

	LargeObjectFile file_;
	std::string name_;
	sqlite3_vfs vfs_ = {};
};

/* --- the source --- */

class LargeObjectSource : public Source
{
public:
	LargeObjectSource(const SourceLocation &location, const SourceUse &use)
		: vfs_(std::make_unique<LargeObjectVfs>(location.large_object, use.salvage)),
		  options_(CommonOptions(location, use))
	{
		CheckStart(location.large_object, use.salvage);
		if (use.bulk)
			vfs_->file().MakeSpool();
		options_.filename = std::to_string(location.large_object);
		Open();
	}

	/* Another one of the same spool. */
	explicit LargeObjectSource(const LargeObjectSource &other)
		: vfs_(std::make_unique<LargeObjectVfs>(*other.vfs_)), options_(other.options_)
	{
		Open();
	}

	~LargeObjectSource() override
	{
		/* a thread inside the connection goes on reading through it */
		if (database_ != nullptr && sqlite::is_left_alone(database_->handle()))
			(void) vfs_.release();
	}

	sqlite::Database &
	database() override
	{
		return *database_;
	}

	/* bytes that are read in place come from the server */
	bool
	thread_may_read() const noexcept override
	{
		return vfs_->file().is_spooled();
	}

	std::unique_ptr<Source>
	Another() override
	{
		if (!vfs_->file().is_spooled() || database_->computes())
			return nullptr;
		try
		{
			return std::make_unique<LargeObjectSource>(*this);
		}
		catch (const sqlite::Error &)
		{
			return nullptr;
		}
	}

	std::string
	note() const override
	{
		if (!vfs_->file().wal_hidden())
			return {};
		return "the file is in WAL mode, and a large object comes without its -wal: complete if the "
			   "application was closed, or if the file was made by sqlite3's .backup or VACUUM "
			   "INTO; if it was taken from a running application, the last transactions are missing";
	}

	void
	release() override
	{
		database_->execute("COMMIT");
	}

	/* the descriptor ends with the transaction */
	bool
	renew() override
	{
		return false;
	}

private:
	void
	Open()
	{
		options_.vfs = vfs_->name();
		database_ = std::make_unique<sqlite::Database>(options_);
		database_->execute("BEGIN");
		database_->query_integer("SELECT count(*) FROM sqlite_schema");
		database_->look_at_snapshot();
	}

	void
	CheckStart(Oid large_object, bool salvage)
	{
		LargeObjectFile &file = vfs_->file();
		std::string sample(sqlite::kHeaderSample, '\0');
		const int code = file.Read(sample.data(), static_cast<int>(sample.size()), 0);

		if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
			throw sqlite::Error(code, sqlite3_errstr(code));
		sample.resize(static_cast<size_t>(std::min<int64>(file.size(), sqlite::kHeaderSample)));
		CheckHeader(sqlite::header_facts(sample, file.size()), file.size(),
					"large object " + std::to_string(large_object), salvage);
	}

	std::unique_ptr<LargeObjectVfs> vfs_;
	sqlite::OpenOptions options_;
	std::unique_ptr<sqlite::Database> database_; /* after its VFS: destroyed before it */
};

} /* namespace */

std::unique_ptr<Source>
OpenLargeObjectSource(const SourceLocation &location, const SourceUse &use)
{
	if (use.writable)
		throw Reported(ERRCODE_FEATURE_NOT_SUPPORTED,
					   "a large object cannot be written to as a database");
	return std::make_unique<LargeObjectSource>(location, use);
}

} /* namespace sqlite_import::pg */
