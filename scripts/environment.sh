#!/bin/sh
# Makes .venv with the pinned, hashed packages; does nothing when it is current.
# Usage: scripts/environment.sh [dev]   (dev adds the test tools)
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*"; }
stop() { printf 'mesoguide: %s\n' "$*" >&2; exit 1; }
is_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; }
digest() { cat "$@" | cksum | tr ' ' '-'; }

# Python 3.10 as python3.10, in pyenv, or where uv finds it
find_python() {
    for candidate in "$(command -v python3.10 || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10; do
        if [ -n "$candidate" ] && is_310 "$candidate"; then say "$candidate"; return; fi
    done
    if command -v uv >/dev/null 2>&1; then
        candidate=$(uv python find 3.10 2>/dev/null || true)
        if [ -n "$candidate" ] && is_310 "$candidate"; then say "$candidate"; return; fi
    fi
}

# install FILE: uv where it works, being much faster, else pip
install() {
    if .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r "$1"; then return; fi
    say "      uv could not install $1; trying with pip, which takes longer"
    .venv/bin/python -m pip install --quiet --require-hashes -r "$1" ||
        stop "installing $1 failed; the lines above say why. Check the network and run the same command again."
}

base=$(digest requirements.txt requirements-setup.txt .python-version scripts/environment.sh)
if [ "$(cat .venv/.base 2>/dev/null || true)" != "$base" ]; then
    python=$(find_python)
    [ -n "$python" ] || stop "Python 3.10 was not found. Install it so that 'python3.10' runs, or with 'pyenv install 3.10', or with 'uv python install 3.10', and run the same command again."
    free=$(df -Pk . | awk 'NR == 2 {print $4}')
    [ "$free" -gt 4000000 ] || stop "the disk has $((free / 1000)) MB free here and the Python packages need 4000 MB. Make room and run the same command again."
    started=$(date +%s)
    say "[env] Python packages: installing into .venv (about half a minute)"
    rm -rf .venv
    "$python" -m venv .venv || stop "$python could not make a virtual environment. On Debian and Ubuntu install python3.10-venv."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.txt ||
        stop "installing the installer failed; the lines above say why. Check the network and run the same command again."
    install requirements.txt
    .venv/bin/python -m pip --disable-pip-version-check check >/dev/null || stop "the installed packages do not fit together; run '.venv/bin/python -m pip check' to see which."
    say "$base" >.venv/.base
    say "[env] Python packages: done in $(($(date +%s) - started)) s"
fi

if [ "${1:-}" = dev ]; then
    tools=$(digest requirements-dev.txt .venv/.base)
    if [ "$(cat .venv/.dev 2>/dev/null || true)" != "$tools" ]; then
        say "[env] test tools: installing"
        install requirements-dev.txt
        say "$tools" >.venv/.dev
    fi
fi
