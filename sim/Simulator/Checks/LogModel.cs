using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Elasticity.Domain;
using Elasticity.EventStore;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// The fold of the log by the rules that the documentation states, batch by batch as they become durable. Shares no
/// code with the engine: it takes stored bytes only.
/// </summary>
internal sealed class LogModel(Ledger ledger, Coverage coverage)
{
    private readonly Dictionary<string, (long Version, byte[] Hash)> _heads = [];
    private readonly HashSet<ModelJob> _jobsTouched = [];
    private readonly HashSet<ModelTask> _tasksTouched = [];
    private readonly Dictionary<(Holder, string), List<ModelTask>> _requests = [];

    public Dictionary<string, ModelJob> Jobs { get; } = [];

    public Dictionary<string, ModelAgent> Agents { get; } = [];

    public long EventCount { get; private set; }

    public long BatchCount { get; private set; }

    /// <summary>The leases in a batch that was taken in, each with its task.</summary>
    public IReadOnlyList<(ModelTask Task, ModelLease Lease)> LeasedIn(AppendBatch batch)
    {
        List<(ModelTask Task, ModelLease Lease)> leased = [];
        foreach (StreamAppend append in batch.Streams)
        {
            string[] parts = append.Stream.Value.Split('/');
            foreach (EventRecord e in append.Events.Where(e => e.Type == "task-leased-1"))
            {
                using JsonDocument content = JsonDocument.Parse(e.Content);
                ModelTask task = Find(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture))!;
                leased.Add((task, task.Leases[content.RootElement.GetProperty("lease").Long("token")]));
            }
        }

