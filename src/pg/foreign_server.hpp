/*
 * foreign_server.hpp
 *    From a foreign server of this wrapper to the place of its database.
 *
 * It stands in src/pg, and not with the wrapper, because every function of the
 * extension takes a server's name as its source.
 */
#pragma once

#include <string>

#include "pg/source.hpp"

namespace sqlite_import::pg
{

/*
 * Where the server's database is.  The rights are looked at again each time, and
 * they are the server owner's, as with a view: who may use the server is GRANTed
 * USAGE, who may name a path is a matter of the role that named it, and a role
 * may lose that right.  'writable' asks for pg_write_server_files too.  A large
 * object has to be readable by the current role as well.  C++ frame: throws
 * ReportedError, PgError.
 */
SourceLocation LocationOfServer(Oid server, bool writable);

} /* namespace sqlite_import::pg */
