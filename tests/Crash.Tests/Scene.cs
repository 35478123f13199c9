using System.Net;
using System.Net.Sockets;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Tests;
using Elasticity.Simulator.Checks;
using Xunit;

namespace Elasticity.Crash.Tests;

/// <summary>A server, two agents and clients, each in a process or a task of its own, and a hand that kills
/// them.</summary>
internal sealed class Scene : IDisposable
{
    private const string Lost = "task-lost-1";
    private const string Expired = "task-expired-1";
    private const string TooLate = "task-result-refused-1";
    private const int Members = 3;
    private const int KillsPerFreeze = 16;
    private const int TriesMax = 30;
    private const int LongRun = 30; // servers killed
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Until a thing happens that always does, on a machine that does other work.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LatePatience = TimeSpan.FromSeconds(2);

    private readonly string[] _server;
    private readonly string _url = $"http://127.0.0.1:{FreePort()}";
    private readonly Child?[] _children = new Child?[Members];
    private readonly Load _load;

    private readonly Random _chance = new(FreshSeed.Value);

    /// <summary>Prepares it.</summary>
    /// <param name="data">The server's data directory.</param>
    /// <param name="connection">PostgreSQL; null for SQLite.</param>
    public Scene(string data, string? connection)
    {
        _server = connection is null ? ["server", _url, data] : ["server", _url, data, connection];
        _load = new Load(new Uri(_url), FreshSeed.Value);
    }

    /// <summary>How often to kill in all: <c>ELASTICITY_CRASH_KILLS</c>, everybody once at least; a few in an ordinary
    /// build.</summary>
    public static int KillsWanted { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("ELASTICITY_CRASH_KILLS"), out int kills)
            ? Math.Max(kills, Members)
            : 8;

    public int ServerKills { get; private set; }

    public int AgentKills { get; private set; }

    /// <summary>How often an agent stood still until its leases were over.</summary>
    public int Freezes { get; private set; }

    public async Task StartAsync()
    {
        for (int i = 0; i < _children.Length; i++)
        {
            _children[i] = await StartAsync(i);
        }

        _load.Start();
    }

    /// <summary>Waits until one more job is accepted.</summary>
    public Task GoOnAsync() => _load.NextAsync(Patience);

    /// <summary>Waits until one more call is refused because the server cannot serve.</summary>
    /// <param name="code">With this code.</param>
    /// <param name="meanwhile">Done again and again.</param>
    public async Task RefuseAsync(string code, Action? meanwhile = null)
    {
        int before = Refused(code);
        for (DateTime until = DateTime.UtcNow + Patience; Refused(code) == before;)
        {
            Assert.True(
                DateTime.UtcNow < until, $"Nobody was refused with {code}; in the whole run: {_load.Refusals}.");
            meanwhile?.Invoke();
            await Task.Delay(PollInterval);
        }
    }

    /// <summary>How many calls were refused because the server could not serve.</summary>
    /// <param name="code">With this code.</param>
    public int Refused(string code) => _load.Refusals[code];

    /// <summary>Kills as often as is wanted, with an agent standing still now and then, until leases were lost, some
    /// expired, and some results came too late.</summary>
    public async Task TormentAsync()
    {
        for (int i = 0; i < KillsWanted; i++)
        {
            await KillOneAsync();
            if (i % KillsPerFreeze == 0)
            {
                await FreezeOneAsync();
            }
        }

        await UntilSeenAsync(Lost, KillBusyAgentAsync);
        await UntilSeenAsync(Expired, FreezeOneAsync);
        await UntilSeenAsync(TooLate, FreezeOneAsync);
    }

    /// <summary>Kills the server or an agent, and starts it again at once.</summary>
    private async Task KillOneAsync()
    {
        // Everybody once; then the server twice as often as either agent.
        int kills = ServerKills + AgentKills;
        int victim = kills < _children.Length ? kills : _chance.Next(0, 4) % _children.Length;
        if (_chance.Next(2) == 0)
        {
            await GoOnAsync();
        }

        await Task.Delay(_chance.Next(10, 300)); // At any moment of its work, or of its start.
        await KillAsync(victim);
    }

    /// <summary>Kills an agent that holds leases.</summary>
    private async Task KillBusyAgentAsync() => await KillAsync(await StopBusyAgentAsync());

    /// <summary>Stops an agent that holds leases until all of them are over, and lets it go on.</summary>
    private async Task FreezeOneAsync()
    {
        int victim = await StopBusyAgentAsync();
        int late = await _load.Witness.CountAsync(TooLate);
        await UntilAsync("the leases end", async () => await _load.LeasesOfAsync(NameOf(victim)) == 0);
        await _children[victim]!.SignalAsync("CONT");
        Freezes++;

        // What it had just finished was reported before it stopped; then there is nothing to refuse.
        DateTime until = DateTime.UtcNow + LatePatience;
        while (DateTime.UtcNow < until && await _load.Witness.CountAsync(TooLate) == late)
        {
            await Task.Delay(PollInterval);
        }
    }

