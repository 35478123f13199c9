using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.PostgreSql.Tests;
using Elasticity.EventStore.Sqlite;
using Elasticity.EventStore.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Elasticity.Crash.Tests;

/// <summary>
/// Real processes are killed under load with SIGKILL, databases end as in a power failure, a disk fills up. Whatever a
/// client was told is accepted must end as it should, and the log must be whole. A few times in an ordinary build;
/// <c>ELASTICITY_CRASH_KILLS=300</c> for the long form. Jobs and kills are drawn from a seed, which is printed;
/// <c>ELASTICITY_SEED</c> orders the same jobs again, but when what is killed nobody can repeat.
/// </summary>
public sealed class CrashTests(ITestOutputHelper log)
{
    private const string Full = "store-full";
    private const string Away = "store-unavailable";

    [Fact]
    public async Task Nothing_accepted_is_lost_when_servers_and_agents_on_sqlite_are_killed()
    {
        using TemporaryDirectory directory = new();
        using Scene scene = NewScene(directory.Path, connection: null);
        await scene.StartAsync();
        await scene.TormentAsync();
        Tell(await scene.CheckAsync(() => OpenAsync(directory.Path)));
    }

    [PostgreSqlProgramsFact]
    public async Task Nothing_accepted_is_lost_when_servers_and_agents_on_postgresql_are_killed()
    {
        await using PrivateServer database = await PrivateServer.StartAsync();
        using TemporaryDirectory directory = new();
        using Scene scene = NewScene(directory.Path, database.ConnectionString);
        await scene.StartAsync();
        await scene.TormentAsync();
        Tell(await scene.CheckAsync(() => OpenAsync(database)));
    }

    [PostgreSqlProgramsFact]
    public async Task Nothing_accepted_is_lost_when_postgresql_crashes_and_is_started_again()
    {
        await using PrivateServer database = await PrivateServer.StartAsync();
        using TemporaryDirectory directory = new();
        using Scene scene = NewScene(directory.Path, database.ConnectionString);
        await scene.StartAsync();
        int crashes = 0;
        for (; crashes < 1 + (Scene.KillsWanted / 8); crashes++)
        {
            await scene.GoOnAsync();
            await database.CrashAsync();
            await scene.RefuseAsync(Away); // It is away while clients and agents go on.
            await database.ResumeAsync();
        }

        string counts = await scene.CheckAsync(() => OpenAsync(database));
        Tell($"PostgreSQL crashed {crashes} times, {scene.Refused(Away)} calls were refused for it, {counts}");
    }

    [TinyDiskFact]
    public async Task Nothing_accepted_is_lost_when_the_disk_is_full_for_a_while()
    {
        using TinyDisk disk = new(megabytes: 24);
        using Scene scene = NewScene(disk.Data, connection: null);
        await scene.StartAsync();
        await scene.GoOnAsync();
        int full = 0;
        for (; full < 1 + (Scene.KillsWanted / 8); full++)
        {
            await scene.RefuseAsync(Full, () => Fill(disk.Ballast)); // Again and again: a checkpoint may make room.
            await Task.Delay(TimeSpan.FromSeconds(2)); // It is full while clients and agents go on.
            File.Delete(disk.Ballast);
            await scene.GoOnAsync();
        }

        string counts = await scene.CheckAsync(() => OpenAsync(disk.Data));
        Tell($"the disk was full {full} times, {scene.Refused(Full)} calls were refused for it, {counts}");
    }

    private Scene NewScene(string data, string? connection)
    {
        log.WriteLine($"ELASTICITY_SEED={FreshSeed.Value}");
        return new Scene(data, connection);
    }

    private static void Fill(string ballast)
    {
        byte[] block = new byte[4096];
        using FileStream file = new(ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task<IEventStore> OpenAsync(string directory) => await SqliteEventStore.OpenAsync(
        new SqliteEventStoreOptions { Directory = directory }, CancellationToken.None);

    private static async Task<IEventStore> OpenAsync(PrivateServer database) => await PostgreSqlEventStore.OpenAsync(
        new PostgreSqlEventStoreOptions { ConnectionString = database.ConnectionString }, CancellationToken.None);

    private void Tell(string counts) => log.WriteLine(counts);
}
