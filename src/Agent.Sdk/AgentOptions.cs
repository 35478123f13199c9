using System.Text.Json;

namespace Elasticity.Agent.Sdk;

/// <summary>How an agent runs. Only <see cref="Server"/> must be set.</summary>
public sealed class AgentOptions
{
    /// <summary>Where the server is, such as <c>https://elasticity.example.com</c>; a path in it is kept. No
    /// default.</summary>
    public Uri? Server { get; set; }

    /// <summary>Further servers of the same cluster, or the standby: asked in turn when the one that was asked cannot
    /// be used. Default: none.</summary>
    public IList<Uri> OtherServers { get; } = [];

    /// <summary>The API key, sent as a bearer token; it needs the role <c>work</c>. Null for a server without keys,
    /// which answers to localhost only. Default: null.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// The agent's id, 1 to 128 of <c>[A-Za-z0-9._-]</c>: stable over its restarts, and one for each process. A process
    /// that registers an id takes it over, and the other one stops. Default: the names of the machine and of the
    /// program, which suits one process of a kind on a machine, and pods.
    /// </summary>
    public string AgentId { get; set; } = AgentNames.Default;

    /// <summary>How many handlers run at once; 1 to 4,000. Default: the number of processors. Handlers that mostly wait
    /// for a network or a disk want more.</summary>
    public int Slots { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// The most tasks leased ahead of free slots; 0 to 4,000; 0 turns it off. Default: 500. How many are leased ahead
    /// is measured: as many as the slots work off while two calls to the server come and go. So slow tasks are not
    /// leased ahead at all, and a slow network does not leave fast slots idle. A task that waited for a slot for a
    /// third of its lease is given back.
    /// </summary>
    public int PrefetchMax { get; set; } = 500;

    /// <summary>The most calls with results under way at once; 1 to 16. Default: 2. While all are under way, results
    /// gather for the next.</summary>
    public int CallsMax { get; set; } = 2;

    /// <summary>For people, shown with the agent; at most 32 of at most 256 characters. Default: none.</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How long the server may keep a request for tasks waiting until there are some; 1 to 60 seconds.
    /// Default: 20 seconds. It is never more than half of the shortest lease seen.</summary>
    public TimeSpan LongPoll { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>After how long without an answer a call is given up and repeated; 100 milliseconds to 10 minutes.
    /// Default: 30 seconds. A heartbeat waits no longer than a third of the shortest lease held.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait after a failed call, half of it random; doubled with each further failure. 1 millisecond to
    /// <see cref="BackoffMax"/>. Default: 100 milliseconds.</summary>
    public TimeSpan BackoffFirst { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait after a failed call; up to 10 minutes. Default: 5 seconds. A heartbeat waits no longer
    /// than an eighth of the shortest lease held.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time between two heartbeats that are sent for the sake of progress; 10 milliseconds to an
    /// hour. Default: 1 second.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long handlers may go on once the process is asked to stop, before they are cancelled and their
    /// tasks given back; 0 to 24 hours. Default: 20 seconds. The host's own shutdown timeout, 30 seconds by default,
    /// must be longer: when it is over, everything is given back at once.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a handler cancelled while draining may take to end, before its task is given back without it;
    /// 0 to an hour. Default: 5 seconds.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the last calls may take: results, and the end of the session; 0 to an hour. Default: 5
    /// seconds.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a handler is asked to stop when no heartbeat was confirmed for as long as its lease lasts. The
    /// server may have given the task to another agent then, or may merely be away. Default: false: the handler goes on
    /// until the server says that the lease is over, and a server that was away, or frozen, costs no work. True suits
    /// handlers whose effects cannot be fenced with <see cref="TaskContext.Token"/>: as long as clocks run at the same
    /// speed and no process is frozen, no two of them are at the same task.</summary>
    public bool StopsWhenUnconfirmed { get; set; }

    /// <summary>Whether a second SIGINT or SIGTERM gives everything back at once. Default: true.</summary>
    public bool HandlesSecondSignal { get; set; } = true;

    /// <summary>How payloads are read and results written, where a handler does not bring its own. Default:
    /// <see cref="JsonSerializerOptions.Web"/>.</summary>
    public JsonSerializerOptions Json { get; set; } = JsonSerializerOptions.Web;
}
