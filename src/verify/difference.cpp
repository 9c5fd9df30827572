/*
 * difference.cpp
 *    The second and the third pass.
 *
 * The second pass sorts (key, row, side) of every row in a bucket that differs.
 * Within a key, equal rows of both sides cancel out; what is left on both sides
 * under one key is a row that changed, what is left on one side alone is missing
 * or extra.  The third pass fetches what a person needs to find a few of them:
 * key, rowid or ctid, and the names of the columns that differ; their values
 * only if sqlite_import.show_values is on.
 */
#include <algorithm>
#include <bitset>
#include <cstring>
#include <optional>

#include "verify/difference.hpp"
#include "verify/json_text.hpp"

extern "C" {
#include "access/tupdesc.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/tuplesort.h"
}

#include "pg/settings.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

constexpr int kFields = 5; /* key low, key high, row low, row high, side */
constexpr int kSamples = 10;

enum class Kind : uint8
{
	Missing,
	Extra,
	Different,
};
constexpr int kKinds = 3;

/* What the sorted rows told. */
struct Findings
{
	int64 counts[kKinds];
	int samples[kKinds];
	Digest keys[kKinds][kSamples];
};

/* The rows of differing buckets, sorted. */
struct Sorter
{
	Tuplesortstate *state;
	TupleTableSlot *slot;
	ResourceOwner owner; /* of its temporary files */
};

Sorter *
MakeSorter()
{
	auto *const sorter = static_cast<Sorter *>(palloc(sizeof(Sorter)));
	const TupleDesc tupdesc = CreateTemplateTupleDesc(kFields);
	AttrNumber columns[kFields];
	Oid operators[kFields];
	Oid collations[kFields] = {};
	bool nulls_first[kFields] = {};

	for (int i = 0; i < kFields; i++)
	{
		TupleDescInitEntry(tupdesc, static_cast<AttrNumber>(i + 1), nullptr, INT8OID, -1, 0);
		columns[i] = static_cast<AttrNumber>(i + 1);
		operators[i] = Int8LessOperator;
	}
	sorter->state = tuplesort_begin_heap(tupdesc, kFields, columns, operators, collations,
										 nulls_first, work_mem, nullptr, TUPLESORT_NONE);
	sorter->slot = MakeSingleTupleTableSlot(tupdesc, &TTSOpsMinimalTuple);
	sorter->owner = CurrentResourceOwner;
	return sorter;
}

/* A slot of its own for input: virtual tuples are copied by the sort. */
void
SortRow(Sorter *sorter, TupleTableSlot *input, const RowDigest &digest, bool target)
{
	const uint64 fields[kFields] = {digest.key.low, digest.key.high, digest.row.low,
									digest.row.high, target ? 1U : 0U};

	ExecClearTuple(input);
	for (int i = 0; i < kFields; i++)
	{
		input->tts_values[i] = Int64GetDatum(static_cast<int64>(fields[i]));
		input->tts_isnull[i] = false;
	}
	ExecStoreVirtualTuple(input);

	/* A temporary file begun inside the subtransaction of ServerReads must outlive it. */
	const ResourceOwner before = CurrentResourceOwner;

	CurrentResourceOwner = sorter->owner;
	tuplesort_puttupleslot(sorter->state, input);
	CurrentResourceOwner = before;
}

class SortConsumer : public RowConsumer
{
public:
	SortConsumer(Sorter *sorter, const Tally &source, const Tally &target) : sorter_(sorter)
	{
		for (size_t i = 0; i < Tally::kBuckets; i++)
			wanted_[i] = !source.SameBucket(target, i);
		input_ = pg::PgCall(
			[sorter] {
				return MakeSingleTupleTableSlot(sorter->slot->tts_tupleDescriptor, &TTSOpsVirtual);
			});
	}

	void
	SourceRow(const RowDigest &digest, int64_t, sqlite3_stmt *) override
	{
		if (Wanted(digest))
			pg::PgCall([&] { SortRow(sorter_, input_, digest, false); });
	}

