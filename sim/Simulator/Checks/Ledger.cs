using System.Text;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Actors;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Checks;

/// <summary>What engines were asked: nothing may be stored that nobody asked for.</summary>
internal sealed class Ledger(bool isWallClockTrue, int leasesMax, bool isAtomic)
{
    private readonly HashSet<(string Task, long Token, Holder Holder, string Content)> _settles = [];
    private readonly Dictionary<(Holder Holder, string Request), LeaseRequest> _leases = [];
    private readonly Dictionary<(string Task, long Token), List<Beat>> _beats = [];
    private readonly Dictionary<(string Process, TimeSpan Life, DateTimeOffset Utc), TimeSpan> _steps = [];
    private readonly Dictionary<(string Subject, string Command), (int Asked, int Done)> _commands = [];
    private readonly HashSet<(string Job, string Command, int? Index)> _indexes = [];
    private readonly Dictionary<(string Job, string Digest), JobSubmissionDraft> _drafts = [];
    private readonly Dictionary<Holder, AgentOffer> _offers = [];
    private readonly List<double> _draws = [];

    /// <summary>Nobody sets the wall clocks: their times can be compared.</summary>
    public bool IsWallClockTrue => isWallClockTrue;

    /// <summary>What aggregates tell each other is decided and stored together, as the embedded engine does. In a
    /// cluster it is on its way for a while.</summary>
    public bool IsAtomic => isAtomic;

    /// <summary>Everything that was asked is known; of a log that somebody else wrote it is not.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>The most leases of one session.</summary>
    public int LeasesMax => leasesMax;

    /// <summary>The number of the batch that became durable last.</summary>
    public long Batch { get; set; }

    /// <summary>Back-offs that had room for chance: where each lies between the shortest and the longest that it could
    /// be, 0 to 1.</summary>
    public IReadOnlyList<double> Draws => _draws;

    /// <summary>A back-off was drawn.</summary>
    public void Drew(double share) => _draws.Add(share);

    /// <summary>Somebody wants to submit a job.</summary>
    public void Wanted(JobSubmissionDraft draft) => _drafts[(draft.Id.Value, draft.Digest)] = draft;

    /// <summary>What somebody wanted to submit; null when nobody wanted this.</summary>
    public JobSubmissionDraft? DraftOf(string job, string digest) => _drafts.GetValueOrDefault((job, digest));

    /// <summary>Whether a submit under this id must be refused so.</summary>
    public bool IsWrong(string job, string code) => _drafts.Values.Any(d => d.Id.Value == job && d.Wrong == code);

    /// <summary>The tasks that somebody asks for, also with a report; null when they ask for none.</summary>
    public static LeaseRequest? WishIn(CoreInput input) => input switch
    {
        CoreInput.Lease lease => lease.Request,
        CoreInput.Settle settle => settle.Request.Lease,
        _ => null,
    };

    public void Asked(Host process, CoreInput input)
    {
        if (WishIn(input) is { } wish)
        {
            _leases[(wish.Holder, wish.RequestId)] = wish;
        }

        switch (input)
        {
            case CoreInput.Settle { Request: var r }:
                foreach (TaskResult result in r.Results)
                {
                    _settles.Add((result.Task.ToString(), result.Token, r.Holder, Content(result.Settlement)));
                }

                break;
            case CoreInput.Beat { Heartbeat: var beat }:
                foreach (HeldLease held in beat.Leases)
                {
                    Add(
                        (held.Task.ToString(), held.Token),
                        new Beat(
                            beat.Holder, process.Name, process.ServingSince, process.Clock.Utc,
                            process.TrueTime));
                }

                break;
            case CoreInput.ForJob i:
                foreach (JobCommand command in i.Commands)
                {
                    Count(i.Job.Value, command.GetType().Name);
                    if (command is JobCommand.Redrive or JobCommand.ErasePayloads)
                    {
                        _indexes.Add((i.Job.Value, command.GetType().Name, IndexOf(command)));
                    }
                }

                break;
            case CoreInput.Reserve i:
                Count(i.Job.Value, nameof(CoreInput.Reserve));
                break;
            case CoreInput.ForAgent i:
                Count(HolderOf(i).ToString(), i.Command.GetType().Name);
                if (i.Command is AgentCommand.Register { Offer: var offer })
                {
                    _offers[HolderOf(i)] = offer;
                }

                break;
        }
    }

