# shellcheck shell=bash
# Which projects can be built here: sourced by .ci/run, and by a test with logs of restores.

# solution_after STATUS LOG: says which solution, or which part of it, to run after `dotnet restore Elasticity.Orleans.sln`
# ended with STATUS and wrote LOG. Fails when what went wrong is not that packages of Orleans or of Cassandra are missing.
solution_after() {
  local status=$1 log=$2 errors missing
  if [ "$status" = 0 ]; then echo Elasticity.Orleans.sln; return; fi

  # Where packages are missing, others are taken in versions that do not go together (NU1605): it follows from that.
  errors=$(grep -oE 'error [A-Z]+[0-9]+' "$log" | sort -u || true)
  if [ -z "$errors" ] || grep -qvE '^error NU(110[123]|1605)$' <<<"$errors"; then return 1; fi
  missing=$(grep -oE 'error NU110[123]: Unable to find (a stable )?package [A-Za-z0-9._-]+' "$log" \
    | sed -E 's/.* //; s/\.$//' | sort -uf || true)
  if [ -z "$missing" ]; then return 1; fi

  if ! grep -qviE '^(CassandraCSharpDriver|Microsoft\.Orleans\.Clustering\.Cassandra)$' <<<"$missing"; then
    echo Elasticity.NoCassandra.slnf
  elif ! grep -qviE '^(CassandraCSharpDriver|Microsoft\.Orleans\..+)$' <<<"$missing"; then
    echo Elasticity.Core.slnf
  else
    return 1
  fi
}
