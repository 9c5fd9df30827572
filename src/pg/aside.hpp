/*
 * aside.hpp
 *    Work on SQLite that may last: done in a thread on a leash while the backend waits.
 *
 * The backend asks for interrupts meanwhile, and runs what the thread asks of it, as
 * the reading of a large object.  When it is interrupted it stops the thread, and after
 * a moment leaves it where it is (sqlite/leash.hpp): the session then refuses SQLite.
 *
 * C++ side.
 */
#pragma once

#include "sqlite/leash.hpp"

#include "pg/guard.hpp"

namespace sqlite_import::pg
{

/* Makes sqlite::aside() do so.  Once, when the module is loaded. */
void StartSettingAside() noexcept;

/* Runs run(argument) in the backend, for the thread that does what was set aside; in the backend
 * itself at once.  False if it was not run, because the backend gives up.  run must not ereport. */
bool AskBackend(void (*run)(void *), void *argument) noexcept;

template <typename F>
bool
AskBackend(F &f) noexcept
{
	return AskBackend([](void *argument) { (*static_cast<F *>(argument))(); }, &f);
}

} /* namespace sqlite_import::pg */
