namespace Elasticity.Caller;

/// <summary>Counts the requests that one call of a client sends.</summary>
internal sealed class TriesCounter : DelegatingHandler
{
    private static readonly AsyncLocal<Tries?> Current = new();

    public TriesCounter()
        : base(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }) // As the client does by itself.
    {
    }

    /// <summary>Begins to count for whoever calls, in what they call.</summary>
    public static Tries Begin() => Current.Value = new Tries();

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Current.Value?.Add();
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>How many requests a call has sent.</summary>
internal sealed class Tries
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}
