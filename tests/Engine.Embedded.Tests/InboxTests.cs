using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>What waits to be decided is bounded in bytes, whatever they are bytes of.</summary>
public sealed class InboxTests
{
    private const int BytesMax = 1_000;

    private readonly Inbox _inbox = new(countMax: 100, BytesMax);

    [Fact]
    public void Payloads_count() => FillsWith(600, bytes => new CoreInput.ForJob(
        new JobId("a"),
        [new JobCommand.AddTasks(default, 0, [new TaskSpec { Kind = "k", Payload = Bytes(bytes) }])]));

    [Fact]
    public void Results_count() => FillsWith(600, bytes => Settle(new Settlement.Succeeded(Bytes(bytes))));

    [Fact]
    public void Results_of_failures_count() => FillsWith(
        600, bytes => Settle(new Settlement.Failed(new Failure("code", string.Empty, IsFinal: false), Bytes(bytes))));

    [Fact]
    public void Messages_of_failures_count() => FillsWith(
        300,
        length => Settle(
            new Settlement.Failed(new Failure("code", new string('m', length), IsFinal: false), Payload.None)));

    private void FillsWith(int size, Func<int, CoreInput> input)
    {
        Assert.True(_inbox.TryPut(new Call<object> { Input = input(size) }));
        Assert.False(_inbox.TryPut(new Call<object> { Input = input(size) }));
        Assert.True(_inbox.TryPut(new Call<object> { Input = input(1) }));

        Assert.Equal(2, _inbox.TakeAll().Count);
        Assert.True(_inbox.TryPut(new Call<object> { Input = input(size) }));
    }

    private static CoreInput.Settle Settle(Settlement settlement) => new(new SettleRequest(
        new AgentId("agent"),
        new SessionId("session"),
        [new TaskResult(new TaskId(new JobId("a"), 0), 1, settlement)]));

    private static Payload Bytes(int length) => new(new byte[length]);
}
