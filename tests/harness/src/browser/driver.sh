# Runs a ChromeDriver until standard input ends, however the process at the other end went.
# The browsers end with it: they are driven over pipes.
"$1" --port=0 </dev/null &
driver=$!
trap 'kill $driver 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
cat >/dev/null
