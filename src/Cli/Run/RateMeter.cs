namespace Elasticity.Cli.Run;

/// <summary>How many tasks end a second, over the last ten seconds.</summary>
/// <param name="time">The clock.</param>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(long At, int Done)> _seen = new();
    private (long At, int Done)? _last;

    /// <summary>Takes note of how many have ended.</summary>
    /// <returns>The rate; null in the first moments.</returns>
    public double? Note(int done)
    {
        long now = time.GetTimestamp();
        if (_last is not { } last || time.GetElapsedTime(last.At, now) >= Step)
        {
            _last = (now, done);
            _seen.Enqueue((now, done));
        }

        while (_seen.Count > 2 && time.GetElapsedTime(_seen.Peek().At, now) > Window)
        {
            _seen.Dequeue();
        }

        (long at, int before) = _seen.Peek();
        TimeSpan elapsed = time.GetElapsedTime(at, now);
        return elapsed >= Step ? (done - before) / elapsed.TotalSeconds : null;
    }
}
