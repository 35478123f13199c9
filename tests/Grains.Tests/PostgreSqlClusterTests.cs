using Elasticity.Engine.Contract;
using Elasticity.EventStore.Contract;
using Elasticity.Grains.Tests.Support;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>Only with one of the three silos killed half-way: without that PostgreSQL
/// adds nothing that the in-memory store does not show. Each silo has a connection of its own to the shared
/// store. Where the silo dies before the store has it on the in-memory store, it dies after it here, and the other way
/// round.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class PostgreSqlClusterTests(ClusterPool pool) : EngineContract, IClassFixture<ClusterPool>
{
    protected override ValueTask<EngineHarness> CreateHarnessAsync() =>
        ValueTask.FromResult<EngineHarness>(new ClusterHarness(pool, new PostgreSqlFixture(), hasStorePerSilo: true));

    protected override void MayDie(string scenario = "") =>
        ((ClusterHarness)Harness).MayDie(SiloDeath.IsAfterIn(scenario, isTurned: true), Ct);
}