	void
	TargetRow(const RowDigest &digest, TupleTableSlot *) override
	{
		if (Wanted(digest))
			SortRow(sorter_, input_, digest, true);
	}

private:
	bool
	Wanted(const RowDigest &digest) const noexcept
	{
		return wanted_[Tally::BucketOf(digest.key)];
	}

	Sorter *sorter_;
	TupleTableSlot *input_;
	std::bitset<Tally::kBuckets> wanted_;
};

/* The rows of one key that found no equal on the other side. */
struct Unmatched
{
	int64 source;
	int64 target;
};

void
Record(Findings *findings, Kind kind, int64 count, const Digest &key)
{
	const int index = static_cast<int>(kind);

	if (count == 0)
		return;
	findings->counts[index] += count;
	if (findings->samples[index] < kSamples)
		findings->keys[index][findings->samples[index]++] = key;
}

void
EndKey(Findings *findings, const Digest &key, const Unmatched &unmatched)
{
	const int64 changed = Min(unmatched.source, unmatched.target);

	Record(findings, Kind::Different, changed, key);
	Record(findings, Kind::Missing, unmatched.source - changed, key);
	Record(findings, Kind::Extra, unmatched.target - changed, key);
}

void
EndRow(Unmatched *unmatched, int64 source, int64 target)
{
	if (source > target)
		unmatched->source += source - target;
	else
		unmatched->target += target - source;
}

Digest
LoadDigest(TupleTableSlot *slot, int at)
{
	Digest digest;

	digest.low = static_cast<uint64>(DatumGetInt64(slot->tts_values[at]));
	digest.high = static_cast<uint64>(DatumGetInt64(slot->tts_values[at + 1]));
	return digest;
}

/* Walks the sorted rows. */
void
Compare(Sorter *sorter, Findings *findings)
{
	Digest key, row;
	Unmatched unmatched = {0, 0};
	int64 sides[2] = {0, 0};
	bool any = false;

	tuplesort_performsort(sorter->state);
	while (tuplesort_gettupleslot(sorter->state, true, false, sorter->slot, nullptr))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(sorter->slot);
		const Digest next_key = LoadDigest(sorter->slot, 0);
		const Digest next_row = LoadDigest(sorter->slot, 2);
		const bool same_key = any && next_key == key;

		if (any && !(same_key && next_row == row))
		{
			EndRow(&unmatched, sides[0], sides[1]);
			sides[0] = sides[1] = 0;
		}
		if (any && !same_key)
		{
			EndKey(findings, key, unmatched);
			unmatched = {0, 0};
		}
		any = true;
		key = next_key;
		row = next_row;
		sides[DatumGetInt64(sorter->slot->tts_values[4]) != 0 ? 1 : 0]++;
	}
	if (any)
	{
		EndRow(&unmatched, sides[0], sides[1]);
		EndKey(findings, key, unmatched);
	}
	ExecDropSingleTupleTableSlot(sorter->slot);
	tuplesort_end(sorter->state);
}

/* One row to be shown.  Arrays have one entry per column of the plan. */
struct Sample
{
	Digest key;
	Kind kind;
	bool has_source = false;
	bool has_target = false;
	int64_t rowid = 0;
	std::vector<Digest> source_digests;
	std::vector<std::optional<std::string>> source_texts;
	Digest *target_digests = nullptr; /* palloc'd */
	char **target_texts = nullptr;    /* palloc'd; null: NULL */
};

