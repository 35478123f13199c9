using System.Collections.Concurrent;
using Elasticity.Client.Http;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Crash.Tests;

/// <summary>Clients that submit job after job, cancel, pause and redrive them, and remember what they were told is
/// accepted.</summary>
internal sealed class Load : IDisposable
{
    public const string Kind = "touch";

    private const int Clients = 4;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    // Jobs that are to be redriven must fail first, while servers are killed and many other tasks wait.
    private static readonly TimeSpan DeedPatience = TimeSpan.FromMinutes(10);

    private readonly Uri _server;
    private readonly int _seed;
    private readonly Overheard _overheard;
    private readonly HttpClient _http;
    private readonly HttpElasticity _client;
    private readonly ConcurrentDictionary<JobId, OrderedJob> _accepted = [];
    private readonly ConcurrentQueue<Task> _deeds = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _submitting = Task.CompletedTask;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Prepares them.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="seed">Their jobs are drawn from it.</param>
    public Load(Uri server, int seed)
    {
        _server = server;
        _seed = seed;
        _overheard = new Overheard();
        _http = new HttpClient(_overheard) { Timeout = Timeout.InfiniteTimeSpan };
        HttpElasticityOptions options = new() { Server = server, RetryBudget = TimeSpan.FromMinutes(5) };
        _client = new HttpElasticity(options, _http);
        Witness = new Witness(_client);
    }

    /// <summary>Counts what has happened.</summary>
    public Witness Witness { get; }

    /// <summary>What the server could not serve meanwhile.</summary>
    public Overheard Refusals => _overheard;

    /// <summary>Jobs that a client was told are accepted.</summary>
    public IReadOnlyCollection<OrderedJob> Accepted => [.. _accepted.Values];

    public void Start() => _submitting = Task.WhenAll(Enumerable.Range(0, Clients).Select(SubmitAsync));

    /// <summary>Completes when one more job is accepted; fails when the clients fail.</summary>
    /// <exception cref="TimeoutException">None was in time.</exception>
    public async Task NextAsync(TimeSpan patience)
    {
        Task next = Volatile.Read(ref _next).Task;
        try
        {
            await (await Task.WhenAny(next, _submitting).WaitAsync(patience));
        }
        catch (TimeoutException e)
        {
            string state = await StateAsync();
            throw new TimeoutException($"No job was accepted for {patience}, {_accepted.Count} before. {state}", e);
        }
    }

    /// <summary>How many leases an agent holds, as the server knows it.</summary>
    public async Task<int> LeasesOfAsync(string agent) =>
        (await _client.ListAgentsAsync(CancellationToken.None)).Where(a => a.Id.Value == agent).Sum(a => a.LeaseCount);

    /// <summary>What the server says of itself: whether it does not serve, or serves and is only slow.</summary>
    private async Task<string> StateAsync()
    {
        using HttpClient http = new() { BaseAddress = _server };
        try
        {
            using HttpResponseMessage ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return $"/readyz: {(int)ready.StatusCode} {await ready.Content.ReadAsStringAsync()}";
        }
        catch (HttpRequestException e)
        {
            return $"/readyz: {e.Message}";
        }
    }

    /// <summary>Submits no more; what is under way is seen through, also what is to be done to accepted jobs.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _submitting;
        await Task.WhenAll(_deeds);
    }

    /// <summary>Waits until every accepted job has ended.</summary>
    /// <exception cref="TimeoutException">One did not in time.</exception>
    public async Task EndAsync(TimeSpan patience)
    {
        DateTime until = DateTime.UtcNow + patience;
        foreach (OrderedJob job in _accepted.Values)
        {
            await EndAsync(job, until > DateTime.UtcNow ? until - DateTime.UtcNow : TimeSpan.Zero);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
        _overheard.Dispose();
        _stop.Dispose();
    }

    private async Task SubmitAsync(int client)
    {
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            OrderedJob job = new(new JobOrder(_seed, client, i));
            JobId id = job.Order.Id;
            Reply<SubmitReceipt> reply = await _client.SubmitAsync(
                new JobSubmission(id, job.Order.Header, job.Order.Tasks), CancellationToken.None);
            if (reply.Rejection is not null)
            {
                throw new InvalidOperationException($"{id} was refused: {reply.Rejection}");
            }

            _accepted.TryAdd(id, job);
            _deeds.Enqueue(DoAsync(job));
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            await Task.Delay(TimeSpan.FromMilliseconds(150)); // A load, not a flood: the agents keep up with it.
            await ThrowIfAnyFailedAsync();
        }
    }

    /// <summary>Does to a job what was ordered. A call that a kill broke off is made again by the client.</summary>
    private async Task DoAsync(OrderedJob job)
    {
        JobId id = job.Order.Id;
        await Task.Delay(job.Order.After);
        switch (job.Order.Deed)
        {
            case Deed.Cancel or Deed.CancelHeld:
                Reply<JobSummary> reply = await _client.CancelAsync(id, CancellationToken.None);
                job.IsDone = IsAccepted(reply, "cancel");
                job.Answer = reply.Value;
                break;
            case Deed.Pause:
                job.IsDone = IsAccepted(await _client.PauseAsync(id, CancellationToken.None), "pause");
                await Task.Delay(job.Order.For);
                IsAccepted(await _client.ResumeAsync(id, CancellationToken.None), "resume");
                break;
            case Deed.Redrive:
                await EndAsync(job, DeedPatience);
                job.IsDone = IsAccepted(
                    await _client.RedriveAsync(id, null, "again", CancellationToken.None), "redrive");
                break;
        }

        // It may have ended before: then it is refused because of its state, and for no other reason.
        bool IsAccepted(Reply<JobSummary> reply, string what) => reply.Rejection is not { } rejection
            || (rejection.Code == RejectionCode.JobState
                ? false
                : throw new InvalidOperationException($"{what} of {id} was refused: {rejection}"));
    }

    private async Task ThrowIfAnyFailedAsync()
    {
        while (_deeds.TryPeek(out Task? oldest) && oldest.IsCompleted && _deeds.TryDequeue(out Task? done))
        {
            await done;
        }
    }

    private async Task EndAsync(OrderedJob job, TimeSpan patience)
    {
        JobId id = job.Order.Id;
        using CancellationTokenSource late = new(patience);
        try
        {
            while ((job.Told = (await _client.GetJobAsync(id, null, late.Token)).Value)?.IsEnded != true)
            {
                await Task.Delay(PollInterval, late.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{id} has not ended within {patience}. {await StateAsync()}");
        }
    }
}
