src/pg/errors.o: src/pg/errors.cpp src/pg/errors.hpp src/pg/guard.hpp \
 src/sqlite/error.hpp src/server_free.hpp \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/postgres.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/c.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/postgres_ext.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_ext.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_manual.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_os.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/port.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/elog.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/errcodes.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/palloc.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/memutils.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/nodes/memnodes.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/nodes/nodes.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/miscadmin.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/datatype/timestamp.h \
 /work/wt/srv/lead/pg/usr/include/postgresql/15/server/pgtime.h
src/pg/errors.hpp:
src/pg/guard.hpp:
src/sqlite/error.hpp:
src/server_free.hpp:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/postgres.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/c.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/postgres_ext.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_ext.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_manual.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/pg_config_os.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/port.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/elog.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/errcodes.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/palloc.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/utils/memutils.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/nodes/memnodes.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/nodes/nodes.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/miscadmin.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/datatype/timestamp.h:
/work/wt/srv/lead/pg/usr/include/postgresql/15/server/pgtime.h:
