# common.sh: what every script of this folder needs; sourced, never run.
#
# Two rules hold everywhere: root's powers are used for packages alone (as_root), and no server that
# runs already is touched: ours live in folders of their own and are reached only through a private
# Unix socket (scripts/server).

top=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")

# the distribution's Python, which sees the distribution's modules; some machines put another first
python=/usr/bin/python3
[ -x "$python" ] || python=python3

# the rooms of src/ that never see the server (CONTRIBUTING.md, The wall)
free_rooms="src/values src/sqlite src/dialect src/plan src/reread"

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "$(basename "$0")" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

# as_root CMD...: runs CMD as root, through sudo where we are somebody else.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        # without a terminal nobody can type a password: fail at once instead of waiting for one
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        die "packages are missing and there is no sudo here" "as root, run: $*"
    fi
}

# pg_major: the PostgreSQL release to work with: PG_MAJOR, or the newest one whose server is
# installed, or the one the distribution offers.
pg_major() {
    local major
    major=${PG_MAJOR:-}
    [ -n "$major" ] || major=$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin/postgres' 2>/dev/null |
        cut -d/ -f5 | sort -n | tail -1)
    [ -n "$major" ] || major=$(apt-cache depends postgresql 2>/dev/null |
        sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | tail -1)
    [ -n "$major" ] || return 1
    printf '%s\n' "$major"
}

# work_dir NAME: where NAME (a server with all its files) may live.  That is $top/.NAME, except
# where root keeps the checkout in a place that user postgres, as whom the server has to run,
# cannot enter: then it is a folder of its own in that user's home.
work_dir() {
    if [ "$(id -u)" -ne 0 ] || runuser -u postgres -- test -x "$top"; then
        printf '%s\n' "$top/.$1"
    else
        printf '%s/sqlite_import-%s/%s\n' "$(getent passwd postgres | cut -d: -f6)" \
            "$(printf %s "$top" | cksum | cut -d' ' -f1)" "$1"
    fi
}

# build_extension PG_CONFIG [MAKE-ARGUMENT...]: builds and installs into the private installation.
build_extension() {
    local pg_config=$1 launcher=
    shift
    [ -n "$pg_config" ] || die "there is no PostgreSQL to build against"
    command -v ccache >/dev/null && launcher="ccache "
    make -s -C "$top" -j"$(nproc)" PG_CONFIG="$pg_config" CC="${launcher}gcc" CXX="${launcher}g++" "$@" &&
        make -s -C "$top" install PG_CONFIG="$pg_config" >/dev/null
}

# in_system ROOT COMMAND: runs COMMAND as root in the system under the folder ROOT, with /proc, /dev and
# shared memory of its own; what is mounted is gone when it ends, however it ends.
in_system() {
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --make-rslave "$0/dev" &&
        mount -t tmpfs -o mode=1777 shm "$0/dev/shm" &&
        exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 CI=true bash -c "$1"' \
        "$1" "$2"
}
