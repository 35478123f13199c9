# shellcheck shell=bash
# What failed, after everything that the tests have printed: sourced by .ci/run, and by a test with result files.

# failures_in FILE...: names the tests that failed, each with the first lines of why, from the result files (trx); and
# what is said of a run that ended before its tests did, as when one hangs.
failures_in() {
  awk '
    function plain(text) {
      gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#xD;/, "", text)
      gsub(/&amp;/, "\\&", text)
      return text
    }
    /<UnitTestResult / {
      failed = /outcome="(Failed|Error|Timeout|Aborted)"/
      if (failed && match($0, /testName="[^"]*"/)) { print "ci: FAILED " plain(substr($0, RSTART + 10, RLENGTH - 11)) }
    }
    /<RunInfo / { failed = /outcome="(Failed|Error|Timeout|Aborted)"/ }
    failed && /<(Message|Text)>/ { lines = 5 }
    lines > 0 {
      line = $0
      ended = sub(/<\/(Message|Text)>.*/, "", line)
      sub(/^.*<(Message|Text)>/, "", line)
      if (line !~ /^\[xUnit\.net /) { print "ci:   " substr(plain(line), 1, 400) } # That was named already.
      lines = ended ? 0 : lines - 1
    }
  ' "$@"
}
