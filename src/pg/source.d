src/pg/source.o: src/pg/source.cpp src/pg/errors.hpp src/pg/guard.hpp \
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
 src/pg/source.hpp src/sqlite/database.hpp \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_authid.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/genbki.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_authid_d.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_foreign_server.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_foreign_server_d.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/commands/defrem.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/objectaddress.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/htup.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/itemptr.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/block.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/off.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/itemid.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/parsenodes.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/bitmapset.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/lockoptions.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/primnodes.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/attnum.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/pg_list.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/value.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/partitioning/partdefs.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/lockdefs.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/relcache.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/tupdesc.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/xlogdefs.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_attribute.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_attribute_d.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/params.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/parser/parse_node.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/queryenvironment.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/dest.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/executor/tuptable.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/htup_details.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/transam.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/tupmacs.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_type_d.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/common/int.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/bufpage.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/item.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/sysattr.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/buf.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/cmdtag.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/cmdtaglist.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/array.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/fmgr.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/expandeddatum.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/foreign/foreign.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/miscadmin.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pgtime.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/acl.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/snapshot.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/lib/pairingheap.h \
 /work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/lib/stringinfo.h \
 src/pg/compat.h
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
src/pg/source.hpp:
src/sqlite/database.hpp:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_authid.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/genbki.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_authid_d.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_foreign_server.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_foreign_server_d.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/commands/defrem.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/objectaddress.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/htup.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/itemptr.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/block.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/off.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/itemid.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/parsenodes.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/bitmapset.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/lockoptions.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/primnodes.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/attnum.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/pg_list.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/value.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/partitioning/partdefs.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/lockdefs.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/relcache.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/tupdesc.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/xlogdefs.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_attribute.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_attribute_d.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/nodes/params.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/parser/parse_node.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/queryenvironment.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/dest.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/executor/tuptable.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/htup_details.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/transam.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/tupmacs.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/catalog/pg_type_d.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/common/int.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/bufpage.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/item.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/access/sysattr.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/storage/buf.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/cmdtag.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/tcop/cmdtaglist.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/array.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/fmgr.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/expandeddatum.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/foreign/foreign.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/miscadmin.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/pgtime.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/acl.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/utils/snapshot.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/datatype/timestamp.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/lib/pairingheap.h:
/work/wt/infra/.quickstart/pg/usr/include/postgresql/15/server/lib/stringinfo.h:
src/pg/compat.h:
