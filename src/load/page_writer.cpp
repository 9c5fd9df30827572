/*
 * page_writer.cpp
 *    Forming tuples in place of heap_form_tuple, and pages in place of the buffer
 *    manager.
 *
 * The layout of a tuple is documented (73.6, "Database Page Layout"); what it says of
 * alignment and short varlena headers is what heap_fill_tuple does.  Rows that
 * need more than that (values to be compressed or moved out, expanded objects)
 * go through the server's own functions and join the others on the page.
 *
 * Pages written beside the buffers raise one question: will they reach the disk?
 * A checkpoint that begins after a page was logged, and so promises that redo need
 * not look at that record again, must find the page's file among those to be
 * synced.  Hence a group of pages is logged, written and registered while the
 * start of checkpoints is delayed (storage/proc.h, DELAY_CHKPT_START).
 */
#include "load/page_writer.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "catalog/catalog.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/proc.h"
#include "storage/smgr.h"
#include "utils/memutils.h"
}

#include "pg/compat.h"

namespace sqlite_import::load
{

namespace
{

/* Pages logged by one record and written together; what one record may hold at most. */
constexpr int kPages = 32;
/* File systems and direct I/O like whole memory pages. */
constexpr size_t kPageAlignment = 4096;
/* Heap blocks that one byte of the visibility map stands for. */
constexpr BlockNumber kBlocksPerByte = BITS_PER_BYTE / BITS_PER_HEAPBLOCK;
constexpr BlockNumber kBlocksPerMapPage =
	(BLCKSZ - MAXALIGN(SizeOfPageHeaderData)) * kBlocksPerByte;

/* How an attribute is stored. */
enum class Form : uint8
{
	One, /* by value: its bytes */
	Two,
	Four,
	Eight,
	Fixed, /* by reference */
	Varlena,
	Other /* cstring */
};

struct Attribute
{
	Form form;
	bool packable; /* a short header may take the place of a long one */
	uint8 alignment;
	int16 length;
};

} /* namespace */

struct PageWriter
{
	Relation relation;
	TupleDesc descriptor;
	int width;
	Attribute *attributes;
	TransactionId transaction;
	CommandId command;
	size_t kept_free; /* in each page, by the table's fillfactor */
	char *tuple;      /* room for one that needs no TOAST */
	MemoryContext large_context;
	BlockNumber first_block; /* of the copy */
	BlockNumber next_block;  /* of the first page below */
	int page;                /* that is being filled; it holds a row, or is the first */
	Page pages[kPages];
	int64 rows;
};

namespace
{

uint8
AlignmentOf(char code) noexcept
{
	switch (code)
	{
		case TYPALIGN_CHAR:
			return 1;
		case TYPALIGN_SHORT:
			return ALIGNOF_SHORT;
		case TYPALIGN_INT:
			return ALIGNOF_INT;
		default:
			return ALIGNOF_DOUBLE;
	}
}

Form
FormOf(const FormData_pg_attribute &attribute) noexcept
{
	if (attribute.attlen == -1)
		return Form::Varlena;
	if (attribute.attlen < 0)
		return Form::Other;
	if (!attribute.attbyval)
		return Form::Fixed;
	switch (attribute.attlen)
	{
		case 1:
			return Form::One;
		case 2:
			return Form::Two;
		case 4:
			return Form::Four;
		default:
			return Form::Eight;
	}
}

/* The next place of that alignment; what is skipped becomes zero, as readers of tuples expect. */
char *
Aligned(char *at, size_t alignment) noexcept
{
	memset(at, 0, MAXIMUM_ALIGNOF);
	return reinterpret_cast<char *>(TYPEALIGN(alignment, at));
}

/* Null if it is a value that the server has to look at, or too much for 'room'. */
char *
PutVarlena(const Attribute &attribute, char *at, Datum datum, size_t room) noexcept
{
	char *const value = DatumGetPointer(datum);
	size_t size;

	if (VARATT_IS_SHORT(value))
	{
		size = VARSIZE_SHORT(value);
		if (size > room)
			return nullptr;
		memcpy(at, value, size);
		return at + size;
	}
	if (VARATT_IS_EXTERNAL(value))
		return nullptr;
	if (attribute.packable && VARATT_CAN_MAKE_SHORT(value))
	{
		size = VARATT_CONVERTED_SHORT_SIZE(value);
		if (size > room)
			return nullptr;
		SET_VARSIZE_SHORT(at, size);
		memcpy(at + 1, VARDATA(value), size - 1);
		return at + size;
	}
	size = VARSIZE(value);
	if (size > room)
		return nullptr;
	at = Aligned(at, attribute.alignment);
	memcpy(at, value, size);
	return at + size;
}

char *
PutValue(const Attribute &attribute, char *at, Datum datum, size_t room) noexcept
{
	switch (attribute.form)
	{
		case Form::One:
			*at = static_cast<char>(datum);
			return at + 1;
		case Form::Two:
		{
			const auto value = static_cast<int16>(datum);

			at = Aligned(at, attribute.alignment);
			memcpy(at, &value, sizeof(value));
			return at + sizeof(value);
		}
		case Form::Four:
		{
			const auto value = static_cast<int32>(datum);

			at = Aligned(at, attribute.alignment);
			memcpy(at, &value, sizeof(value));
			return at + sizeof(value);
		}
		case Form::Eight:
			at = Aligned(at, attribute.alignment);
			memcpy(at, &datum, sizeof(datum));
			return at + sizeof(datum);
		case Form::Fixed:
			at = Aligned(at, attribute.alignment);
			memcpy(at, DatumGetPointer(datum), static_cast<size_t>(attribute.length));
			return at + attribute.length;
		case Form::Varlena:
			return PutVarlena(attribute, at, datum, room);
		case Form::Other:
			break;
	}
	return nullptr;
}

/* Everything in a tuple's header but its place. */
void
SetHeader(const PageWriter &writer, HeapTupleHeader header) noexcept
{
	/* heap_form_tuple marks what it makes as a datum */
	header->t_infomask = static_cast<uint16>((header->t_infomask & ~HEAP_XACT_MASK) |
											 HEAP_XMAX_INVALID | HEAP_XMIN_FROZEN);
	header->t_infomask2 = static_cast<uint16>(header->t_infomask2 & ~HEAP2_XACT_MASK);
	HeapTupleHeaderSetXmin(header, writer.transaction);
	HeapTupleHeaderSetCmin(header, writer.command);
	HeapTupleHeaderSetXmax(header, InvalidTransactionId);
}

/* Forms the tuple in writer.tuple.  Its length, or 0 if the server has to form it. */
size_t
FormTuple(const PageWriter &writer, const Datum *values, const bool *nulls) noexcept
{
	const auto width = static_cast<size_t>(writer.width);
	const bool has_nulls = memchr(nulls, true, width) != nullptr;
	const size_t start =
		MAXALIGN(SizeofHeapTupleHeader + (has_nulls ? BITMAPLEN(writer.width) : 0));
	const char *const end = writer.tuple + TOAST_TUPLE_THRESHOLD;
	auto *const header = reinterpret_cast<HeapTupleHeader>(writer.tuple);
	char *at = writer.tuple + start;

	memset(writer.tuple, 0, start);
	for (size_t i = 0; i < width; i++)
	{
		if (has_nulls)
		{
			if (nulls[i])
				continue;
			header->t_bits[i >> 3] |= static_cast<bits8>(1 << (i & 7));
		}
		if (unlikely(at > end))
			return 0;
		at = PutValue(writer.attributes[i], at, values[i], static_cast<size_t>(end - at));
		if (unlikely(at == nullptr))
			return 0;
		if (writer.attributes[i].form == Form::Varlena)
			header->t_infomask |= HEAP_HASVARWIDTH;
	}
	if (unlikely(at > end))
		return 0;
	if (has_nulls)
		header->t_infomask |= HEAP_HASNULL;
	header->t_hoff = static_cast<uint8>(start);
	HeapTupleHeaderSetNatts(header, writer.width);
	SetHeader(writer, header);
	return static_cast<size_t>(at - writer.tuple);
}

void
InitPage(Page page) noexcept
{
	PageInit(page, BLCKSZ, 0);
	PageSetAllVisible(page);
}

/* Logs, writes and registers 'count' pages, the first ones. */
void
WritePages(PageWriter *writer, int count)
{
	SMgrRelation const storage = RelationGetSmgr(writer->relation);
	BlockNumber blocks[kPages];

	for (int i = 0; i < count; i++)
		blocks[i] = writer->next_block + static_cast<BlockNumber>(i);
	if (RelationNeedsWAL(writer->relation))
		log_newpages(smgr_locator(storage), MAIN_FORKNUM, count, blocks, writer->pages, true);
	for (int i = 0; i < count; i++)
	{
		const bool last = i == count - 1 || (blocks[i] + 1) % RELSEG_SIZE == 0;

		PageSetChecksumInplace(writer->pages[i], blocks[i]);
		/* a file of the table is registered by its last page here: once a group is enough */
		smgrextend(storage, MAIN_FORKNUM, blocks[i], writer->pages[i], !last);
	}
}

void
Flush(PageWriter *writer)
{
	/* volatile: it is used after a longjmp may have come back */
	const volatile int count =
		PageIsEmpty(writer->pages[writer->page]) ? writer->page : writer->page + 1;

	if (count == 0)
		return;
	CHECK_FOR_INTERRUPTS();
	MyProc->delayChkptFlags |= DELAY_CHKPT_START;
	PG_TRY();
	{
		WritePages(writer, count);
	}
	PG_FINALLY();
	{
		/* the end of a subtransaction would not take it back */
		MyProc->delayChkptFlags &= ~DELAY_CHKPT_START;
	}
	PG_END_TRY();
	writer->next_block += static_cast<BlockNumber>(count);
	writer->page = 0;
	InitPage(writer->pages[0]);
}

void
NextPage(PageWriter *writer)
{
	if (writer->page + 1 == kPages)
		Flush(writer);
	else
		InitPage(writer->pages[++writer->page]);
}

void
PlaceTuple(PageWriter *writer, const void *tuple, size_t length)
{
	const size_t size = MAXALIGN(length);
	auto *header = reinterpret_cast<PageHeader>(writer->pages[writer->page]);

	if (length > MaxHeapTupleSize)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("row is too big: size %zu, maximum size %zu", length,
							   static_cast<size_t>(MaxHeapTupleSize))));
	if (static_cast<size_t>(header->pd_upper - header->pd_lower) <
			sizeof(ItemIdData) + size + writer->kept_free &&
		header->pd_lower > SizeOfPageHeaderData)
	{
		NextPage(writer);
		header = reinterpret_cast<PageHeader>(writer->pages[writer->page]);
	}
	auto *const page = reinterpret_cast<char *>(header);
	auto *const item = reinterpret_cast<ItemId>(page + header->pd_lower);

	header->pd_lower = static_cast<LocationIndex>(header->pd_lower + sizeof(ItemIdData));
	header->pd_upper = static_cast<LocationIndex>(header->pd_upper - size);
	ItemIdSetNormal(item, header->pd_upper, length);
	memcpy(page + header->pd_upper, tuple, length);
	ItemPointerSet(&reinterpret_cast<HeapTupleHeader>(page + header->pd_upper)->t_ctid,
				   writer->next_block + static_cast<BlockNumber>(writer->page),
				   PageGetMaxOffsetNumber(page));
	writer->rows++;
}

/* A row whose values have to be compressed, moved out or flattened. */
void
AddLargeRow(PageWriter *writer, const Datum *values, const bool *nulls)
{
	MemoryContext const previous = MemoryContextSwitchTo(writer->large_context);
	HeapTuple tuple =
		heap_form_tuple(writer->descriptor, const_cast<Datum *>(values), const_cast<bool *>(nulls));

	CHECK_FOR_INTERRUPTS();
	SetHeader(*writer, tuple->t_data);
	if (HeapTupleHasExternal(tuple) || tuple->t_len > TOAST_TUPLE_THRESHOLD)
		tuple = heap_toast_insert_or_update(writer->relation, tuple, nullptr,
											HEAP_INSERT_SKIP_FSM | HEAP_INSERT_FROZEN);
	PlaceTuple(writer, tuple->t_data, tuple->t_len);
	MemoryContextSwitchTo(previous);
	MemoryContextReset(writer->large_context);
}

