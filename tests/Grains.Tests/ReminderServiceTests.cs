using System.Collections.Concurrent;
using Elasticity.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Elasticity.Grains.Tests;

/// <summary>Reminders are the last thing that wakes a shard, not the first thing it waits for.</summary>
public sealed class ReminderServiceTests : IAsyncLifetime
{
    private readonly UnwillingTable _table = new();
    private readonly OneSilo _silo;

    public ReminderServiceTests() => _silo = new OneSilo(
        new GrainsOptions { SweepInterval = Timeout.InfiniteTimeSpan },
        silo =>
        {
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable>(_table);
        });

    public Task InitializeAsync() => _silo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_reminder_that_cannot_be_set_does_not_keep_a_shard_from_being_swept_and_is_set_by_a_later_sweep()
    {
        ISupervisorGrain supervisor = _silo.Client.GetGrain<ISupervisorGrain>(0);
        await supervisor.SweepAsync().WaitAsync(_silo.Timeout);
        while (_table.Refusals == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _silo.Timeout);
        }

        Assert.Empty(_table.Rows);
        _table.IsWilling = true;
        while (_table.Rows.IsEmpty)
        {
            await supervisor.SweepAsync().WaitAsync(_silo.Timeout);
        }

        Assert.Contains(_table.Rows.Values, r => r.GrainId == supervisor.GetGrainId());
    }

    /// <summary>Writes nothing until it is told to.</summary>
    private sealed class UnwillingTable : IReminderTable
    {
        private int _refusals;

        public volatile bool IsWilling;

        public int Refusals => Volatile.Read(ref _refusals);

        public ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> Rows { get; } = new();

        public Task<ReminderTableData> ReadRows(GrainId grainId) =>
            Task.FromResult(new ReminderTableData(Rows.Values.Where(r => r.GrainId == grainId)));

        public Task<ReminderTableData> ReadRows(uint begin, uint end) =>
            Task.FromResult(new ReminderTableData(Rows.Values));

        public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
            Task.FromResult(Rows.GetValueOrDefault((grainId, reminderName)));

        public Task<string?> UpsertRow(ReminderEntry entry)
        {
            if (!IsWilling)
            {
                Interlocked.Increment(ref _refusals);
                throw new TimeoutException("Not now.");
            }

            Rows[(entry.GrainId, entry.ReminderName)] = entry;
            return Task.FromResult<string?>(entry.ETag = "1");
        }

        public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
            Task.FromResult(Rows.TryRemove((grainId, reminderName), out _));

        public Task TestOnlyClearTable()
        {
            Rows.Clear();
            return Task.CompletedTask;
        }
    }
}
