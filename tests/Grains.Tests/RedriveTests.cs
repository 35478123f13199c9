using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Elasticity.Client;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>A redrive whose answer was lost with its silo. Made again it meets tasks that are not dead-lettered any
/// more.</summary>
public sealed class RedriveTests
{
    [Fact]
    public async Task A_client_that_makes_it_again_says_that_it_is_the_same()
    {
        Front.Asked.Clear();
        await using OrleansElasticity port = new(
            DispatchProxy.Create<IGrainFactory, Factory>(),
            new OrleansClientOptions { StatusInterval = Timeout.InfiniteTimeSpan, RetryPause = TimeSpan.Zero });

        await port.RedriveAsync(new JobId("nightly"), null, null, CancellationToken.None);
        await port.RedriveAsync(new JobId("nightly"), null, null, CancellationToken.None);

        string?[] requests = [.. Front.Asked.Select(r => r.Request)];
        Assert.Equal(3, requests.Length);
        Assert.NotNull(requests[0]);
        Assert.Equal(requests[0], requests[1]);
        Assert.NotEqual(requests[0], requests[2]);
    }

#pragma warning disable CA1852 // DispatchProxy derives from them.
    private class Factory : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Create<IFrontGrain, Front>();
    }

    private class Front : DispatchProxy
    {
        public static ConcurrentQueue<JobCommand.Redrive> Asked { get; } = new();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Asked.Enqueue((JobCommand.Redrive)((ImmutableArray<JobCommand>)args![1]!)[0]);
            return Asked.Count == 1
                ? Task.FromException<JobAnswer>(new TimeoutException("The silo that was asked died."))
                : Task.FromResult(new JobAnswer(
                    null, new SubmitProgress(0, false), false, new Rejection(RejectionCode.JobUnknown, "No.")));
        }
    }
#pragma warning restore CA1852
}