/* Fetches what samples show. */
class SampleConsumer : public RowConsumer
{
public:
	SampleConsumer(RowPlan &plan, const Findings &findings)
		: plan_(plan), context_(CurrentMemoryContext)
	{
		for (int kind = 0; kind < kKinds; kind++)
		{
			for (int i = 0; i < findings.samples[kind]; i++)
			{
				Sample sample;

				sample.key = findings.keys[kind][i];
				sample.kind = static_cast<Kind>(kind);
				filter_.set(sample.key.low % filter_.size());
				wanted_[0] += sample.kind == Kind::Extra ? 0 : 1;
				wanted_[1] += sample.kind == Kind::Missing ? 0 : 1;
				samples_.push_back(std::move(sample));
			}
		}
	}

	void
	SourceRow(const RowDigest &digest, int64_t rowid, sqlite3_stmt *row) override
	{
		if (!filter_[digest.key.low % filter_.size()])
			return;
		for (Sample &sample : samples_)
		{
			if (!(sample.key == digest.key) || sample.has_source)
				continue;
			sample.has_source = true;
			wanted_[0] -= sample.kind == Kind::Extra ? 0 : 1;
			sample.rowid = rowid;
			sample.source_texts = SourceTexts(row);
			if (sample.kind == Kind::Different)
				DigestSourceColumns(plan_, row, sample.source_digests);
		}
	}

	void
	TargetRow(const RowDigest &digest, TupleTableSlot *row) override
	{
		if (!filter_[digest.key.low % filter_.size()])
			return;
		for (Sample &sample : samples_)
		{
			if (sample.key == digest.key && !sample.has_target)
				FetchTarget(sample, row);
		}
	}

	bool
	HasEnough(bool target) const noexcept override
	{
		return wanted_[target ? 1 : 0] == 0;
	}

	/* In the order of the source, then of the keys' texts. */
	std::vector<Sample>
	TakeSamples()
	{
		std::sort(samples_.begin(), samples_.end(),
				  [](const Sample &left, const Sample &right)
				  { return SortKey(left) < SortKey(right); });
		return std::move(samples_);
	}

private:
	std::vector<std::optional<std::string>>
	SourceTexts(sqlite3_stmt *row) const
	{
		std::vector<std::optional<std::string>> texts;

		for (size_t i = 0; i < plan_.readings.size(); i++)
		{
			const int column = static_cast<int>(i) + 1;
			const SourceValue value = TakeValue(row, column);

			if (value.storage_class == sqlite::StorageClass::Null)
				texts.emplace_back();
			else if (value.storage_class == sqlite::StorageClass::Blob)
				texts.emplace_back("x'" + HexText({value.bytes, value.size}) + "'");
			else
			{
				const SourceValue text = TakeText(value, row, column);

				texts.emplace_back(std::string(text.bytes == nullptr ? "" : text.bytes, text.size));
			}
		}
		return texts;
	}

	/* Runs inside the executor: nothing here needs a destructor. */
	void
	FetchTarget(Sample &sample, TupleTableSlot *row)
	{
		const size_t count = plan_.readings.size();
		const MemoryContext before = MemoryContextSwitchTo(context_);

		sample.target_digests = static_cast<Digest *>(palloc0(count * sizeof(Digest)));
		sample.target_texts = static_cast<char **>(palloc0(count * sizeof(char *)));
		DigestTargetColumns(plan_, row, sample.target_digests);
		for (size_t i = 0; i < count; i++)
		{
			if (!row->tts_isnull[i])
				sample.target_texts[i] =
					OutputFunctionCall(&plan_.readings[i].output, row->tts_values[i]);
		}
		sample.has_target = true;
		wanted_[1] -= sample.kind == Kind::Missing ? 0 : 1;
		MemoryContextSwitchTo(before);
	}

	static std::pair<int64_t, std::string>
	SortKey(const Sample &sample)
	{
		const bool text =
			!sample.has_source && sample.has_target && sample.target_texts[0] != nullptr;

		return {sample.rowid, text ? sample.target_texts[0] : ""};
	}

	RowPlan &plan_;
	MemoryContext context_;
	int wanted_[2] = {0, 0}; /* samples still to be seen in the source, in the target */
	std::bitset<4096> filter_;
	std::vector<Sample> samples_;
};

