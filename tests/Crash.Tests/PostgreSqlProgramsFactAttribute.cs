using Elasticity.EventStore.PostgreSql.Tests;
using Xunit;

namespace Elasticity.Crash.Tests;

/// <summary>A fact that starts and crashes a PostgreSQL of its own. Skipped where there is none, but not where it
/// decides (<c>CI=true</c>): there it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlProgramsFactAttribute : FactAttribute
{
    public PostgreSqlProgramsFactAttribute()
    {
        bool isDeciding = Environment.GetEnvironmentVariable("CI") == "true";
        if (PrivateServer.Binaries is null && !isDeciding)
        {
            Skip = "Needs the programs of PostgreSQL: initdb and pg_ctl.";
        }
    }
}