/* Marks the blocks [from, to) of one page of the map as all-visible and all-frozen. */
void
MarkVisible(Relation relation, Buffer buffer, BlockNumber from, BlockNumber to)
{
	auto *const map = reinterpret_cast<uint8 *>(PageGetContents(BufferGetPage(buffer)));

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	START_CRIT_SECTION();
	for (BlockNumber block = from; block < to; block++)
	{
		const BlockNumber place = block % kBlocksPerMapPage;

		map[place / kBlocksPerByte] |= static_cast<uint8>(
			VISIBILITYMAP_VALID_BITS << (place % kBlocksPerByte * BITS_PER_HEAPBLOCK));
	}
	MarkBufferDirty(buffer);
	/* what lies between the page's bounds is the map, no hole */
	if (RelationNeedsWAL(relation))
		log_newpage_buffer(buffer, false);
	END_CRIT_SECTION();
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

} /* namespace */

bool
MayWritePages(Relation relation)
{
	return relation->rd_tableam == GetHeapamTableAmRoutine() &&
		   relation->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		   !RelationIsLogicallyLogged(relation);
}

PageWriter *
BeginPages(Relation relation, CommandId command)
{
	const TupleDesc descriptor = RelationGetDescr(relation);
	auto *const writer = static_cast<PageWriter *>(palloc0(sizeof(PageWriter)));
	size_t fixed = 0;

	writer->relation = relation;
	writer->descriptor = descriptor;
	writer->width = descriptor->natts;
	writer->attributes = static_cast<Attribute *>(
		palloc(sizeof(Attribute) * static_cast<size_t>(Max(descriptor->natts, 1))));
	for (int i = 0; i < descriptor->natts; i++)
	{
		const FormData_pg_attribute &attribute = *TupleDescAttr(descriptor, i);

		writer->attributes[i] = {FormOf(attribute), attribute.attstorage != TYPSTORAGE_PLAIN,
								 AlignmentOf(attribute.attalign), attribute.attlen};
		fixed += static_cast<size_t>(Max(attribute.attlen, 0)) + MAXIMUM_ALIGNOF;
	}
	writer->transaction = GetCurrentTransactionId();
	writer->command = command;
	writer->kept_free = RelationGetTargetPageFreeSpace(relation, HEAP_DEFAULT_FILLFACTOR);
	/* one value may go beyond the threshold before that is noticed */
	writer->tuple = static_cast<char *>(palloc(TOAST_TUPLE_THRESHOLD + fixed + MAXALIGN(BLCKSZ)));
	writer->large_context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import row", ALLOCSET_DEFAULT_SIZES);
	writer->first_block = writer->next_block = RelationGetNumberOfBlocks(relation);

	auto *const room = static_cast<char *>(palloc(kPages * BLCKSZ + kPageAlignment));
	for (int i = 0; i < kPages; i++)
		writer->pages[i] = reinterpret_cast<char *>(TYPEALIGN(kPageAlignment, room)) +
						   static_cast<size_t>(i) * BLCKSZ;
	InitPage(writer->pages[0]);
	return writer;
}

void
AddRow(PageWriter *writer, const Datum *values, const bool *nulls)
{
	const size_t length = FormTuple(*writer, values, nulls);

	if (likely(length > 0))
		PlaceTuple(writer, writer->tuple, length);
	else
		AddLargeRow(writer, values, nulls);
}

void
EndPages(PageWriter *writer)
{
	Buffer buffer = InvalidBuffer;

	Flush(writer);
	for (BlockNumber from = writer->first_block; from < writer->next_block;)
	{
		const BlockNumber to =
			Min(writer->next_block, (from / kBlocksPerMapPage + 1) * kBlocksPerMapPage);

		visibilitymap_pin(writer->relation, from, &buffer);
		MarkVisible(writer->relation, buffer, from, to);
		from = to;
	}
	if (BufferIsValid(buffer))
		ReleaseBuffer(buffer);
	pgstat_count_heap_insert(writer->relation, writer->rows);
}

} /* namespace sqlite_import::load */
