using Elasticity.EventStore.Contract;

namespace Elasticity.EventStore.PostgreSql.Tests;

[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class PostgreSqlEventStoreTests : EventStoreContract
{
    protected override ValueTask<IStoreFixture> CreateFixtureAsync() =>
        ValueTask.FromResult<IStoreFixture>(new PostgreSqlFixture());
}
