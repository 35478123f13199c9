using System.Reflection;
using Elasticity.Client;
using Elasticity.Engine;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>The status of the cluster as a client, or a silo for its readiness, knows it.</summary>
public sealed class StatusTests
{
    private static readonly EngineStatus Serving =
        new("serving", true, null, null, TimeSpan.Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>A silo that died made it take long, and fail: that says nothing about the next one.</summary>
    [Fact]
    public async Task A_look_that_failed_after_a_while_is_made_again_soon()
    {
        Front.Looks = 0;
        await using OrleansElasticity port = new(
            DispatchProxy.Create<IGrainFactory, Factory>(),
            new OrleansClientOptions { StatusInterval = TimeSpan.FromMilliseconds(50) });

        using CancellationTokenSource late = new(TimeSpan.FromSeconds(15)); // In proportion it would pause for 38 s.
        while (!port.GetStatus().IsReady)
        {
            await Task.Delay(20, late.Token);
        }

        Assert.Equal(Serving, port.GetStatus());
    }

#pragma warning disable CA1852 // DispatchProxy derives from them.
    private class Factory : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Create<IFrontGrain, Front>();
    }

    private class Front : DispatchProxy
    {
        public static int Looks { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => LookAsync(++Looks);

        private static async Task<ClusterLook> LookAsync(int number)
        {
            if (number == 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(2));
                throw new TimeoutException("The silo that was asked died.");
            }

            return new ClusterLook([], [], [], Serving);
        }
    }
#pragma warning restore CA1852
}
