using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A test that stops its server, and so starts one of its own; skipped where none may or can be
/// started.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrivateServerFactAttribute : FactAttribute
{
    public PrivateServerFactAttribute()
    {
        if (Environment.GetEnvironmentVariable(PostgreSqlFixture.Variable) is null || PrivateServer.Binaries is null)
        {
            Skip = $"Starts a server: set {PostgreSqlFixture.Variable}, and have initdb and pg_ctl in a usual place.";
        }
    }
}
