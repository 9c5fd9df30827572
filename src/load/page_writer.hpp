/*
 * page_writer.hpp
 *    Frozen rows of a new heap table, a page at a time.
 *
 * Nobody but this transaction can see such a table, so its pages need no buffer,
 * no lock and no free space map: they are filled in private memory, logged whole
 * and appended to the file, as CREATE INDEX does with an index and VACUUM FULL
 * with a table.  That spares what an insert does for each page (extending the
 * file by zeros, finding a buffer, writing another one to free it) and for each
 * row (a slot, a tuple of its own, a part of a WAL record).
 *
 * All functions are server frames: they may ereport.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

namespace sqlite_import::load
{

struct PageWriter;

/*
 * True if frozen rows of this relation, which may be frozen (see MayFreeze in
 * target.cpp), may be written so: a heap of ours alone in the file system, whose
 * rows no logical decoding has to find in the WAL.
 */
bool MayWritePages(Relation relation);

/* Lives, with its pages, in the current memory context. */
PageWriter *BeginPages(Relation relation, CommandId command);

/*
 * Appends a row: datums and NULL flags of all the relation's attributes, dropped
 * ones NULL.  A value may be toasted, and a row may be refused as too big, as by
 * any insert.  An active snapshot is needed.
 */
void AddRow(PageWriter *writer, const Datum *values, const bool *nulls);

/* Writes what is left, and the visibility map.  Nothing may be added afterwards. */
void EndPages(PageWriter *writer);

} /* namespace sqlite_import::load */
