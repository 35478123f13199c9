using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine.Embedded.Core;

public sealed partial class EngineCore
{
    /// <summary>The most leases that one step gives, so that a step stays short; the next step goes on at
    /// once.</summary>
    private const int GrantsPerStep = 2_000;

    private readonly LinkedList<WaitingLease> _waiting = new();
    private readonly Dictionary<(Holder, string), LinkedListNode<WaitingLease>> _waitingByRequest = [];
    private bool _isDispatchCut;

    private void TakeLease(CoreInput.Lease input)
    {
        LeaseRequest request = input.Request;
        WithAgent(request.Agent, agent =>
        {
            if (agent.State.IsLive(request.Session))
            {
                agent.SeenAt = _now.Monotonic; // Also when too many wait: whoever asks is there.
            }

            if (Problem(agent, request) is { } problem)
            {
                _batch.Answer(input.Caller, (Reply<LeaseGrant>)problem);
                return;
            }

            Await(new WaitingLease(request, input.Caller, input.Metadata, _now.Monotonic + request.Wait));
        });
    }

    private Rejection? Problem(LiveAgent agent, LeaseRequest request) => request.Problem()
        ?? (_waiting.Count >= _options.WaitingRequestsMax
            ? new Rejection(
                RejectionCode.LimitExceeded, $"{_options.WaitingRequestsMax} lease requests wait already.")
            : request.Problem(agent.State));

    private void Await(WaitingLease waiting)
    {
        LeaseRequest request = waiting.Request;
        if (_waitingByRequest.Remove((request.Holder, request.RequestId), out LinkedListNode<WaitingLease>? older))
        {
            _waiting.Remove(older); // The same request again, its caller gave up.
            Answer(older.Value, []);
        }

        ImmutableArray<WatchedLease> given =
            _leases.OfRequest(request.Holder, request.RequestId, request.Max);
        if (!given.IsEmpty)
        {
            GiveAgain(waiting, given, []);
            return;
        }

        _waitingByRequest.Add((request.Holder, request.RequestId), _waiting.AddLast(waiting));
    }

    /// <summary>The answer to this request was lost: the same leases once more, with their payloads.</summary>
    /// <param name="waiting">The request.</param>
    /// <param name="given">Its leases when it was repeated.</param>
    /// <param name="found">What was found of them so far: kept, because loading one may push another out.</param>
    private void GiveAgain(WaitingLease waiting, ImmutableArray<WatchedLease> given, List<TaskSpec?> found)
    {
        while (found.Count < given.Length)
        {
            TaskId id = given[found.Count].Task;
            TaskSpec? spec = null;
            if (_jobs.TryGetValue(id.Job, out LiveJob? job) && (spec = SpecOf(job, id.Index)) is null)
            {
                WhenLoaded(ChunkLoad(job, id.Index), () => GiveAgain(waiting, given, found));
                return;
            }

            found.Add(spec);
        }

        ImmutableArray<LeasedTask>.Builder tasks = ImmutableArray.CreateBuilder<LeasedTask>();
        for (int i = 0; i < given.Length; i++)
        {
            // It may have ended, or gone to somebody else, while a chunk was being loaded.
            if (found[i] is { } spec && _tasks.TryGetValue(given[i].Task, out LiveTask? task)
                && task.State.Lease?.Token == given[i].Lease.Token)
            {
                tasks.Add(Leased(task, spec));
            }
        }

        Answer(waiting, tasks.DrainToImmutable());
    }

    private void Abandon(object caller)
    {
        for (LinkedListNode<WaitingLease>? node = _waiting.First; node is not null; node = node.Next)
        {
            if (ReferenceEquals(node.Value.Caller, caller))
            {
                Remove(node);
                return;
            }
        }
    }

    /// <summary>Makes ready what is due and gives it to those who wait, in the order in which they came.</summary>
    private void Dispatch()
    {
        foreach (KindQueue queue in _queues.Values)
        {
            queue.Ready.Advance(_now.Utc);
        }

        int budget = GrantsPerStep;
        for (LinkedListNode<WaitingLease>? node = _waiting.First, next; node is not null && budget > 0; node = next)
        {
            next = node.Next;
            budget -= Serve(node, budget);
        }

        _metadata = default;
        _isDispatchCut = budget <= 0;
    }