bool
ColumnDiffers(const Sample &sample, size_t column)
{
	return sample.has_source && sample.has_target && !sample.source_digests.empty() &&
		   !(sample.source_digests[column] == sample.target_digests[column]);
}

/* The value of column i on the side that the sample has it from. */
std::string
SampleValue(const Sample &sample, size_t column, bool target)
{
	if (target)
		return sample.target_texts[column] == nullptr ? "null"
													  : JsonText(sample.target_texts[column]);
	return sample.source_texts[column] ? JsonText(*sample.source_texts[column]) : "null";
}

void
AddValues(JsonObject &object, const RowPlan &plan, const Sample &sample)
{
	const bool all = sample.kind != Kind::Different;
	JsonObject source, target;

	for (size_t i = static_cast<size_t>(plan.key_count); i < plan.readings.size(); i++)
	{
		if (!all && !ColumnDiffers(sample, i))
			continue;
		if (sample.has_source)
			source.Add(plan.readings[i].source_name, SampleValue(sample, i, false));
		if (sample.has_target)
			target.Add(plan.readings[i].target_name, SampleValue(sample, i, true));
	}
	if (sample.has_source)
		object.Add("source", source.Text());
	if (sample.has_target)
		object.Add("target", target.Text());
}

std::string
SampleObject(const RowPlan &plan, const Sample &sample)
{
	const bool target = !sample.has_source;
	JsonObject object, key;

	for (size_t i = 0; i < static_cast<size_t>(plan.key_count); i++)
		key.Add(plan.readings[i].target_name, SampleValue(sample, i, target));
	if (plan.key_count > 0)
		object.Add("key", key.Text());
	if (plan.has_rowid && sample.has_source && sample.kind != Kind::Extra)
		object.Add("rowid", std::to_string(sample.rowid));
	if (sample.kind == Kind::Different)
	{
		JsonArray columns;

		for (size_t i = 0; i < plan.readings.size(); i++)
		{
			if (ColumnDiffers(sample, i))
				columns.Add(JsonText(plan.readings[i].target_name));
		}
		object.Add("columns", columns.Text());
	}
	if (pg::PgCall([] { return pg::MayShowValues(); }))
		AddValues(object, plan, sample);
	return object.Text();
}

std::string
SampleText(const RowPlan &plan, const std::vector<Sample> &samples)
{
	static const char *const names[kKinds] = {"missing", "extra", "different"};
	JsonObject result;

	for (int kind = 0; kind < kKinds; kind++)
	{
		JsonArray rows;

		for (const Sample &sample : samples)
		{
			const bool found = sample.has_source || sample.has_target;
			const std::string row =
				found && sample.kind == static_cast<Kind>(kind) ? SampleObject(plan, sample) : "{}";

			if (row != "{}")
				rows.Add(row);
		}
		if (!rows.empty())
			result.Add(names[kind], rows.Text());
	}
	return result.Text();
}

} /* namespace */

Difference
FindDifference(pg::Source &source, RowPlan &plan, const Tally &source_tally,
			   const Tally &target_tally)
{
	Findings findings = {};
	Sorter *const sorter = pg::PgCall([] { return MakeSorter(); });
	SortConsumer sort(sorter, source_tally, target_tally);

	ScanSource(source, plan, sort);
	ScanTarget(plan, sort);
	pg::PgCall([sorter, &findings] { Compare(sorter, &findings); });

	SampleConsumer fetch(plan, findings);

	ScanSource(source, plan, fetch);
	ScanTarget(plan, fetch);

	Difference difference;

	difference.missing = findings.counts[static_cast<int>(Kind::Missing)];
	difference.extra = findings.counts[static_cast<int>(Kind::Extra)];
	difference.different = findings.counts[static_cast<int>(Kind::Different)];
	difference.sample = SampleText(plan, fetch.TakeSamples());
	return difference;
}

} /* namespace sqlite_import::verify */
