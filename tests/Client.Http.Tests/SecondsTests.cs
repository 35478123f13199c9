using Xunit;

namespace Elasticity.Client.Http.Tests;

/// <summary>Times survive the way there and back.</summary>
public class SecondsTests
{
    [Fact]
    public void Every_time_becomes_itself_again_on_both_sides()
    {
        Random random = new(1);
        for (int i = 0; i < 200_000; i++)
        {
            TimeSpan time = new(random.NextInt64(i % 2 == 0 ? TimeSpan.TicksPerDay * 7 : TimeSpan.TicksPerMinute));
            Assert.Equal(time, TimeSpan.FromSeconds(Seconds.Of(time))); // As the server reads it.
            Assert.Equal(time, Seconds.ToTime(time.TotalSeconds)); // As the server writes it.
        }
    }
}
