using Elasticity.Domain;

namespace Elasticity.Client.Http;

/// <summary>How a client behaves. Only <see cref="Server"/> must be set.</summary>
public sealed record HttpElasticityOptions
{
    /// <summary>Where the server is, such as <c>https://elasticity.example.com</c>; a path in it is kept.</summary>
    public required Uri Server { get; init; }

    /// <summary>Further servers of the same cluster, or the standby: asked in turn when the one that was asked cannot
    /// be used. Default: none.</summary>
    public IReadOnlyList<Uri> OtherServers { get; init; } = [];

    /// <summary>The API key, sent as a bearer token. Null for a server without keys, which answers to localhost only.
    /// Default: null.</summary>
    public string? ApiKey { get; init; }

    /// <summary>For how long a call that the server could not be asked, or could not carry out, is tried again; 0 to an
    /// hour; 0 never tries again. Each of several servers is asked once, also when those before took longer. Default:
    /// 10 seconds. All calls are idempotent.</summary>
    public TimeSpan RetryBudget { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the second attempt, half of it random; doubled with each further one. Default: 100
    /// milliseconds.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts. Default: 2 seconds.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without an answer an attempt is given up; a lease request may take its own wait longer.
    /// Default: 60 seconds.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long <see cref="HttpElasticity.WaitForNewsAsync"/> waits. Default: 250 milliseconds.</summary>
    public TimeSpan NewsInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The server's limits, where they are not the default: what is cut into chunks by them, and refused
    /// before it is sent. Default: <see cref="Domain.Limits.Default"/>.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>A job with more bytes of payloads is submitted in chunks instead of in one call. Default: 4
    /// MiB.</summary>
    public int SubmitBytesMax { get; init; } = 4 * 1024 * 1024;
}