    /// <returns>How many leases were given.</returns>
    private int Serve(LinkedListNode<WaitingLease> node, int budget)
    {
        WaitingLease waiting = node.Value;
        LeaseRequest request = waiting.Request;
        AgentState agent = _agents.TryGetValue(request.Agent, out LiveAgent? live) ? live.State : AgentState.None;
        if (AgentDecider.WhyNotLease(request.Agent, agent, request.Session) is { } rejection)
        {
            Remove(node);
            Refuse(waiting, rejection);
            return 0;
        }

        live!.SeenAt = _now.Monotonic; // Its caller is still there, or would have abandoned it.
        int room = _options.Limits.LeasesPerSessionMax - _leases.CountOf(request.Holder);
        int limit = Math.Min(Math.Min(request.Max, budget), room);
        ImmutableArray<LeasedTask>.Builder? leased = null;
        bool isLoading = false;
        _metadata = waiting.Metadata;
        ImmutableArray<string> kinds = request.KindsFor(agent);
        foreach (string kind in IsAnyReady(kinds) ? live.Kinds.Order(kinds) : [])
        {
            int before = leased?.Count ?? 0;
            if (before < limit && _queues.TryGetValue(kind, out KindQueue? queue) && queue.Ready.ReadyCount > 0)
            {
                leased ??= ImmutableArray.CreateBuilder<LeasedTask>();
                isLoading |= Fill(queue, request, limit, leased);
                if (leased.Count > before)
                {
                    live.Kinds.Gave(kind, agent.Offer!.Kinds);
                }
                else if (isLoading && leased.Count == 0)
                {
                    break; // Given another kind meanwhile, it would lose its turn to whoever asks next.
                }
            }
        }

        Settle(); // The next request of the same session has to count these leases.
        if (leased is { Count: > 0 } || (!isLoading && waiting.Until <= _now.Monotonic))
        {
            Remove(node);
            Answer(waiting, leased?.DrainToImmutable() ?? []);
        }

        return leased?.Count ?? 0;
    }

    /// <summary>Most requests that wait are looked at in vain: nothing is put in order for them.</summary>
    private bool IsAnyReady(ImmutableArray<string> kinds)
    {
        foreach (string kind in kinds)
        {
            if (_queues.TryGetValue(kind, out KindQueue? queue) && queue.Ready.ReadyCount > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Leases from one queue.</summary>
    /// <returns>True when it stopped because something must be loaded first.</returns>
    private bool Fill(KindQueue queue, LeaseRequest request, int limit, ImmutableArray<LeasedTask>.Builder leased)
    {
        if (queue.Loading > 0)
        {
            return true; // Else each load that arrives would be a lease of its own.
        }

        while (leased.Count < limit && queue.Ready.TryPeek(out ReadyTask ready))
        {
            if (!_jobs.TryGetValue(ready.Task.Job, out LiveJob? job)
                || !job.State.Awaits(ready.Task.Index, ready.Run))
            {
                queue.Ready.TryTake(out _); // It ended, or was redriven, since it was offered.
                Release(ready.Task);
                continue;
            }

            if (SpecOf(job, ready.Task.Index) is not { } spec || StreamOf(ready.Task) is not { } task)
            {
                LoadAhead(queue, ready, limit - leased.Count);
                return true;
            }

            queue.Ready.TryTake(out _);
            Release(ready.Task);
            TaskCommand grant = new TaskCommand.Grant(
                _now.Utc, ready.Run, request.Holder, request.RequestId, spec.Terms(
                    job.State.Header.Policy));
            if (Apply(task, grant) is null)
            {
                Counters.Granted++;
                leased.Add(Leased(task, spec));
            }
        }

        return false;
    }

    /// <returns>Null when it must be loaded first.</returns>
    private LiveTask? StreamOf(TaskId id) => _tasks.TryGetValue(id, out LiveTask? task) ? task
        : IsUntouched(id) ? new LiveTask(id, TaskState.Untouched, EventStore.StreamHead.None)
        : null;

    private TaskSpec? SpecOf(LiveJob job, int index)
    {
        TaskChunk chunk = job.State.ChunkOf(index);
        TaskSpec? spec = _chunks.Find(job.Id, chunk.Version, index, out bool isMiddle);
        int ahead = chunk.First + chunk.Count;
        if (isMiddle && ahead < job.State.TaskCount && !_chunks.Has(job.Id, job.State.ChunkOf(ahead).Version, ahead))
        {
            WhenLoaded(ChunkLoad(job, ahead), static () => { });
        }

        return spec;
    }

    private CoreLoad.Chunk ChunkLoad(LiveJob job, int index) =>
        new(job.Id, job.State.ChunkOf(index).Version, index, _chunks.WindowBytes(_jobs.Count));

    private static LeasedTask Leased(LiveTask task, TaskSpec spec) => new(
        task.Id,
        spec.Name,
        spec.Kind,
        spec.Payload,
        task.State.Run,
        task.State.Lease!.Attempt,
        task.State.Token,
        task.State.Terms!.EffectiveLeaseLength);

    private void Remove(LinkedListNode<WaitingLease> node)
    {
        _waiting.Remove(node);
        _waitingByRequest.Remove((node.Value.Request.Holder, node.Value.Request.RequestId));
    }

    private void Answer(WaitingLease waiting, ImmutableArray<LeasedTask> tasks) => _batch.Answer(
        waiting.Caller,
        waiting.Settled is { } settled
            ? (Reply<SettleAnswer>)(settled with { Leased = tasks })
            : (Reply<LeaseGrant>)(tasks.IsEmpty ? LeaseGrant.Nothing : new LeaseGrant(tasks)));

    private void Refuse(WaitingLease waiting, Rejection rejection) => _batch.Answer(
        waiting.Caller,
        waiting.Settled is { } settled
            ? (Reply<SettleAnswer>)(settled with { LeaseRejection = rejection })
            : (Reply<LeaseGrant>)rejection);
}
