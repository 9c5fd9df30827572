/*
 * pushed.cpp
 *    Joins, aggregates and what stands above them.
 */
#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

ForeignScan *
PlanPushed(PlannerInfo *, RelOptInfo *, ForeignPath *, List *, List *, Plan *)
{
	elog(ERROR, "unexpected relation kind");
	pg_unreachable();
}

} /* namespace sqlite_import::fdw */
