# Sourced by ./run and ./test: sets PYTHON to the first Python that is new enough, or ends with one clear line.
for PYTHON in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return 0
    fi
done
FOUND="$(python3 --version 2>/dev/null)" || FOUND=none
echo "Karpusheh needs Python 3.11 or newer; found: $FOUND. Install one and start again." >&2
exit 1
