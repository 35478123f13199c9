using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>What crosses a boundary of a grain arrives as it was sent.</summary>
public sealed class WireTests
{
    private static readonly Type[] Contracts =
    [
        typeof(IAgentGrain), typeof(IFrontGrain), typeof(IJobGrain), typeof(IQueueGrain), typeof(IRegistryGrain),
        typeof(ISupervisorGrain), typeof(ITaskGrain),
    ];

    public static TheoryData<Type> Types => [.. WireTypes.ReachableFrom(Contracts)];

    [Theory]
    [MemberData(nameof(Types))]
    public void It_arrives_as_it_was_sent(Type type)
    {
        object sent = new Samples().Make(type);

        object? arrived = Travel(sent);

        Assert.IsType(sent.GetType(), arrived);
        Assert.Equal(Samples.Describe(sent), Samples.Describe(arrived));
    }

    [Fact]
    public void What_was_thrown_arrives_with_its_code()
    {
        EventStoreException store = Assert.IsType<EventStoreException>(Travel(Thrown(
            new EventStoreException("store-full", "The disk is full.", isTransient: true, isOutcomeUnknown: true))));
        Assert.Equal(("store-full", "The disk is full.", true, true),
            (store.Code, store.Message, store.IsTransient, store.IsOutcomeUnknown));

        EngineUnavailableException engine = Assert.IsType<EngineUnavailableException>(Travel(Thrown(
            new EngineUnavailableException("engine-overloaded", "Its queue is full.", store))));
        Assert.Equal(("engine-overloaded", "Its queue is full."), (engine.Code, engine.Message));
    }

    [Fact]
    public void Every_contract_is_in_the_list() => Assert.Equal(
        typeof(IJobGrain).Assembly.GetExportedTypes().Where(t => t.IsInterface).OrderBy(t => t.Name),
        Contracts.OrderBy(t => t.Name));

    [Fact]
    public void Every_case_of_a_message_and_of_a_command_is_reached() => Assert.Superset(
        new[] { typeof(Message), typeof(JobCommand) }.SelectMany(t => t.GetNestedTypes()).ToHashSet(),
        WireTypes.ReachableFrom(Contracts).ToHashSet());

    [Fact]
    public void Inside_a_silo_it_is_shared_and_not_copied()
    {
        using ServiceProvider services = new ServiceCollection().AddElasticityWire().BuildServiceProvider();
        Letter letter = new(new Message.Withdraw(new JobId("a"), 3), Kinds: ["resize"]);

        Assert.Same(letter, services.GetRequiredService<DeepCopier<Letter>>().Copy(letter));
    }

    private static object? Travel(object sent)
    {
        using ServiceProvider services = new ServiceCollection().AddElasticityWire().BuildServiceProvider();
        Serializer<object> serializer = services.GetRequiredService<Serializer<object>>();
        return serializer.Deserialize(serializer.SerializeToArray(sent));
    }

    private static Exception Thrown(Exception exception) => Assert.ThrowsAny<Exception>(void () => throw exception);
}
