using Elasticity.Engine.Contract;
using Elasticity.Engine.Embedded.Tests.Support;

namespace Elasticity.Engine.Embedded.Tests;

public class InMemoryEngineTests : EngineContract
{
    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new EmbeddedHarness(new InMemoryFixture()));
}

/// <summary>Every test again, with a crash half-way.</summary>
public sealed class InMemoryEngineRestartTests : InMemoryEngineTests
{
    protected override bool RestartsHalfWay => true;
}
