using Elasticity.Domain.Queues;
using Xunit;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>Pauses of which nobody speaks any more.</summary>
public class HeardPausesTests
{
    private static readonly JobId Job = new("job");
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly HeardPauses _pauses = new();

    [Fact]
    public void A_pause_that_is_said_again_stays()
    {
        _pauses.Hear(Job, isPaused: true, Now);
        _pauses.Hear(Job, isPaused: true, Now + Second);

        Assert.Empty(_pauses.TakeUnheard(Now + Second));
    }

    [Fact]
    public void A_pause_of_which_nobody_speaks_is_told_once()
    {
        _pauses.Hear(Job, isPaused: true, Now);

        Assert.Equal([Job], _pauses.TakeUnheard(Now + Second));
        Assert.Empty(_pauses.TakeUnheard(Now + Second));
    }

    [Fact]
    public void A_job_that_was_resumed_is_not_told()
    {
        _pauses.Hear(Job, isPaused: true, Now);
        _pauses.Hear(Job, isPaused: false, Now);

        Assert.Empty(_pauses.TakeUnheard(Now + Second));
    }
}
