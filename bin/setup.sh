# Sourced by bin/serve, bin/test and .ci/run: makes .venv, the requirements and the system libraries ready.
# Does only what has changed since the last time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }

find_python() {
  for candidate in "${PYTHON:-}" python3.11 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' 2>/dev/null; then echo "$candidate"; return; fi
  done
  say "Python 3.11 or newer is needed. On Debian: apt-get install python3 python3-venv"; exit 1
}

# need_packages WHY PACKAGE...: Debian packages, installed where we are root, else said.
need_packages() {
  local why=$1; shift
  local missing=()
  if command -v dpkg-query >/dev/null; then
    for package in "$@"; do
      dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
  fi
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing ${missing[*]} ($why) ..."
    { [ -n "$(ls -A /var/lib/apt/lists 2>/dev/null | grep -v -e lock -e partial)" ] || apt-get update -qq; } >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || {
      apt-get update -qq >&2
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    }
  else
    say "Missing ($why). Please have an administrator run: apt-get install ${missing[*]}"
  fi
}

set_up() {
  need_packages "PDF reports in Chinese" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk
  local python; python=$(find_python)
  if [ ! -x .venv/bin/python ]; then
    say "Making the virtual environment ..."
    "$python" -m venv .venv 2>/dev/null || { need_packages "virtual environments" python3-venv; rm -rf .venv; "$python" -m venv .venv; }
  fi
  local wanted; wanted=$(sha256sum requirements.txt | cut -d' ' -f1)
  if [ "$(cat .venv/requirements.sha256 2>/dev/null)" != "$wanted" ]; then
    say "Installing the requirements (a minute or two, once) ..."
    .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
    echo "$wanted" > .venv/requirements.sha256
  fi
  for po in locale/*/LC_MESSAGES/django.po; do
    if [ -f "$po" ] && [ ! "${po%.po}.mo" -nt "$po" ]; then
      say "Compiling the translations ..."; .venv/bin/pybabel --quiet compile -i "$po" -o "${po%.po}.mo"
    fi
  done
}
