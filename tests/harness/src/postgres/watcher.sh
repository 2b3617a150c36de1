# Keeps one PostgreSQL, by orders on standard input: `start PORT`, `stop`. Answers each with one line.
# Ends when its standard input does, however the process at the other end went, and leaves nothing behind.
#
#   sh watcher.sh BINARIES DIRECTORY
binaries=$1
directory=$2
data=$directory/data

# As a kill would end it: nothing is written out.
stop() { "$binaries/pg_ctl" stop -D "$data" -m immediate -w </dev/null >/dev/null 2>&1; }
end() {
    stop
    cd / && rm -rf "$directory"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
# An answer that nobody reads any more is no reason to end before the data is removed.
trap : PIPE

last_words() { tail -n 5 "$directory/log" | tr '\n' ' '; }

cd "$directory" || exit 1
# Nothing has to outlive the machine. What is committed does outlive the server.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off"
options="$options -c max_connections=300 -c shared_buffers=64MB -c wal_level=minimal -c max_wal_senders=0"
if ! "$binaries/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-locale --no-sync \
    </dev/null >"$directory/log" 2>&1; then
    echo "failed to make a cluster: $(last_words)"
    exit 1
fi
echo made

while read -r order port; do
    case $order in
    start)
        if "$binaries/pg_ctl" start -D "$data" -w -t 60 -l "$directory/log" -o "$options -p $port" \
            </dev/null >/dev/null 2>&1; then
            echo started
        else
            stop
            echo "failed to start on port $port: $(last_words)"
        fi
        ;;
    stop)
        stop
        echo stopped
        ;;
    esac
done
