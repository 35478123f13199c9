using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded.Tests.Support;

namespace Elasticity.Engine.Embedded.Tests;

public class SqliteEngineTests : EngineContract
{
    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new EmbeddedHarness(new SqliteFixture()));
}

/// <summary>Every test again, with a crash half-way.</summary>
public sealed class SqliteEngineRestartTests : SqliteEngineTests
{
    protected override bool RestartsHalfWay => true;
}
