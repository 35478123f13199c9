using Elasticity.EventStore.PostgreSql.Tests;
using Xunit;

namespace Elasticity.Crash.Tests;

/// <summary>A fact that starts and crashes a PostgreSQL of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlProgramsFactAttribute : FactAttribute
{
    public PostgreSqlProgramsFactAttribute()
    {
        if (PrivateServer.Binaries is null)
        {
            Skip = "Needs the programs of PostgreSQL: initdb and pg_ctl.";
        }
    }
}
