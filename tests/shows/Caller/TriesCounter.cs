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

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int port = request.RequestUri!.Port;
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            Current.Value?.Add($"{port}:{(int)response.StatusCode}");
            return response;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Current.Value?.Add($"{port}:{e.GetBaseException().GetType().Name}");
            throw;
        }
    }
}

/// <summary>The requests that a call has sent, and what became of them.</summary>
internal sealed class Tries
{
    private readonly List<string> _ends = [];

    public int Count => _ends.Count;

    /// <summary>Port and end of each, in order.</summary>
    public string Ends => string.Join(',', _ends);

    public void Add(string end) => _ends.Add(end);
}
