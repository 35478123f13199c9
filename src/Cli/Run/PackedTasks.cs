using System.Buffers;
using System.Collections;
using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Cli.Run;

/// <summary>The tasks of a job in little memory: payloads, names and a few bytes for each, made into objects whenever
/// one is asked for. A million tasks as objects are half a gigabyte.</summary>
internal sealed class PackedTasks : IReadOnlyList<TaskDraft>
{
    // Below the size from which .NET treats arrays as large objects. An engine in this process keeps payloads in memory
    // for a while, and with each the whole block.
    private const int BlockBytes = 64 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly List<(int Block, int Offset)> _places = [];
    private readonly ArrayBufferWriter<byte> _next = new();
    private readonly Shared<string> _kinds = new();
    private readonly Shared<RetryPolicy> _retries = new();
    private int _free;

    [Flags]
    private enum Has : byte
    {
        Nothing = 0,
        Name = 1,
        Payload = 2,
        Links = 4,
        Retry = 8,
        LeaseLength = 16,
        Priority = 32,
        NotBefore = 64,
    }

    /// <inheritdoc/>
    public int Count => _places.Count;

    /// <inheritdoc/>
    public TaskDraft this[int index]
    {
        get
        {
            (int block, int offset) = _places[index];
            return Unpack(new PackReader(_blocks[block].AsMemory(offset)));
        }
    }

    /// <summary>Adds a task.</summary>
    /// <param name="task">The task; its payload is copied.</param>
    public void Add(TaskDraft task)
    {
        _next.ResetWrittenCount();
        Pack(new PackWriter(_next), task);
        ReadOnlySpan<byte> packed = _next.WrittenSpan;
        if (_blocks.Count == 0 || packed.Length > _blocks[^1].Length - _free)
        {
            _blocks.Add(new byte[Math.Max(packed.Length, BlockBytes)]);
            _free = 0;
        }

        packed.CopyTo(_blocks[^1].AsSpan(_free));
        _places.Add((_blocks.Count - 1, _free));
        _free += packed.Length;
    }

    /// <inheritdoc/>
    public IEnumerator<TaskDraft> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Has What(TaskDraft task) =>
        (task.Spec.Name is null ? Has.Nothing : Has.Name)
        | (task.Spec.Payload.IsNone ? Has.Nothing : Has.Payload)
        | (task.DependsOn.IsDefaultOrEmpty ? Has.Nothing : Has.Links)
        | (task.Spec.Retry is null ? Has.Nothing : Has.Retry)
        | (task.Spec.LeaseLength is null ? Has.Nothing : Has.LeaseLength)
        | (task.Spec.Priority is null ? Has.Nothing : Has.Priority)
        | (task.Spec.NotBefore is null ? Has.Nothing : Has.NotBefore);

    private void Pack(PackWriter to, TaskDraft task)
    {
        Has has = What(task);
        to.Byte((byte)has);
        to.Number(_kinds.Add(task.Spec.Kind));
        if (has.HasFlag(Has.Name))
        {
            to.Text(task.Spec.Name!);
        }

        if (has.HasFlag(Has.Payload))
        {
            to.Bytes(task.Spec.Payload.Bytes.Span);
        }

        if (has.HasFlag(Has.Links))
        {
            to.Number(task.DependsOn.Length);
            foreach (TaskLink link in task.DependsOn)
            {
                to.Byte(link.Name is null ? (byte)0 : (byte)1);
                if (link.Name is { } name)
                {
                    to.Text(name);
                }
                else
                {
                    to.Number(link.Index);
                }
            }
        }

        if (has.HasFlag(Has.Retry))
        {
            to.Number(_retries.Add(task.Spec.Retry!));
        }

        if (has.HasFlag(Has.LeaseLength))
        {
            to.Long(task.Spec.LeaseLength!.Value.Ticks);
        }

        if (has.HasFlag(Has.Priority))
        {
            to.Number(task.Spec.Priority!.Value);
        }

        if (has.HasFlag(Has.NotBefore))
        {
            to.Long(task.Spec.NotBefore!.Value.UtcTicks);
        }
    }

    private TaskDraft Unpack(PackReader from)
    {
        Has has = (Has)from.Byte();
        string kind = _kinds[from.Number()];
        string? name = has.HasFlag(Has.Name) ? from.Text() : null;
        Payload payload = has.HasFlag(Has.Payload) ? new Payload(from.Bytes()) : Payload.None;
        ImmutableArray<TaskLink> links = has.HasFlag(Has.Links) ? UnpackLinks(ref from) : [];
        return new TaskDraft(
            new TaskSpec
            {
                Kind = kind,
                Name = name,
                Payload = payload,
                Retry = has.HasFlag(Has.Retry) ? _retries[from.Number()] : null,
                LeaseLength = has.HasFlag(Has.LeaseLength) ? TimeSpan.FromTicks(from.Long()) : null,
                Priority = has.HasFlag(Has.Priority) ? from.Number() : null,
                NotBefore = has.HasFlag(Has.NotBefore) ? new DateTimeOffset(from.Long(), TimeSpan.Zero) : null,
            },
            links);
    }

    private static ImmutableArray<TaskLink> UnpackLinks(ref PackReader from)
    {
        ImmutableArray<TaskLink>.Builder links = ImmutableArray.CreateBuilder<TaskLink>(from.Number());
        for (int i = 0; i < links.Capacity; i++)
        {
            links.Add(from.Byte() == 0 ? new TaskLink(from.Number()) : new TaskLink(0, from.Text()));
        }

        return links.MoveToImmutable();
    }

    /// <summary>Values that many tasks have in common, each kept once.</summary>
    private sealed class Shared<T>
        where T : notnull
    {
        private readonly List<T> _values = [];
        private readonly Dictionary<T, int> _places = [];

        public T this[int place] => _values[place];

        public int Add(T value)
        {
            if (!_places.TryGetValue(value, out int place))
            {
                place = _values.Count;
                _values.Add(value);
                _places.Add(value, place);
            }

            return place;
        }
    }
}
