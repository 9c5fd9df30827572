/*
 * settings.hpp
 *    The settings (GUCs) of the extension, as the server keeps them, and for whom they count.
 */
#pragma once

namespace sqlite_import::pg
{

/* sqlite_import.reader_threads: threads that read SQLite beside the backend; 0: none. */
extern int reader_threads;

/*
 * sqlite_import.show_values: error messages may hold the values they complain
 * about.  Anybody may set it, so it counts only for those who may read the source
 * themselves: not for the caller of a SECURITY DEFINER function that reads with
 * its owner's rights (MayShowValues), nor for the reader of a view who has no
 * right on the foreign table below it (MayShowValuesOf).  May ereport.
 */
bool MayShowValues();
bool MayShowValuesOf(unsigned int relation);

/* Whether whoever asked for it all, below any SECURITY DEFINER function, may read a table.  May
 * ereport. */
bool MayReadTable(unsigned int relation);

/* sqlite_import.allowed_directories: folders that files may be read from, separated by commas;
 * empty: any. */
extern char *allowed_directories;

/* sqlite_import.sqlite_memory: what SQLite may allocate in a session, in MB; 0: no limit. */
extern int sqlite_memory_mb;

/* Declares all settings.  Called once, when the module is loaded.  May ereport. */
void DefineSettings();

} /* namespace sqlite_import::pg */
