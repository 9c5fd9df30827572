/*
 * scan.hpp
 *    Both sides of a table read row by row into digests.
 *
 * What is done with the digests is a RowConsumer's affair: summing, sorting,
 * fetching samples.  The source may be summed in a thread beside the target.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"
#include "verify/hash.hpp"
#include "verify/reading.hpp"

#include "pg/source.hpp"

extern "C" {
#include "executor/tuptable.h"
}

namespace sqlite_import::verify
{

/* A table and its columns on both sides, those of the key first. */
struct RowPlan
{
	HashKeys keys;
	std::vector<Reading> readings;
	int key_count = 0; /* 0: no key, the row itself is the key */
	bool has_rowid = false;
	std::string source_sql;       /* the rowid (or 0), then the columns in the order of readings */
	std::string target_sql;       /* the columns in the same order */
	std::vector<int64_t> skipped; /* rowids, ascending */
};

struct RowDigest
{
	Digest key;
	Digest row;
};

/* Gets every row of a side.  SourceRow runs in C++ frames; TargetRow inside the executor, where it
 * may ereport and must hold nothing that needs a destructor. */
class RowConsumer
{
public:
	virtual ~RowConsumer() = default;
	virtual void SourceRow(const RowDigest &digest, int64_t rowid, sqlite3_stmt *row) = 0;
	virtual void TargetRow(const RowDigest &digest, TupleTableSlot *row) = 0;

	/* True when the rest of a side need not be read. */
	virtual bool
	HasEnough(bool /* target */) const noexcept
	{
		return false;
	}
};

/* Rows and sums by bucket of the key's digest. */
class Tally
{
public:
	static constexpr size_t kBuckets = 1024;

	void
	Add(const RowDigest &digest) noexcept
	{
		Bucket &bucket = buckets_[BucketOf(digest.key)];

		bucket.rows++;
		bucket.sum += digest.row.sum();
		rows_++;
	}

	static size_t
	BucketOf(const Digest &key) noexcept
	{
		return key.low % kBuckets;
	}

	int64_t
	rows() const noexcept
	{
		return rows_;
	}

	bool
	SameBucket(const Tally &other, size_t bucket) const noexcept
	{
		return buckets_[bucket].rows == other.buckets_[bucket].rows &&
			   buckets_[bucket].sum == other.buckets_[bucket].sum;
	}

private:
	struct Bucket
	{
		int64_t rows = 0;
		Sum sum = 0;
	};
	int64_t rows_ = 0;
	std::vector<Bucket> buckets_ = std::vector<Bucket>(kBuckets);
};

/* Reads the source in the backend.  Throws sqlite::Error, PgError. */
void ScanSource(pg::Source &source, RowPlan &plan, RowConsumer &consumer);

/* Reads the target as a query of the calling role.  Throws PgError. */
void ScanTarget(RowPlan &plan, RowConsumer &consumer);

/* Sums both sides, the source in a thread where that is allowed.  Throws as the two above. */
void TallyBoth(pg::Source &source, RowPlan &plan, Tally &source_tally, Tally &target_tally);

/* Counts the rows that a scan of the target gives.  Throws PgError. */
int64_t CountTarget(Oid target);

/* The digest of each column's value by itself, for telling which of them differ. */
void DigestSourceColumns(RowPlan &plan, sqlite3_stmt *row, std::vector<Digest> &digests);
void DigestTargetColumns(RowPlan &plan, TupleTableSlot *row, Digest *digests);

} /* namespace sqlite_import::verify */
