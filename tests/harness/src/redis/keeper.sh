# Keeps Redis servers, by orders on standard input; answers each with one line.
#
#   start NAME PORT ARGUMENTS…   starts a server in the folder NAME and waits until it answers
#   kill NAME                    ends it as kill -9 does
#   pause NAME, resume NAME      stops and continues its process
#
# Ends when its standard input does, however the process at the other end went, and leaves nothing behind.
#
#   sh keeper.sh SERVER CLI DIRECTORY
server=$1
cli=$2
directory=$3

end() {
    for file in "$directory"/*/pid; do
        [ -f "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null
    done
    cd / && rm -rf "$directory"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
# An answer that nobody reads any more is no reason to end before the data is removed.
trap : PIPE

last_words() { tail -n 3 "$directory/$name/log" | tr '\n' ' '; }

# A server that loads its data answers with an error until it is done.
answers() { [ "$("$cli" -h 127.0.0.1 -p "$1" ping 2>/dev/null)" = PONG ]; }

start() {
    mkdir -p "$directory/$name"
    cd "$directory/$name" || return
    # A sentinel writes its settings back: into a file of its own.
    : >settings
    # The arguments have no spaces of their own.
    # shellcheck disable=SC2086
    "$server" "$directory/$name/settings" $arguments --port "$port" --bind 127.0.0.1 --dir "$directory/$name" --daemonize no \
        </dev/null >>"$directory/$name/log" 2>&1 &
    pid=$!
    echo "$pid" >"$directory/$name/pid"
    until answers "$port"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            echo "failed to start on port $port: $(last_words)"
            return
        fi
        sleep 0.02
    done
    echo started
}

cd "$directory" || exit 1
while read -r order name port arguments; do
    pid=$(cat "$directory/$name/pid" 2>/dev/null)
    case $order in
    start) start ;;
    kill)
        kill -9 "$pid"
        wait "$pid" 2>/dev/null
        echo done
        ;;
    pause) kill -STOP "$pid" && echo done ;;
    resume) kill -CONT "$pid" && echo done ;;
    esac
done
