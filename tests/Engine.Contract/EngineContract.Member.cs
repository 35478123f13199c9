using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Engine.Contract;

public abstract partial class EngineContract
{
    /// <summary>An agent as the tests play it. All agents choose the same ids for their sessions and requests: ids
    /// of one agent say nothing to another.</summary>
    private sealed class Member(EngineContract suite, string name)
    {
        private int _sessions;
        private int _requests;

        public AgentId Id { get; } = new(name);

        public SessionId Session { get; private set; }

        private IElasticity Engine => suite.Engine;

        private CancellationToken Ct => suite.Ct;

        public static AgentOffer Offer(params string[] kinds) =>
            new([.. kinds], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);

        /// <summary>Begins a new session.</summary>
        public async Task<AgentView> RegisterAsync(params string[] kinds)
        {
            Session = new SessionId($"session-{++_sessions}");
            return Accepted(await Engine.RegisterAsync(Id, Session, Offer(kinds.Length > 0 ? kinds : [Kind]), Ct));
        }

        /// <summary>A lease request with a new id.</summary>
        public LeaseRequest Ask(int max = 1, TimeSpan wait = default, params string[] kinds) =>
            new(Id, Session, $"request-{++_requests}", max, wait, [.. kinds]);

        /// <summary>Leases so many, or all there are: one answer may hold fewer than asked for.</summary>
        public async Task<ImmutableArray<LeasedTask>> LeaseAsync(int max = 1, params string[] kinds)
        {
            ImmutableArray<LeasedTask> all = [];
            int before;
            do
            {
                before = all.Length;
                all = [.. all, .. Accepted(await Engine.LeaseAsync(Ask(max - before, default, kinds), Ct)).Tasks];
            }
            while (all.Length < max && all.Length > before);
            Assert.True(all.Length <= max, "More than asked for.");
            return all;
        }

        public async Task<LeasedTask> LeaseOneAsync()
        {
            ImmutableArray<LeasedTask> tasks = await LeaseAsync();
            return Assert.Single(tasks);
        }

        /// <summary>Leases everything there is, in one call after the other.</summary>
        public async Task<List<LeasedTask>> LeaseAllAsync()
        {
            List<LeasedTask> all = [];
            ImmutableArray<LeasedTask> some;
            do
            {
                some = await LeaseAsync(LeaseRequest.MaxLimit);
                all.AddRange(some);
            }
            while (some.Length > 0);
            return all;
        }

        /// <summary>Asks for one task and does not get it yet: the engine has taken the request in.</summary>
        public async Task<Task<Reply<LeaseGrant>>> WaitForOneAsync(CancellationToken cancellationToken = default)
        {
            Task<Reply<LeaseGrant>> answer = Engine.LeaseAsync(
                Ask(1, Forever), cancellationToken == default ? Ct : cancellationToken).AsTask();
            await suite.Harness.AdvanceAsync(TimeSpan.Zero, Ct);
            Assert.False(answer.IsCompleted, "There was a task already.");
            return answer;
        }

        public async Task<LeaseAnswer[]> BeatAsync(params IEnumerable<LeasedTask> tasks) =>
            [.. Accepted(await TryBeatAsync(tasks)).Leases];

        public async Task<Reply<HeartbeatAnswer>> TryBeatAsync(params IEnumerable<LeasedTask> tasks) =>
            await Engine.HeartbeatAsync(
                new Heartbeat(Id, Session, [.. tasks.Select(t => new HeldLease(t.Task, t.Token))]), Ct);

        public Task<Rejection?> SucceedAsync(LeasedTask task, string result = "{}") =>
            SettleAsync(task, new Settlement.Succeeded(Json(result)));

        public Task<Rejection?> FailAsync(LeasedTask task, bool isFinal = false, string code = "boom") =>
            SettleAsync(task, new Settlement.Failed(new Failure(code, "It broke.", isFinal), Payload.None));

        public Task<Rejection?> GiveBackAsync(LeasedTask task) => SettleAsync(task, new Settlement.GivenBack());

        public async Task<Rejection?> SettleAsync(LeasedTask task, Settlement settlement) => Assert.Single(
            Accepted(await Engine.SettleAsync(Request([(task, settlement)]), Ct)).Results);

        public async Task<ImmutableArray<Rejection?>> SucceedAllAsync(IEnumerable<LeasedTask> tasks)
        {
            ImmutableArray<Rejection?>.Builder verdicts = ImmutableArray.CreateBuilder<Rejection?>();
            foreach (LeasedTask[] some in tasks.Chunk(SettleMax))
            {
                SettleRequest request = Request(some.Select(t => (t, (Settlement)new Settlement.Succeeded(Json("1")))));
                verdicts.AddRange(Accepted(await Engine.SettleAsync(request, Ct)).Results);
            }

            return verdicts.DrainToImmutable();
        }

        public SettleRequest Request(
            IEnumerable<(LeasedTask Task, Settlement Settlement)> results, LeaseRequest? lease = null) =>
            new(Id, Session, [.. results.Select(r => new TaskResult(r.Task.Task, r.Task.Token, r.Settlement))], lease);

        private const int SettleMax = 1_000;
    }
}
