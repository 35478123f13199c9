# shellcheck shell=bash
# What failed, behind all that the tests have printed: sourced by .ci/run, and by a test with result files.

# failures_in FILE...: names the tests that failed, each with the first lines of why, from the result files (trx).
failures_in() {
  awk '
    /<UnitTestResult / {
      failed = /outcome="(Failed|Error|Timeout|Aborted)"/
      if (failed && match($0, /testName="[^"]*"/)) { print "ci: FAILED " substr($0, RSTART + 10, RLENGTH - 11) }
    }
    failed && /<Message>/ { lines = 5 }
    lines > 0 {
      line = $0
      ended = sub(/<\/Message>.*/, "", line)
      sub(/^.*<Message>/, "", line)
      print "ci:   " substr(line, 1, 400)
      lines = ended ? 0 : lines - 1
    }
  ' "$@"
}
