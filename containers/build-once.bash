# Sourced by what builds an image of this clone, each once for each state of what goes in. It needs: podman, the command;
# image, the image's name; a function build, whose output goes into a log.

# Ends the script with the image's name where it is there.
end_if_built() {
    if "$podman" image exists "$image"; then
        echo "$image"
        exit 0
    fi
}

# Waits until no other run of this clone builds. What lies there of an earlier build was killed.
# usage: lock_builds FILE
lock_builds() {
    mkdir -p "$(dirname "$1")"
    exec 9> "$1"
    flock 9
}

# usage: build_into LOG SENTENCE     the sentence says what could not be done
build_into() {
    local status
    # Not `if ! build`: bash ignores `set -e` inside what is tested.
    set +e
    (set -e; build) > "$1" 2>&1 9>&-
    status=$?
    set -e
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$1" >&2
        echo "${0##*/}: $2 All of the output: $1" >&2
        exit 1
    fi
}
