/*
 * source_kinds.hpp
 *    The kinds of source, for source.cpp only.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sqlite/file_facts.hpp"

#include "pg/source.hpp"

namespace sqlite_import::pg
{

/* Opens a file in place.  Throws sqlite::Error, ReportedError, PgError. */
std::unique_ptr<Source> OpenFileSource(const SourceLocation &location, const SourceUse &use);

/* Opens a large object with the current user's rights.  Throws the same. */
std::unique_ptr<Source> OpenLargeObjectSource(const SourceLocation &location, const SourceUse &use);

/*
 * Refuses what is not a whole SQLite 3 database, with the reason and the way
 * out.  `what` names the source: SQLite file "…", large object ….  May be
 * incomplete only if files beside it complete it.  Throws ReportedError.
 */
void CheckHeader(const sqlite::HeaderFacts &header, int64_t size, const std::string &what,
				 bool may_be_incomplete);

/* What every connection to a source has in common. */
sqlite::OpenOptions CommonOptions(const SourceLocation &location, const SourceUse &use);

} /* namespace sqlite_import::pg */
