/*
 * guard.hpp
 *    The only crossings between C++ exceptions and PostgreSQL's ereport.
 *
 * PostgreSQL reports an error by a longjmp, C++ by unwinding; neither may cross
 * a frame of the other.  PgEntry is the body of every extern "C" function: no
 * exception leaves it.  PgCall runs server code from C++: an ereport inside
 * becomes a PgError, which only PgEntry catches.  PgNew ties a C++ object to a
 * memory context, so that abort needs no code.  Measured at about 5 ns each.
 *
 * Catching a PgError and going on is not allowed without a subtransaction.
 *
 * Include after the C++ and server-free headers, which must precede postgres.h.
 */
#pragma once

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "sqlite/error.hpp"
#include "user_error.hpp"

extern "C" {
#include "postgres.h"
#include "utils/memutils.h"
}

namespace sqlite_import::pg
{

/* A PostgreSQL ERROR on its way through C++ frames.  Not a std::exception, lest somebody swallow
 * it. */
class PgError
{
public:
	explicit PgError(ErrorData *edata) noexcept : edata_(edata) {}
	ErrorData *
	edata() const noexcept
	{
		return edata_;
	}

private:
	ErrorData *edata_;
};

/*
 * An error of our own raised in C++ frames, with everything ereport takes.
 * Texts are palloc'd or literals; see errors.hpp for the ways to make one.
 */
struct ReportedError
{
	int sqlstate;
	const char *message;
	const char *detail; /* may be null */
	const char *hint;   /* may be null */
};

/* Reports what SQLite said, by the table in errors.cpp.  ereports, never returns. */
[[noreturn]] void ReportSqliteError(int code, const char *message);

/* Reports an error of ours.  ereports, never returns. */
[[noreturn]] void ReportError(const ReportedError &error);

/* Takes over the parts of a UserError into the current memory context.  Throws bad_alloc. */
ReportedError ReportedFrom(const UserError &error);

/*
 * Runs f, which may ereport, and turns the longjmp into a throw of PgError.
 * Only trivially destructible objects may live inside f.
 */
template <typename F>
auto
PgCall(F &&f) -> decltype(f())
{
	using R = decltype(f());
	static_assert(std::is_void_v<R> || std::is_trivially_copyable_v<R>,
				  "the result must survive a longjmp");
	MemoryContext const context = CurrentMemoryContext;
	sigjmp_buf *const saved_stack = PG_exception_stack;
	ErrorContextCallback *const saved_callbacks = error_context_stack;
	sigjmp_buf local;

	if (sigsetjmp(local, 0) == 0)
	{
		PG_exception_stack = &local;
		if constexpr (std::is_void_v<R>)
		{
			f();
			PG_exception_stack = saved_stack;
			error_context_stack = saved_callbacks;
			return;
		}
		else
		{
			R result = f();
			PG_exception_stack = saved_stack;
			error_context_stack = saved_callbacks;
			return result;
		}
	}
	PG_exception_stack = saved_stack;
	error_context_stack = saved_callbacks;
	MemoryContextSwitchTo(context);
	ErrorData *edata = CopyErrorData(); /* may itself ereport: nothing C++ lives in this frame */
	FlushErrorState();
	throw PgError(edata);
}

/*
 * Runs f, which may throw, as the body of an extern "C" function.  The error is
 * raised only after the handler has ended, so that the exception object is
 * destroyed before the longjmp.
 */
template <typename F>
auto
PgEntry(F &&f) -> decltype(f())
{
	ErrorData *edata = nullptr;
	ReportedError reported = {0, nullptr, nullptr, nullptr};
	int sqlite_code = 0;
	int sqlstate = ERRCODE_INTERNAL_ERROR;
	char message[1024];

	try
	{
		return f();
	}
	catch (const PgError &error)
	{
		edata = error.edata();
	}
	catch (const ReportedError &error)
	{
		reported = error;
	}
	catch (const UserError &error)
	{
		try
		{
			reported = ReportedFrom(error);
		}
		catch (const std::bad_alloc &)
		{
			sqlstate = ERRCODE_OUT_OF_MEMORY;
			strlcpy(message, "out of memory", sizeof(message));
		}
	}
	catch (const sqlite::Error &error)
	{
		sqlite_code = error.code();
		strlcpy(message, error.what(), sizeof(message));
	}
	catch (const std::bad_alloc &)
	{
		sqlstate = ERRCODE_OUT_OF_MEMORY;
		strlcpy(message, "out of memory", sizeof(message));
	}
	catch (const std::exception &error)
	{
		strlcpy(message, error.what(), sizeof(message));
	}
	catch (...)
	{
		strlcpy(message, "unrecognized C++ exception", sizeof(message));
	}
	if (edata != nullptr)
		ReThrowError(edata);
	if (reported.message != nullptr)
		ReportError(reported);
	if (sqlite_code != 0)
		ReportSqliteError(sqlite_code, message);
	ereport(ERROR, (errcode(sqlstate), errmsg_internal("%s", message)));
	pg_unreachable();
}

/*
 * Constructs a T that dies with memory context 'context'.  One allocation holds
 * the object and its callback, so no error can fall between construction and
 * registration.  May throw what T's constructor throws, and bad_alloc.
 */
template <typename T, typename... Args>
T *
PgNew(MemoryContext context, Args &&...args)
{
	struct Owned
	{
		MemoryContextCallback callback;
		alignas(T) unsigned char room[sizeof(T)];
	};
	static_assert(std::is_nothrow_destructible_v<T>);
	static_assert(alignof(Owned) <= MAXIMUM_ALIGNOF);
	auto *owned =
		static_cast<Owned *>(MemoryContextAllocExtended(context, sizeof(Owned), MCXT_ALLOC_NO_OOM));
	if (owned == nullptr)
		throw std::bad_alloc();
	T *object = new (owned->room) T(std::forward<Args>(args)...);
	owned->callback.func = [](void *pointer) { static_cast<T *>(pointer)->~T(); };
	owned->callback.arg = object;
	MemoryContextRegisterResetCallback(context, &owned->callback);
	return object;
}

} /* namespace sqlite_import::pg */
