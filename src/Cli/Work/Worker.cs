using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Work;

/// <summary>
/// An agent over the port: leases tasks, executes them, confirms the leases by heartbeats and settles them, all in
/// batches. While the engine does not serve it goes on executing, and repeats what was not answered.
/// </summary>
internal sealed class Worker : IDisposable
{
    private const int SettleMax = 1_000;

    private static readonly TimeSpan BeatTick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BeatIntervalMax = TimeSpan.FromSeconds(10);

    // Nothing is sent anywhere and nothing is stored, and what was cancelled hears of it by the next heartbeat.
    private static readonly TimeSpan BeatIntervalInProcessMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    private readonly IWork _work;
    private readonly WorkerOptions _options;
    private readonly ITaskHandler _handler;
    private readonly TimeProvider _time;
    private readonly WorkBook _book;
    private readonly Signal _hasRoom = new();
    private readonly Signal _hasFinished = new();
    private readonly CancellationTokenSource _over = new();
    private SessionId _session = NewSession();
    private WorkerException? _failure;

    /// <summary>Makes a worker. <see cref="RunAsync"/> starts it.</summary>
    public Worker(IWork work, WorkerOptions options, ITaskHandler handler, TimeProvider time)
    {
        _work = work;
        _options = options;
        _handler = handler;
        _time = time;
        _book = new WorkBook(options.Slots, options.Ahead);
    }

    /// <summary>Called when the engine begins not to serve, with the code and a sentence, and with nulls when it
    /// serves again.</summary>
    public Action<string?, string?>? OnTrouble { get; init; }

    /// <summary>Tasks that run now.</summary>
    public int Running => _book.Running;

    /// <summary>Results recorded.</summary>
    public long Settled { get; private set; }

    /// <summary>Results that the engine refused, because the lease was over.</summary>
    public long Refused { get; private set; }

    /// <summary>Works until it is told to drain, or by the engine to stop.</summary>
    /// <param name="drain">Take nothing new, give back what is held, end.</param>
    /// <returns>When everything is recorded or given back.</returns>
    /// <exception cref="WorkerException">The engine refuses this worker.</exception>
    public async Task RunAsync(CancellationToken drain)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(drain, _over.Token);
        if (!await RegisterAsync(stop.Token))
        {
            ThrowFailure();
            return;
        }

        using CancellationTokenSource ended = new();
        Task beating = BeatAsync(ended.Token);
        Task settling = SettleAsync(ended.Token);
        await LeaseAsync(stop.Token);
        _book.Drain();
        _hasFinished.Set();
        await UntilEmptyAsync();
        await ended.CancelAsync();
        await Task.WhenAll(beating, settling);
        await CloseAsync();
        ThrowFailure();
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    /// <summary>Trying again would not help: somebody must change a key first.</summary>
    private static bool IsFinal(string code) => code is "unauthorized" or "forbidden" or "host-not-allowed";

    private static SessionId NewSession() => new(Guid.CreateVersion7().ToString("N"));

    /// <returns>False when it was told to stop before the engine answered.</returns>
    private async Task<bool> RegisterAsync(CancellationToken stop)
    {
        AgentOffer offer = new(_options.Kinds, _options.Slots, _options.Labels, _options.IsInProcess);
        Reply<AgentView>? reply = await TryAsync(
            c => _work.RegisterAsync(_options.Agent, _session, offer, c), stop);
        if (reply?.Rejection is { } rejection)
        {
            throw new WorkerException(rejection.Code, rejection.Detail);
        }

        return reply is not null;
    }

    private async Task LeaseAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            int room = Math.Min(_book.Room, LeaseRequest.MaxLimit);
            if (room == 0)
            {
                await QuietlyAsync(_hasRoom.WaitAsync(stop).AsTask());
                continue;
            }

