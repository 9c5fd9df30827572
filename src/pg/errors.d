src/pg/errors.o: src/pg/errors.cpp src/pg/errors.hpp src/pg/guard.hpp \
 src/sqlite/error.hpp src/server_free.hpp \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/postgres.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/c.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/postgres_ext.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_ext.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_manual.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_os.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/port.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/elog.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/errcodes.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/palloc.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/memutils.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/memnodes.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/nodes.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/miscadmin.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pgtime.h
src/pg/errors.hpp:
src/pg/guard.hpp:
src/sqlite/error.hpp:
src/server_free.hpp:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/postgres.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/c.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/postgres_ext.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_ext.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_manual.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pg_config_os.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/port.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/elog.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/errcodes.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/palloc.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/memutils.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/memnodes.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/nodes.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/miscadmin.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pgtime.h:
