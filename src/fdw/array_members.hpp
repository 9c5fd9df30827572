/*
 * array_members.hpp
 *    The members of an array, as the list of conditions and the binding of
 *    parameters both take it apart.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace sqlite_import::fdw
{

struct ArrayMembers
{
	Oid type; /* of each member */
	int16 length;
	bool by_value;
	int count;
	Datum *values;
	bool *nulls;
};

/* In the current memory context; values of types by reference lie in the array.  May ereport. */
inline ArrayMembers
MembersOf(ArrayType *array)
{
	ArrayMembers members = {ARR_ELEMTYPE(array), 0, false, 0, nullptr, nullptr};
	char align;

	get_typlenbyvalalign(members.type, &members.length, &members.by_value, &align);
	deconstruct_array(array, members.type, members.length, members.by_value, align, &members.values,
					  &members.nulls, &members.count);
	return members;
}

} /* namespace sqlite_import::fdw */
