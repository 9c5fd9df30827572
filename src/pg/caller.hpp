/*
 * caller.hpp
 *    Whose word it is: the current role's, or that of somebody whom it lends its rights.
 *
 * In a SECURITY DEFINER function the current role is the function's owner, and
 * what comes from outside, a setting or an argument that is handed on, is its
 * caller's.  The caller's word is the owner's only if the caller may act for the
 * owner anyway.  Elsewhere the two are one.
 *
 * pg functions: they may ereport.
 */
#pragma once

extern "C" {
#include "postgres.h"
}

namespace sqlite_import::pg
{

/* Whether the caller has all rights of the current role. */
bool CallerMayActForCurrentRole();

/* Whether whoever made a type may have its functions run as the current role: that role itself, or
 * a superuser. */
bool IsTrustedType(Oid type);

/* A role to come back to. */
struct RoleBefore
{
	Oid user;
	int context;
};

/* The caller, in a restricted operation, from here to BeRole(); an error undoes it too. */
RoleBefore BeCaller();
void BeRole(const RoleBefore &before) noexcept;

} /* namespace sqlite_import::pg */