        return leased;
    }

    public ModelTask? Find(string job, int index) =>
        Jobs.TryGetValue(job, out ModelJob? found) && index >= 0 && index < found.Tasks.Count
            ? found.Tasks[index]
            : null;

    /// <summary>The tasks that one request for tasks was given and that are still leased to it.</summary>
    public List<ModelTask> OfRequest(ModelLease lease)
    {
        if (!_requests.TryGetValue((lease.Holder, lease.Request), out List<ModelTask>? tasks))
        {
            _requests.Add((lease.Holder, lease.Request), tasks = []);
        }

        tasks.RemoveAll(t => t.Lease?.Holder != lease.Holder || t.Lease.Request != lease.Request);
        return tasks;
    }

    /// <summary>Whether an event is stored.</summary>
    public long VersionOf(string stream) => _heads.TryGetValue(stream, out (long Version, byte[]) head)
        ? head.Version
        : 0;

    public IReadOnlyCollection<ModelTask> TasksTouched => _tasksTouched;

    public IReadOnlyCollection<ModelJob> JobsTouched => _jobsTouched;

    public void Apply(AppendBatch batch)
    {
        ledger.Batch = ++BatchCount;
        _jobsTouched.Clear();
        _tasksTouched.Clear();
        foreach (ModelJob job in Jobs.Values)
        {
            (job.WasPaused, job.WasStopping) = (job.IsPaused, job.IsStopping || job.IsEnded);
        }

        foreach (ModelAgent agent in Agents.Values)
        {
            agent.CouldLease.Clear();
            if (agent.Phase == "live")
            {
                agent.CouldLease.Add(agent.Session);
            }
        }

        // Jobs and agents first: within a batch, what a task does may follow from what they did.
        foreach (StreamAppend append in batch.Streams.OrderBy(s => s.Stream.Value[0] == 't'))
        {
            Apply(append);
        }

        foreach (ModelTask task in _tasksTouched)
        {
            TaskRules.AfterBatch(task, ledger);
        }

        foreach (ModelJob job in _jobsTouched)
        {
            JobRules.AfterBatch(job);
        }

        foreach (ModelTask task in _tasksTouched.Where(t => t.Lease?.Batch == BatchCount))
        {
            OfRequest(task.Lease!).Add(task);
        }

        if (ledger.IsAtomic)
        {
            SessionRules.AfterBatch(this, batch, ledger.LeasesMax);
        }

        CheckLists(batch);
    }

    /// <summary>A job's streams are gone, and its tombstone says what they were.</summary>
    public void Trim(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        StreamAppend append = tombstone.Streams.Single();
        string[] parts = append.Stream.Value.Split('/');
        ModelJob job = Jobs[parts[1]];
        Require(parts[0] == "trimmed" && !append.IsOpen, "trimmed-as-a-whole", job.Id, $"tombstone {append.Stream}");
        Require(job.IsEnded && !job.IsTrimmed, "trimmed-as-a-whole", job.Id, $"trimmed while {job.Phase}");
        int left = _heads.Keys.Count(s => s.Split('/')[1] == job.Id && !streams.Any(t => t.Stream.Value == s));
        Require(left == 0, "trimmed-as-a-whole", job.Id, $"{left} streams are left");
        EventRecord record = append.Events.Single();
        byte[] hash = Link(append.Stream.Value, 1, new byte[32], record);
        Require(
            record.Hash.ToString() == Convert.ToHexStringLower(hash), "chain-whole", job.Id, "of the tombstone");
        using JsonDocument content = JsonDocument.Parse(record.Content);
        JobRules.CheckTombstone(job, content.RootElement, streams[0].Head.Hash.ToString());
        foreach (StreamInfo stream in streams)
        {
            _heads.Remove(stream.Stream.Value);
        }

        (job.IsTrimmed, job.ChangedIn) = (true, BatchCount + 1); // It has no batch: it came after the last.
        coverage.Saw("job", job.Phase, record.Type, "trimmed");
    }

    private void Apply(StreamAppend append)
    {
        string name = append.Stream.Value;
        (long version, byte[] hash) = _heads.GetValueOrDefault(name, (0, new byte[32]));
        foreach (EventRecord record in append.Events)
        {
            EventCount++;
            version++;
            hash = Link(name, version, hash, record);
            Require(
                record.Hash.ToString() == Convert.ToHexStringLower(hash), "chain-whole", name,
                $"the hash of version {version} does not follow");
            using JsonDocument content = JsonDocument.Parse(record.Content);
            Apply(name, version, record, content.RootElement);
        }

        _heads[name] = (version, hash);
    }

    private void Apply(string name, long version, EventRecord record, JsonElement content)
    {
        string[] parts = name.Split('/');
        switch (parts[0])
        {
            case "job":
                if (!Jobs.TryGetValue(parts[1], out ModelJob? job))
                {
                    Jobs.Add(parts[1], job = new ModelJob(parts[1]));
                }

                Require(!job.IsTrimmed, "trimmed-stays", name, $"{record.Type} after the tombstone");
                _jobsTouched.Add(job);
                string before = job.Phase;
                JobRules.Apply(job, record.Type, content, ledger);
                SubmissionRules.Stored(job, record, content, ledger);
                (job.Version, job.ChangedIn) = (version, BatchCount);
                coverage.Saw("job", before, record.Type, job.Phase);
                break;
            case "task":
                int index = int.Parse(parts[2], CultureInfo.InvariantCulture);
                ModelTask task = Find(parts[1], index)
                    ?? throw new Violation("task-exists", name, "events of a task that no job has");
                Require(!task.Job.IsTrimmed, "trimmed-stays", name, $"{record.Type} after the tombstone");
                _tasksTouched.Add(task);
                string was = task.Phase;
                task.Hashes.Add(record.Hash.ToString());
                TaskRules.Apply(task, record, content, ledger, Agents);
                coverage.Saw("task", was, record.Type, task.Phase);
                if (record.Type == "task-dead-lettered-1")
                {
                    coverage.Met(content.Text("reason"));
                }
                else if (record.Type == "task-result-refused-1" && task.RefusedInRun == TaskRules.RefusedMax)
                {
                    coverage.Met("refused reports of a run");
                }

                break;
            case "agent":
                if (!Agents.TryGetValue(parts[1], out ModelAgent? agent))
                {
                    Agents.Add(parts[1], agent = new ModelAgent(parts[1]));
                }

                string phase = agent.Phase;
                AgentRules.Apply(agent, record.Type, content, ledger);
                coverage.Saw("agent", phase, record.Type, agent.Phase);
                break;
            default:
                throw new Violation("stream-known", name, "no such kind of stream");
        }
    }

    /// <summary>What recovery finds, and the derived list of jobs, agree with the fold.</summary>
    private void CheckLists(AppendBatch batch)
    {
        if (!ledger.IsComplete)
        {
            return; // Whoever reads a log has no lists.
        }

        foreach (StreamAppend append in batch.Streams)
        {
            string[] parts = append.Stream.Value.Split('/');
            bool isOpen = parts[0] switch
            {
                "job" => !Jobs[parts[1]].IsEnded,
                "task" => Jobs[parts[1]].Tasks[int.Parse(parts[2], CultureInfo.InvariantCulture)].IsOpen,
                _ => Agents[parts[1]].IsOpen,
            };
            Require(
                append.IsOpen == isOpen, "open-streams-are-listed", append.Stream.Value,
                $"stored as {(append.IsOpen ? "open" : "closed")}, and is not");
        }

        foreach (ModelJob job in _jobsTouched)
        {
            JobRow row = batch.Jobs.LastOrDefault(r => r.Id == job.Id)
                ?? throw new Violation("list-is-the-fold", job.Id, "the batch has events and no row of the job");
            JobRules.CheckRow(job, row);
        }
    }

    /// <summary>The chain as <c>HashChain</c>'s remarks describe it.</summary>
    private static byte[] Link(string stream, long version, byte[] previous, EventRecord record)
    {
        using MemoryStream bytes = new(512);
        using BinaryWriter writer = new(bytes);
        Put(Encoding.UTF8.GetBytes(stream));
        Put(Encoding.UTF8.GetBytes(record.Type));
        Put(record.Metadata.Span);
        Put(record.Content.Span);
        writer.Write(version);
        writer.Write(Root(record.Attachments.Span));
        writer.Write(previous);
        return SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));

        void Put(ReadOnlySpan<byte> part)
        {
            writer.Write(part.Length);
            writer.Write(part);
        }
    }

    private static byte[] Root(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            return new byte[32];
        }

        using MemoryStream digests = new();
        while (!block.IsEmpty)
        {
            digests.Write(SHA256.HashData(StoredPayloads.Next(ref block)));
        }

        return SHA256.HashData(digests.ToArray());
    }
}
