using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>A test that is skipped where no PostgreSQL is to be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    public const string Variable = "ELASTICITY_POSTGRES";

    public PostgreSqlFactAttribute()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Skip = $"{Variable} does not hold an Npgsql connection string.";
        }
    }
}
