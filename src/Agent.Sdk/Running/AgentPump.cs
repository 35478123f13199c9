using System.Threading.Channels;
using Elasticity.Agent.Sdk.Core;
using Microsoft.Extensions.Logging;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Lives the life of one core: hears what happens, steps it, and does what it says. Everything about the core
/// happens in one loop; calls and handlers run beside it.</summary>
internal sealed class AgentPump : IDisposable
{
    /// <summary>A step hears no more than this at once, so that it stays short.</summary>
    private const int InputsMax = 4_096;

    private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(10);
    private static readonly object Tick = new();

    private readonly AgentCore _core;
    private readonly IAgentCalls _calls;
    private readonly HandlerHost _host;
    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly List<AgentInput> _inputs = [];
    private readonly Dictionary<long, CancellationTokenSource> _underWay = [];

    // Bounded by what it is about: calls, slots, and one progress report for each slot.
    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>(
        new UnboundedChannelOptions { SingleReader = true });

    private TimeSpan? _timerAt;

    public AgentPump(AgentCore core, IAgentCalls calls, HandlerHost host, AgentOptions options, TimeProvider time)
    {
        _core = core;
        _calls = calls;
        _host = host;
        _options = options;
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(
            static inbox => ((ChannelWriter<object>)inbox!).TryWrite(Tick),
            _inbox.Writer,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Says that something happened. Safe for concurrent use; too late, it changes nothing.</summary>
    public void Post(AgentInput input) => _inbox.Writer.TryWrite(input);

    /// <summary>Says that an execution has something to say.</summary>
    public void PostProgress(Execution execution) => _inbox.Writer.TryWrite(execution);

    /// <summary>Runs until the agent is over.</summary>
    /// <returns>Why it is.</returns>
    public async Task<AgentEnd> RunAsync()
    {
        while (true)
        {
            TakeInputs();
            AgentOutput output = _core.Step(Now(), _inputs);
            Do(output);
            if (output.End is { } end)
            {
                return end;
            }

            if (!_inbox.Reader.TryPeek(out _))
            {
                SetTimer(output.WakeAt);
                await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void TakeInputs()
    {
        _inputs.Clear();
        while (_inputs.Count < InputsMax && _inbox.Reader.TryRead(out object? item))
        {
            switch (item)
            {
                case AgentInput input:
                    Take(input);
                    break;
                case Execution execution when execution.TakeProgress() is { } text:
                    _inputs.Add(new AgentInput.Progressed(execution.Lease, text));
                    break;
                default:
                    _timerAt = null; // The timer has fired.
                    break;
            }
        }
    }

    private void Take(AgentInput input)
    {
        switch (input)
        {
            case AgentInput.Answered answered when _underWay.Remove(answered.Call, out CancellationTokenSource? abort):
                abort.Dispose();
                break;
            case AgentInput.Finished finished when finished.Lease.Execution is { } execution:
                finished.Lease.Execution = null;
                execution.Dispose();
                break;
            case AgentInput.Drain:
                AgentLog.Drains(_host.Logger, _core.RunningCount, _options.DrainTimeout.TotalSeconds);
                break;
        }

        _inputs.Add(input);
    }

    private void Do(AgentOutput output)
    {
        foreach (AgentLease lease in output.Starts)
        {
            Execution execution = new(this, _host, lease);
            lease.Execution = execution;
            execution.Start();
        }

        foreach (AgentLease lease in output.Stops)
        {
            lease.Execution?.Stop(lease.StopReason);
        }

        foreach (long call in output.Aborts)
        {
            _ = AbortAsync(call);
        }

        foreach (AgentCall call in output.Calls)
        {
            CancellationTokenSource abort = new();
            _underWay.Add(call.Id, abort);
            _ = Task.Run(() => SendAsync(call, abort.Token));
        }

        foreach (AgentNotice notice in output.Notices)
        {
            AgentDiagnostics.Count(notice.Kind);
            Say(notice);
        }
    }

    private async Task SendAsync(AgentCall call, CancellationToken abort)
    {
        AgentAnswer answer;
        try
        {
            abort.ThrowIfCancellationRequested();
            answer = await _calls.SendAsync(call, abort).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever goes wrong on the way, the core hears that no answer came
        catch (Exception exception)
#pragma warning restore CA1031
        {
            answer = new AgentAnswer.Lost(exception.GetBaseException().Message);
        }

        Post(new AgentInput.Answered(call.Id, answer));
    }

    private async Task AbortAsync(long call)
    {
        if (_underWay.Remove(call, out CancellationTokenSource? abort))
        {
            using (abort)
            {
                await abort.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private void SetTimer(TimeSpan? wakeAt)
    {
        if (wakeAt is not { } at || _timerAt <= at)
        {
            return; // It fires early enough, and a step too many does no harm.
        }

        _timerAt = at;
        TimeSpan now;
        do
        {
            // Timers count whole milliseconds and would round down, which makes the last one a busy loop.
            now = Now();
            double milliseconds = Math.Clamp(Math.Ceiling((at - now).TotalMilliseconds), 0, int.MaxValue);
            _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
        }
        while (Now() - now > TimerTolerance); // Frozen in between: the timer would be late by as much.
    }

    private TimeSpan Now() => _time.GetElapsedTime(_start);

    private void Say(AgentNotice notice)
    {
        ILogger log = _host.Logger;
        if (notice.Lease?.Document is { } task)
        {
            switch (notice.Kind)
            {
                case AgentEventKind.LeaseTaken:
                    AgentLog.LeaseTaken(log, task.Kind, task.Job, task.Index, task.Token);
                    break;
                case AgentEventKind.LeaseUnconfirmed:
                    AgentLog.LeaseUnconfirmed(log, task.Kind, task.Job, task.Index, task.Token);
                    break;
                case AgentEventKind.ResultRefused:
                    AgentLog.ResultRefused(log, task.Kind, task.Job, task.Index, task.Token, notice.Text);
                    break;
                case AgentEventKind.PrefetchGivenBack:
                    AgentLog.PrefetchGivenBack(log, task.Kind, task.Job, task.Index);
                    break;
                case AgentEventKind.HandlerIgnoresStop:
                    AgentLog.HandlerIgnoresStop(log, task.Kind, task.Job, task.Index);
                    break;
            }

            return;
        }

        switch (notice.Kind)
        {
            case AgentEventKind.Registered:
                AgentLog.Registered(
                    log, _host.AgentId, string.Join(", ", _host.Handlers.Kinds), _options.Slots, notice.Text);
                break;
            case AgentEventKind.Disconnected:
                AgentLog.Disconnected(log, notice.Text);
                break;
            case AgentEventKind.Reconnected:
                AgentLog.Reconnected(log);
                break;
            case AgentEventKind.SessionLost:
                AgentLog.SessionLost(log, notice.Text);
                break;
            case AgentEventKind.DrainRequested:
                AgentLog.DrainRequested(log);
                break;
            default:
                AgentLog.CallRefused(log, notice.Text);
                break;
        }
    }
}
