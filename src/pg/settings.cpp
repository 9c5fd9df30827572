/*
 * settings.cpp
 *    Declaration of the settings.
 */
#include "pg/settings.hpp"

extern "C" {
#include "postgres.h"
#include "utils/guc.h"
}

namespace sqlite_import::pg
{

int reader_threads = 1;
bool show_values = false;

void
DefineSettings()
{
	DefineCustomIntVariable("sqlite_import.reader_threads",
							"Number of threads that read the SQLite file beside the backend.",
							"Zero reads in the backend itself.", &reader_threads, 1, 0, 8,
							PGC_USERSET, 0, nullptr, nullptr, nullptr);
	DefineCustomBoolVariable("sqlite_import.show_values",
							 "Lets error messages hold values of the source.",
							 "Off by default, because logs are read by more people than the data.",
							 &show_values, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
	MarkGUCPrefixReserved("sqlite_import");
}

} /* namespace sqlite_import::pg */
