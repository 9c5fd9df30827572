# PostgreSQL's official image with sqlite_import in it.
#
#   docker build -t postgres-sqlite-import .                          (PostgreSQL 17)
#   docker build -t postgres-sqlite-import --build-arg PG_MAJOR=15 .
#   docker run --name pg -e POSTGRES_PASSWORD=secret -v /srv/app:/srv/app:ro -d postgres-sqlite-import
#   docker exec -it pg psql -U postgres -c 'CREATE EXTENSION sqlite_import' \
#       -c "SELECT * FROM sqlite_import.migrate('/srv/app/app.db')"
#
# The second stage holds the extension's files alone: an operator that mounts extensions as image
# volumes (CloudNativePG on PostgreSQL 18, with extension_control_path and dynamic_library_path) takes
# them from there: docker build --target files -t sqlite-import-files --build-arg PG_MAJOR=18 .
ARG PG_MAJOR=17
FROM postgres:${PG_MAJOR}-bookworm AS build
ARG PG_MAJOR
RUN apt-get update && apt-get install -y --no-install-recommends \
        g++ make pkg-config libsqlite3-dev postgresql-server-dev-${PG_MAJOR} \
    && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN make -C /src clean && make -C /src -j"$(nproc)" && make -C /src install DESTDIR=/out

FROM scratch AS files
ARG PG_MAJOR
COPY --from=build /out/usr/lib/postgresql/${PG_MAJOR}/lib/ /lib/
COPY --from=build /out/usr/share/postgresql/${PG_MAJOR}/extension/ /share/extension/

FROM postgres:${PG_MAJOR}-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /
