using System.Collections.Immutable;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>A store that is being written to, and what its files must hold after each batch.</summary>
internal sealed class WrittenLog(SqliteEventStore store, string path) : IAsyncDisposable
{
    // So much of an older log may lie behind the new one.
    private const int LeftoverBytes = 256 * 1024;

    private readonly WalFile _wal = new(path + "-wal");
    private readonly List<Written> _written = [];
    private readonly List<Contents> _contents = [Contents.Empty];
    private long _number;

    /// <summary>The batches, in the order of their appends.</summary>
    public IReadOnlyList<Guid> Ids => [.. _written.Select(w => w.Id)];

    /// <summary>Where commits end in the log.</summary>
    public IReadOnlyList<long> Ends => [.. _written.Select(w => w.Until).Where(e => e > 0).Distinct()];

    /// <summary>A stream that many batches append to.</summary>
    public static StreamId Shared(int number) => new($"shared/{number}");

    /// <summary>What there is after so many batches.</summary>
    public Contents After(int batches) => _contents[batches];

    /// <summary>How many batches are whole in the log before a byte.</summary>
    public int CertainBefore(long offset) => _written.Count(w => w.Until <= offset);

    /// <summary>How many batches can be whole before it: of those that share a commit, or several, nobody knows where
    /// each ends.</summary>
    public int PossibleBefore(long offset) =>
        _written.Count(w => w.Until <= offset || (w.IsOneOfMany && w.From < offset));

    public byte[] ReadDatabase() => WalFile.ReadShared(path, int.MaxValue);

    public byte[] ReadLog() => WalFile.ReadShared(path + "-wal", _wal.CommittedEnd() + LeftoverBytes);

    /// <summary>Appends batches: alone and several at once, of one stream and of many, small and large.</summary>
    public async Task AppendAsync(int batches, Random random)
    {
        for (int i = 0; i < batches; i++)
        {
            // Several at once are decided one on the other, as the engine does while an append is under way.
            AppendBatch[] drawn = new AppendBatch[random.Next(3) == 0 ? random.Next(2, 6) : 1];
            await WriteAsync(drawn, [], () => [.. drawn.Select(b => store.AppendAsync(b, default).AsTask())], random);
        }
    }

    /// <summary>Removes streams. Nobody may empty the log meanwhile, which is what the store does then:
    /// <see cref="OldReader"/>.</summary>
    public async Task TrimAsync(Random random)
    {
        StreamInfo[] ended = [.. _contents[^1].Streams.Where(s => !s.IsOpen).Take(random.Next(1, 8))];
        AppendBatch tombstone = Draw(random, 600);
        await WriteAsync([tombstone], ended, () => [store.TrimAsync(ended, tombstone, default).AsTask()]);
    }

    /// <summary>Appends until the store has moved the log into the database, and writes it from its beginning
    /// again.</summary>
    public async Task AppendUntilItBeginsAnewAsync(Random random)
    {
        long generation = _wal.Generation();
        while (_wal.Generation() == generation)
        {
            AppendBatch[] large = [Draw(random, 700_000)];
            await WriteAsync(large, [], () => [store.AppendAsync(large[0], default).AsTask()]);
        }

        // The last of them is in the new log.
        for (int i = 0; i < _written.Count - 1; i++)
        {
            _written[i] = _written[i] with { From = 0, Until = 0 };
        }

        _written[^1] = _written[^1] with { From = 0 };
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task WriteAsync(
        AppendBatch[] batches, StreamInfo[] trimmed, Func<Task<AppendResult>[]> append, Random? random = null)
    {
        long from = _wal.CommittedEnd();
        for (int i = 0; i < batches.Length; i++)
        {
            batches[i] ??= Draw(random!, random!.Next(4) == 0 ? 60_000 : 600);
            _contents.Add(_contents[^1].With(batches[i], trimmed));
        }

        Assert.All(await Task.WhenAll(append()), r => Assert.IsType<AppendResult.Appended>(r));
        await store.WasAppendedAsync(batches[^1].Id, default); // Behind it, no checkpoint is under way.
        long until = _wal.CommittedEnd();
        _written.AddRange(batches.Select(b => new Written(b.Id, from, until, batches.Length > 1)));
    }

    private AppendBatch Draw(Random random, int bytesMax)
    {
        List<StreamAppend> appends = [];
        foreach (int shared in Enumerable.Range(0, 8).Where(_ => random.Next(3) == 0))
        {
            appends.Add(Make.Append(
                Shared(shared), _contents[^1].HeadOf(Shared(shared)), Make.WithPayloads(Text(), Text())));
        }

        for (int i = random.Next(appends.Count == 0 ? 1 : 0, 12); i > 0; i--)
        {
            StreamAppend own = Make.Numbers(new StreamId($"own/{_number++}"), StreamHead.None, random.Next(1, 4));
            appends.Add(own with { IsOpen = random.Next(2) == 0 });
        }

        string job = $"job-{random.Next(5)}";
        return Make.Batch([.. appends]) with { Jobs = [Make.Row(job, 1, version: _contents.Count)] };

        string Text() => new((char)random.Next('a', 'z'), random.Next(bytesMax));
    }

    private sealed record Written(Guid Id, long From, long Until, bool IsOneOfMany);
}

/// <summary>What a store holds after some batches.</summary>
internal sealed record Contents(
    ImmutableSortedDictionary<string, StreamInfo> ByName, ImmutableSortedDictionary<string, long> Jobs)
{
    public static Contents Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, StreamInfo>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>The streams, by name.</summary>
    public IEnumerable<StreamInfo> Streams => ByName.Values;

    public StreamHead HeadOf(StreamId stream) => ByName.GetValueOrDefault(stream.Value)?.Head ?? StreamHead.None;

    public Contents With(AppendBatch batch, IEnumerable<StreamInfo> trimmed) => new(
        ByName.RemoveRange(trimmed.Select(s => s.Stream.Value))
            .SetItems(batch.Streams.Select(s => KeyValuePair.Create(
                s.Stream.Value, new StreamInfo(s.Stream, s.Next, s.IsOpen)))),
        Jobs.SetItems(batch.Jobs.Select(r => KeyValuePair.Create(r.Id, r.Version))));
}
