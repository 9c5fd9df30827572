/*
 * settings.hpp
 *    The settings (GUCs) of the extension, as the server keeps them.
 */
#pragma once

namespace sqlite_import::pg
{

/* sqlite_import.reader_threads: threads that read SQLite beside the backend; 0: none. */
extern int reader_threads;

/* sqlite_import.show_values: error messages may hold the values they complain about. */
extern bool show_values;

/* Declares all settings.  Called once, when the module is loaded.  May ereport. */
void DefineSettings();

} /* namespace sqlite_import::pg */