    private async Task<int> StopBusyAgentAsync()
    {
        int victim = _chance.Next(1, _children.Length);
        await UntilAsync("it holds a lease", async () =>
        {
            await _children[victim]!.SignalAsync("STOP");
            if (await _load.LeasesOfAsync(NameOf(victim)) > 0)
            {
                return true;
            }

            await _children[victim]!.SignalAsync("CONT");
            return false;
        });
        return victim;
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        for (DateTime until = DateTime.UtcNow + Patience; !await isSo(); await Task.Delay(PollInterval))
        {
            Assert.True(DateTime.UtcNow < until, $"An agent was waited for until {what}, for {Patience}.");
        }
    }

    private async Task UntilSeenAsync(string type, Func<Task> again)
    {
        for (int tries = 0; await _load.Witness.CountAsync(type) == 0; tries++)
        {
            Assert.True(tries < TriesMax, $"There is no {type} after {tries} tries.");
            await again();
        }
    }

    private async Task KillAsync(int victim)
    {
        await _children[victim]!.KillAsync();
        _children[victim]!.Dispose();
        (ServerKills, AgentKills) = victim == 0 ? (ServerKills + 1, AgentKills) : (ServerKills, AgentKills + 1);
        _children[victim] = await StartAsync(victim);
    }

    /// <summary>Lets everything end, kills everybody, and reads the log with checkers that share no code with the
    /// engine.</summary>
    /// <returns>One line of counts.</returns>
    public async Task<string> CheckAsync(Func<Task<IEventStore>> open)
    {
        await _load.StopAsync();
        await _load.EndAsync(Patience);
        foreach (Child? child in _children)
        {
            await child!.KillAsync();
        }

        await using IEventStore store = await open();
        LogFacts facts = await LogCheck.VerifyAsync(store, isAtomic: true, CancellationToken.None);
        VerifyReport chain = await LogVerifier.VerifyAsync(store, string.Empty, null, CancellationToken.None);
        Assert.True(chain.IsSound, string.Join('\n', chain.Faults));
        await CheckByTheSimulatorAsync(store);
        Dictionary<string, JobLife> jobs = facts.Jobs.ToDictionary(j => j.Id);
        Dictionary<string, Dictionary<string, TaskLife>> tasks = facts.Tasks.Values
            .GroupBy(t => t.Name.Split('/')[1])
            .ToDictionary(g => g.Key, g => g.ToDictionary(t => t.Name));
        foreach (OrderedJob job in _load.Accepted)
        {
            string id = job.Order.Id.Value;
            job.Check(jobs.GetValueOrDefault(id), tasks.GetValueOrDefault(id) ?? []);
        }

        Assert.Equal(_load.Accepted.Count, jobs.Count);
        Assert.Equal(_load.Accepted.Count * JobOrder.TaskCount, facts.Tasks.Count);
        // In a short run all of the others may have come too late.
        Deed[] due = ServerKills < LongRun ? [Deed.CancelHeld, Deed.Redrive] : Enum.GetValues<Deed>();
        foreach (Deed deed in due.Except([Deed.None, Deed.LetFail]))
        {
            Assert.True(Done(deed) > 0, $"No {deed} was accepted in the whole run.");
        }

        return $"{ServerKills} servers and {AgentKills} agents killed, {Freezes} agents frozen, {jobs.Count} jobs with "
            + $"{facts.Tasks.Count} tasks accepted and as they should be: {Ended("succeeded")} succeeded, "
            + $"{Ended("failed")} failed, {Ended("cancelled")} cancelled; {Done(Deed.CancelHeld)} could end only so, "
            + $"{Done(Deed.Cancel)} others were cancelled in time, {Done(Deed.Pause)} paused, "
            + $"{Done(Deed.Redrive)} redriven; {chain.Events} events, {Count("task-failed-1")} failures, "
            + $"{Count(Lost)} leases lost, {Count(Expired)} expired, {Count(TooLate)} results refused";

        int Ended(string state) => jobs.Values.Count(j => j.State == state);

        int Done(Deed deed) => _load.Accepted.Count(j => j.Order.Deed == deed && j.IsDone);

        int Count(string type) => facts.Tasks.Values.Sum(t => t.Types.GetValueOrDefault(type));
    }

    public void Dispose()
    {
        foreach (Child? child in _children)
        {
            child?.Dispose();
        }

        _load.Dispose();
    }

    /// <summary>The simulator's rules, which share no code with the engine either, read the same log.</summary>
    private static async Task CheckByTheSimulatorAsync(IEventStore store)
    {
        const int PageLength = 1_000;
        List<StoredEvent> events = [];
        LogCursor cursor = LogCursor.Start;
        LogPage page;
        do
        {
            page = await store.ReadLogAsync(cursor, PageLength, withAttachments: true, CancellationToken.None);
            events.AddRange(page.Events);
            cursor = page.Next;
        }
        while (!page.IsEnd);
        Assert.Equal(events.Count, StoredLog.Check(events, isAtomic: true));
    }

    private Task<Child> StartAsync(int number) =>
        Child.StartAsync(number == 0 ? _server : ["agent", _url, NameOf(number)]);

    private static string NameOf(int agent) => $"agent-{agent}";

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
