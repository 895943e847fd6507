# shellcheck shell=bash
# Sourced: a scratch server on a free port of 127.0.0.1 with data of its own, gone when the script ends.

readonly kStartSecondsMax=60 kStopSecondsMax=30

# instance_start PROGRAM: sets INSTANCE_URL when the server can take an upload.
instance_start() {
  INSTANCE_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/holdfast-sample.XXXXXX")
  trap instance_stop EXIT
  trap 'exit 130' INT TERM
  "$1" serve --single-user --data "$INSTANCE_FOLDER/data" --listen 127.0.0.1:0 \
    >"$INSTANCE_FOLDER/out" 2>"$INSTANCE_FOLDER/log" &
  INSTANCE_PID=$!
  instance_wait_listening
}

instance_wait_listening() {
  local deadline=$((SECONDS + kStartSecondsMax))
  INSTANCE_URL=
  while [ -z "$INSTANCE_URL" ]; do
    kill -0 "$INSTANCE_PID" 2>/dev/null || instance_failed "it ended before it was listening"
    [ "$SECONDS" -lt "$deadline" ] || instance_failed "it was not listening within $kStartSecondsMax s"
    sleep 0.1
    INSTANCE_URL=$(sed -n 's/^listening on \(http:.*\)$/\1/p' "$INSTANCE_FOLDER/out")
  done
}

instance_failed() {
  tail -n 25 "$INSTANCE_FOLDER/out" "$INSTANCE_FOLDER/log" >&2
  die "the scratch server did not work: $1"
}

# instance_stop: asks it to drain, waits, then kills; says so if it ended badly; removes its data.
instance_stop() {
  local status deadline=$((SECONDS + kStopSecondsMax))
  trap - ERR
  set +e  # stopping goes on whatever fails, and the exit status of the script stays
  kill -TERM "$INSTANCE_PID" 2>/dev/null
  while kill -0 "$INSTANCE_PID" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
  kill -KILL "$INSTANCE_PID" 2>/dev/null
  wait "$INSTANCE_PID" 2>/dev/null
  status=$?
  [ "$status" -eq 0 ] || echo "The scratch server ended badly (status $status); please report it." >&2
  rm -rf "$INSTANCE_FOLDER"
}
