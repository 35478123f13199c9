using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Api;

/// <summary>The limits and habits of the HTTP API. Past a limit the caller gets a problem with a stable code, and
/// nothing was done.</summary>
public sealed record ApiOptions
{
    /// <summary>The limits of the domain: payload, tasks per job and so on. Must be those of the engine. Default:
    /// <see cref="Domain.Limits.Default"/>.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>The largest body of <c>POST /v1/jobs</c>, in bytes; beyond it <c>body-too-large</c>: submit in chunks.
    /// 1 to 2,147,483,591. Default: 64 MiB.</summary>
    public int SubmitBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>The largest body of every other request, in bytes; a batch of results must fit. 1 to 2,147,483,591.
    /// Default: 16 MiB.</summary>
    public int BodyBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How much memory all request bodies together may take until they are answered, in bytes; each counts
    /// with four times its length and 512 bytes for each object in it. One that does not fit waits
    /// (<see cref="BodyWait"/>); one that is larger than that is let in alone. A quarter is kept for bodies of at most
    /// 256 KiB. 1 MiB to 1 TiB. Default: 256 MiB, which is 48 MiB of large bodies and 16 MiB of small ones.</summary>
    public long BodyMemoryMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>How long a body waits for memory before it is refused with <c>engine-overloaded</c>; at most 128 small
    /// and 128 large ones wait. More than 0, at most an hour. Default: 10 seconds.</summary>
    public TimeSpan BodyWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The size of a page where none is asked for. Default: 100.</summary>
    public int PageDefault { get; init; } = 100;

    /// <summary>The largest page that can be asked for; 1 to 1,000. Default: 1,000.</summary>
    public int PageMax { get; init; } = 1_000;

    /// <summary>The largest page of tasks with payloads; 1 to 1,000. Default: 100, which is at most 50 MiB.</summary>
    public int PageWithPayloadsMax { get; init; } = 100;

    /// <summary>How many streams of server-sent events may be open at once; beyond it <c>too-many-streams</c>. Default:
    /// 1,000.</summary>
    public int StreamsMax { get; init; } = 1_000;

    /// <summary>The shortest time between two events of a watched job; changes in between are shown as one. Default:
    /// 200 milliseconds.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After how much silence a stream of server-sent events carries a comment, so that dead connections are
    /// noticed. Default: 15 seconds.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the engine may take to answer a small question before <c>/readyz</c> says <c>engine-lag</c>.
    /// Default: 2 seconds.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Asked with every <c>/readyz</c>, status and metrics: why this process does not serve, whatever the
    /// engine says; null, or an answer of null, when it does. Default: null.</summary>
    public Func<Obstacle?>? Obstacle { get; init; }

    /// <summary>Asked with every <c>/readyz</c> and metrics: what this process lacks although it serves, one sentence
    /// for a human; null, or an answer of null, when it lacks nothing. Default: null.</summary>
    public Func<string?>? Warning { get; init; }

    /// <summary>Asked with every metrics, of an engine that is more than this process: puts what this process has
    /// counted into the status, since a sum over processes goes back when one of them ends. Null where the engine is
    /// this process. Default: null.</summary>
    public Func<EngineStatus, EngineStatus>? WithOwnCounts { get; init; }

    /// <summary>How many kinds <c>/metrics</c> names; the others are added up as <c>_other</c>. Default: 100.</summary>
    public int MetricKindsMax { get; init; } = 100;

    /// <summary>The API keys. Null: everybody who reaches the server may do everything, therefore only requests to
    /// <c>localhost</c> are answered; so also while they are <see cref="IApiKeys.IsOpen"/>. Default: null.</summary>
    public IApiKeys? Keys { get; init; }

    /// <summary>How an engine is, in this process.</summary>
    internal EngineStatus StatusOf(IInspection engine) => Obstacle?.Invoke() is { } obstacle
        ? engine.GetStatus() with { IsReady = false, Code = obstacle.Code, Reason = obstacle.Detail }
        : engine.GetStatus();

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message says which and what to do.</exception>
    public void Validate()
    {
        Check(nameof(SubmitBytesMax), SubmitBytesMax, 1, Array.MaxLength);
        Check(nameof(BodyBytesMax), BodyBytesMax, 1, Array.MaxLength);
        Check(nameof(BodyMemoryMax), BodyMemoryMax, 1L << 20, 1L << 40);
        Check(nameof(PageMax), PageMax, 1, 1_000);
        Check(nameof(PageDefault), PageDefault, 1, PageMax);
        Check(nameof(PageWithPayloadsMax), PageWithPayloadsMax, 1, 1_000);
        Check(nameof(StreamsMax), StreamsMax, 0, int.MaxValue);
        Check(nameof(MetricKindsMax), MetricKindsMax, 0, 10_000);
        CheckTime(nameof(BodyWait), BodyWait);
        CheckTime(nameof(WatchInterval), WatchInterval);
        CheckTime(nameof(KeepAlive), KeepAlive);
        CheckTime(nameof(ReadyTimeout), ReadyTimeout);
    }

    private static void Check(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{name} is {min} to {max}, not {value}.");
        }
    }

    private static void CheckTime(string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromHours(1))
        {
            throw new ArgumentException($"{name} is more than 0 and at most an hour, not {value}.");
        }
    }
}
