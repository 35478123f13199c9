using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Client.Http;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Crash.Tests;

/// <summary>Clients that submit job after job and remember which of them they were told are accepted.</summary>
internal sealed class Load(Uri server) : IDisposable
{
    public const string Kind = "touch";

    private const int Clients = 4;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private const int TasksPerJob = 20;

    private readonly HttpElasticity _client = new(new HttpElasticityOptions
    {
        Server = server, RetryBudget = TimeSpan.FromMinutes(5),
    });

    private readonly ConcurrentDictionary<JobId, byte> _accepted = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _submitting = Task.CompletedTask;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Jobs that a client was told are accepted.</summary>
    public IReadOnlyCollection<JobId> Accepted => [.. _accepted.Keys];

    public int TaskCount => _accepted.Count * TasksPerJob;

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

    /// <summary>What the server says of itself: whether it does not serve, or serves and is only slow.</summary>
    private async Task<string> StateAsync()
    {
        using HttpClient http = new() { BaseAddress = server };
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

    /// <summary>Submits no more; what is under way is seen through.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _submitting;
    }

    /// <summary>Waits until every accepted job has ended.</summary>
    /// <exception cref="TimeoutException">One did not in time.</exception>
    public async Task EndAsync(TimeSpan patience)
    {
        using CancellationTokenSource late = new(patience);
        foreach (JobId job in Accepted)
        {
            try
            {
                while ((await _client.GetJobAsync(job, null, late.Token)).Value?.State is "open")
                {
                    await Task.Delay(PollInterval, late.Token);
                }
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{job} has not ended {patience} after the last fault.");
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task SubmitAsync(int client)
    {
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            JobId id = new(string.Create(CultureInfo.InvariantCulture, $"job-{client}-{i}"));
            Reply<SubmitReceipt> reply = await _client.SubmitAsync(
                new JobSubmission(id, Header(id), Tasks(i)), CancellationToken.None);
            if (reply.Rejection is not null)
            {
                throw new InvalidOperationException($"{id} was refused: {reply.Rejection}");
            }

            _accepted.TryAdd(id, 0);
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            await Task.Delay(TimeSpan.FromMilliseconds(50)); // A load, not a flood: the agents keep up with it.
        }
    }

    private static JobHeader Header(JobId id) => new(
        id.Value,
        new JobPolicy
        {
            LeaseLength = TimeSpan.FromSeconds(3),
            Retry = new RetryPolicy { AttemptsMax = 20, First = TimeSpan.FromMilliseconds(10) },
        },
        ImmutableSortedDictionary<string, string>.Empty);

    private static TaskSpec[] Tasks(int job) =>
    [
        .. Enumerable.Range(0, TasksPerJob).Select(i => new TaskSpec
        {
            Kind = Kind,
            Payload = Payload.FromJson(string.Create(
                CultureInfo.InvariantCulture, $"{{\"job\":{job},\"index\":{i},\"milliseconds\":{i % 5 * 10}}}")),
            DependsOn = i % 7 == 6 ? [i - 1] : [],
        }),
    ];
}
