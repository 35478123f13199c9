using Elasticity.Engine.Contract;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>The contract with all three silos killed at once half-way.</summary>
public sealed class InMemoryClusterRestartTests(ClusterPool pool) : EngineContract, IClassFixture<ClusterPool>
{
    protected override bool RestartsHalfWay => true;

    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new ClusterHarness(pool, new InMemoryFixture()));
}

/// <summary>The contract with one of the three silos killed half-way, in the middle of something: in half of the
/// scenarios before the store has it, in the others just after.</summary>
public sealed class InMemoryClusterKillTests(ClusterPool pool) : EngineContract, IClassFixture<ClusterPool>
{
    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new ClusterHarness(pool, new InMemoryFixture()));

    protected override void MayDie(string scenario = "") =>
        ((ClusterHarness)Harness).MayDie(SiloDeath.IsAfterIn(scenario, isTurned: false), Ct);
}
