// A client for the shows: submits, cancels and reads all the time, with the retries that a client has by itself, and
// writes down what each call took. It repeats nothing on its own account, so a call that fails here has failed.
//
//   Elasticity.Caller NAME CALLS SERVER...       over HTTP, to the servers in this order
//   Elasticity.Caller NAME CALLS CONNECTION      as a client of the silos, which it finds in that database
//
// On SIGTERM it stops calling, waits until what is under way is answered or has failed, and holds what it was answered
// against what the cluster says. CALLS is a file: "call id tries seconds outcome time" of each call. Exits with 1 when
// something is missing or not as answered; calls that failed are for the show to count.
using System.Runtime.InteropServices;
using Elasticity.Caller;
using Elasticity.Client;
using Elasticity.Client.Http;
using Elasticity.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

if (args.Length < 3)
{
    await Console.Error.WriteLineAsync("usage: Elasticity.Caller NAME CALLS SERVER...|CONNECTION");
    return 2;
}

using CancellationTokenSource told = new();
using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    told.Cancel();
});
await using CallLog log = new(args[1]);
if (args[2].StartsWith("http", StringComparison.Ordinal))
{
    using HttpClient http = new(new TriesCounter()) { Timeout = Timeout.InfiniteTimeSpan };
    Uri[] servers = [.. args[2..].Select(a => new Uri(a))];
    using HttpElasticity cluster = new(
        new HttpElasticityOptions { Server = servers[0], OtherServers = servers[1..] }, http);
    return await CallAsync(cluster);
}

NpgsqlConnectionStringBuilder members = new(args[2]) { SearchPath = "elasticity_cluster", MaxPoolSize = 2 };
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Critical); // That silos die is meant.
builder.AddElasticityOrleansClient(client => client.UseAdoNetClustering(
    o => (o.Invariant, o.ConnectionString) = ("Npgsql", members.ConnectionString)));
using IHost host = builder.Build();
await host.StartAsync();
int exitCode = await CallAsync(host.Services.GetRequiredService<IElasticity>());
await host.StopAsync();
return exitCode;

async Task<int> CallAsync(IElasticity cluster)
{
    Caller caller = new(args[0], cluster, log);
    await caller.RunAsync(told.Token);
    return await caller.CheckAsync() ? 0 : 1;
}