    public bool WasAsked(string subject, string command) => _commands.ContainsKey((subject, command));

    /// <summary>A command was carried out.</summary>
    /// <returns>Whether it was asked for once more than it was carried out before.</returns>
    public bool Does(string subject, string command)
    {
        (int asked, int done) = _commands.GetValueOrDefault((subject, command));
        _commands[(subject, command)] = (asked, done + 1);
        return !IsComplete || done < asked;
    }

    /// <summary>Whether somebody asked to redrive or erase this task, or, for null, all.</summary>
    public bool WasAskedFor(string job, string command, int? index) =>
        !IsComplete || _indexes.Contains((job, command, index));

    /// <summary>What an agent said about itself; null when that is not known.</summary>
    public AgentOffer? OfferOf(Holder holder) => _offers.GetValueOrDefault(holder);

    /// <summary>The task that a command is about; null for all, and for commands about the job.</summary>
    public static int? IndexOf(JobCommand command) => command switch
    {
        JobCommand.Redrive c => c.Index,
        JobCommand.ErasePayloads c => c.Index,
        _ => null,
    };

    private void Count(string subject, string command)
    {
        (int asked, int done) = _commands.GetValueOrDefault((subject, command));
        _commands[(subject, command)] = (asked + 1, done);
    }

    /// <summary>Whom a command to an agent is about.</summary>
    public static Holder HolderOf(CoreInput.ForAgent input) => new(input.Agent, input.Command switch
    {
        AgentCommand.Register c => c.Session,
        AgentCommand.Drain c => c.Session,
        AgentCommand.EndSession c => c.Session,
        _ => throw new Violation("answers-fit", input.Command.GetType().Name, "nobody outside asks for that"),
    });

    public bool WasSettled(string task, long token, Holder holder, string content) =>
        !IsComplete || _settles.Contains((task, token, holder, content));

    public LeaseRequest? LeaseOf(Holder holder, string request) => _leases.GetValueOrDefault((holder, request));

    /// <summary>An engine takes a step: what it decides now bears this time of its wall clock.</summary>
    public void Stepping(Host process) =>
        _steps[(process.Name, process.ServingSince, process.Clock.Utc)] = process.TrueTime;

    /// <summary>The true time of a decision.</summary>
    public TimeSpan StepOf(Origin origin, DateTimeOffset decidedAt) => _steps[(origin.Process, origin.Life, decidedAt)];

    /// <summary>The last heartbeat by which a session confirmed a lease before a decision, in the same life of the
    /// engine.</summary>
    public Beat? BeatBefore(Origin origin, DateTimeOffset decidedAt, string task, ModelLease lease)
    {
        TimeSpan step = StepOf(origin, decidedAt);
        return _beats.GetValueOrDefault((task, lease.Token))?.FindLast(
            b => b.At <= step && b.Holder == lease.Holder && b.Process == origin.Process && b.Life == origin.Life);
    }

    private void Add((string Task, long Token) lease, Beat beat)
    {
        if (!_beats.TryGetValue(lease, out List<Beat>? beats))
        {
            _beats.Add(lease, beats = []);
        }

        beats.Add(beat);
    }

    public static string Content(Settlement settlement) => settlement switch
    {
        Settlement.Succeeded s => $"succeeded {s.Result}",
        Settlement.Failed s => $"failed {s.Failure.Code} {s.Failure.IsFinal} {s.Result}",
        _ => "given-back",
    };

    /// <summary>The first payload of a stored event, as text.</summary>
    public static string Payload(ReadOnlySpan<byte> attachments) => attachments.IsEmpty
        ? string.Empty
        : Encoding.UTF8.GetString(StoredPayloads.Next(ref attachments));
}

/// <summary>A heartbeat that an engine took in.</summary>
/// <param name="Holder">Who.</param>
/// <param name="Process">Which engine.</param>
/// <param name="Life">Since when that engine served.</param>
/// <param name="Utc">Its wall clock.</param>
/// <param name="At">The true time.</param>
internal sealed record Beat(Holder Holder, string Process, TimeSpan Life, DateTimeOffset Utc, TimeSpan At);
