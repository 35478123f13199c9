using Elasticity.Domain.Leases;
using Xunit;

namespace Elasticity.Domain.Tests.Leases;

/// <summary>Leases that a late sweep must not have minded.</summary>
public class ForgottenLeasesTests
{
    private static readonly TaskId Task = new(new JobId("job"), 0);
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);

    private readonly ForgottenLeases _leases = new();

    [Fact]
    public void What_ended_a_moment_ago_is_known_and_the_next_lease_of_the_task_is_another()
    {
        _leases.Add(Task, 1, Now);

        Assert.True(_leases.Contains(Task, 1));
        Assert.False(_leases.Contains(Task, 2));
    }

    [Fact]
    public void What_ended_long_ago_is_not()
    {
        _leases.Add(Task, 1, Now);
        _leases.Add(Task, 2, Now + TimeSpan.FromSeconds(1));
        _leases.Add(Task, 1, Now + TimeSpan.FromSeconds(1));

        _leases.Forget(Now + TimeSpan.FromSeconds(1));

        Assert.False(_leases.Contains(Task, 1));
        Assert.True(_leases.Contains(Task, 2));
    }
}
