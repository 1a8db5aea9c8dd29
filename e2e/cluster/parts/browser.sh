# The browser of the end-to-end tests. Playwright's own browsers come from a download site that not every machine reaches;
# Debian's Chromium is a package like any other.

find_browser() {
  local name
  if [ -n "${PTAH_TEST_BROWSER:-}" ]; then
    echo "$PTAH_TEST_BROWSER"
    return
  fi
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    command -v "$name" && return
  done
  return 1
}

ensure_browser() {
  find_browser >/dev/null && return
  say 'Installing Chromium'
  install_packages chromium fonts-liberation
}
