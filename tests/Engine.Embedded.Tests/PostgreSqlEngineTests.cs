using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore.Contract;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>Only with a crash half-way: without one PostgreSQL adds nothing that SQLite does not show.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class PostgreSqlEngineTests : EngineContract
{
    protected override bool RestartsHalfWay => true;

    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new EmbeddedHarness(new PostgreSqlFixture()));
}