            LeaseRequest request = new(
                _options.Agent, _session, Guid.CreateVersion7().ToString("N"), room, _options.LeaseWait);
            Reply<LeaseGrant>? reply = await TryAsync(c => _work.LeaseAsync(request, c), stop);
            if (reply?.Value is { } grant)
            {
                _book.Add(grant.Tasks);
                Start();
            }
            else if (reply?.Rejection is { } rejection)
            {
                await HeedAsync(request.Session, rejection, stop);
            }
        }
    }

    /// <summary>Fills the free slots.</summary>
    private void Start()
    {
        while (_book.TryStart() is { } held)
        {
            ValueTask<Settlement> execution = ExecuteAsync(held);
            if (execution.IsCompletedSuccessfully)
            {
                Finish(held, execution.Result);
            }
            else
            {
                _ = FinishLaterAsync(held, execution);
            }
        }
    }

    private async ValueTask<Settlement> ExecuteAsync(HeldTask held)
    {
        try
        {
            return await _handler.HandleAsync(held.Task, held.Stopping);
        }
        catch (OperationCanceledException) when (held.Stopping.IsCancellationRequested)
        {
            return new Settlement.GivenBack();
        }
#pragma warning disable CA1031 // whatever a handler throws is a failed attempt of this task, and of no other
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Settlement.Failed(
                new Failure(e.GetType().Name, e.Message, IsFinal: false), Payload.None);
        }
    }

    private async Task FinishLaterAsync(HeldTask held, ValueTask<Settlement> execution)
    {
        Finish(held, await execution);
        Start();
    }

    private void Finish(HeldTask held, Settlement settlement)
    {
        _book.Finish(held, settlement);
        _hasFinished.Set();
    }

    private async Task SettleAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await QuietlyAsync(_hasFinished.WaitAsync(ended).AsTask());
            while (_book.TakeFinished(SettleMax) is { Count: > 0 } finished)
            {
                await RecordAsync(finished, ended);
                _book.Release(finished);
                _hasRoom.Set();
                Start();
            }
        }
    }

    private async Task RecordAsync(IReadOnlyList<HeldTask> finished, CancellationToken ended)
    {
        ImmutableArray<TaskResult> results =
            [.. finished.Select(h => new TaskResult(h.Task.Task, h.Task.Token, h.Settlement!))];
        SettleRequest request = new(_options.Agent, _session, results);
        Reply<SettleAnswer>? reply = await TryAsync(c => _work.SettleAsync(request, c), ended);
        if (reply?.Value is not { } answer)
        {
            return; // Refused as a whole, or out of time: the engine takes the leases back.
        }

        List<TaskResult> tooLarge = [];
        for (int i = 0; i < results.Length; i++)
        {
            Settled += answer.Results[i] is null ? 1 : 0;
            Refused += answer.Results[i] is null ? 0 : 1;
            if (answer.Results[i] is { Code: RejectionCode.LimitExceeded } rejection)
            {
                Failure failure = new("result-too-large", rejection.Detail, IsFinal: true);
                tooLarge.Add(results[i] with { Settlement = new Settlement.Failed(failure, Payload.None) });
            }
        }

        if (tooLarge.Count > 0)
        {
            SettleRequest again = request with { Results = [.. tooLarge] };
            _ = await TryAsync(c => _work.SettleAsync(again, c), ended);
        }
    }

    private async Task BeatAsync(CancellationToken ended)
    {
        long last = _time.GetTimestamp();
        while (!ended.IsCancellationRequested)
        {
            await QuietlyAsync(Task.Delay(BeatTick, _time, ended));
            TimeSpan most = _options.IsInProcess ? BeatIntervalInProcessMax : BeatIntervalMax;
            TimeSpan interval = _book.ShortestLease is { } shortest && shortest / 3 < most ? shortest / 3 : most;
            ImmutableArray<HeldLease> leases;
            if (_time.GetElapsedTime(last) < interval || (leases = _book.Leases()).IsEmpty)
            {
                continue;
            }

            last = _time.GetTimestamp();
            Heartbeat beat = new(_options.Agent, _session, leases);
            Reply<HeartbeatAnswer>? reply = await TryAsync(c => _work.HeartbeatAsync(beat, c), ended);
            if (reply?.Value is { } answer)
            {
                _book.Heed(leases, answer.Leases);
                if (answer.IsDraining)
                {
                    await _over.CancelAsync();
                }
            }
            else if (reply?.Rejection is { } rejection)
            {
                await HeedAsync(beat.Session, rejection, ended);
            }
        }
    }

    /// <summary>Does what a rejection of the session asks for.</summary>
    private async Task HeedAsync(SessionId session, Rejection rejection, CancellationToken stop)
    {
        if (session != _session)
        {
            return; // Heeded already.
        }

        switch (rejection.Code)
        {
            case RejectionCode.AgentDraining:
                await _over.CancelAsync();
                break;
            case RejectionCode.SessionUnknown:
                _book.LoseAll();
                _session = NewSession();
                await RegisterAsync(stop);
                break;
            default:
                _failure = new WorkerException(rejection.Code, rejection.Detail);
                _book.LoseAll();
                await _over.CancelAsync();
                break;
        }
    }

    private void ThrowFailure()
    {
        if (_failure is { } failure)
        {
            throw failure;
        }
    }

    private async Task UntilEmptyAsync()
    {
        long start = _time.GetTimestamp();
        while (!_book.IsEmpty && _time.GetElapsedTime(start) < _options.DrainMax)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time);
        }
    }

    private async Task CloseAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2), _time);
        await TryAsync(c => _work.CloseAsync(_options.Agent, _session, c), limit.Token);
    }

    /// <summary>Asks until there is an answer: everything asked here is idempotent.</summary>
    /// <returns>The answer; null when there was none before the token.</returns>
    private async Task<Reply<T>?> TryAsync<T>(Func<CancellationToken, ValueTask<Reply<T>>> ask, CancellationToken stop)
        where T : class
    {
        TimeSpan delay = RetryFirst;
        bool isTroubled = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Reply<T> reply = await ask(stop);
                if (isTroubled)
                {
                    OnTrouble?.Invoke(null, null);
                }

                return reply;
            }
            catch (EngineUnavailableException e) when (IsFinal(e.Code))
            {
                _failure ??= new WorkerException(e.Code, e.Message);
                await _over.CancelAsync();
                break;
            }
            catch (EngineUnavailableException e)
            {
                isTroubled = true;
                OnTrouble?.Invoke(e.Code, e.Message);
                await QuietlyAsync(Task.Delay(delay, _time, stop));
                delay = delay * 2 < RetryMax ? delay * 2 : RetryMax;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Waits; being told to stop is no exception.</summary>
    private static async Task QuietlyAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
