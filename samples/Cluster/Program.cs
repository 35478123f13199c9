// A client of a cluster, and an agent beside it: submits a job, executes its tasks, watches it, prints the results.
// The arguments are gateways of silos, such as 127.0.0.1:30000. Without arguments, silos are looked up in the database
// that ELASTICITY_CLUSTER_POSTGRESQL names, and without that, there is one on this machine.
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Elasticity.Client;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

string? database = args.Length > 0 ? null : Environment.GetEnvironmentVariable("ELASTICITY_CLUSTER_POSTGRESQL");
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.AddElasticityOrleansClient(client => Find(client, database, args is [] ? ["127.0.0.1:30000"] : args));
using IHost host = builder.Build();
await host.StartAsync();
IElasticity elasticity = host.Services.GetRequiredService<IElasticity>();

JobId job = new("squares");
TaskSpec[] tasks = [.. Enumerable.Range(1, 10).Select(n => new TaskSpec
{
    Kind = "square",
    Payload = Payload.FromJson($"{n}"),
})];
JobHeader header = new("Ten squares", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
SubmitReceipt receipt = Accepted(await elasticity.SubmitAsync(new JobSubmission(job, header, tasks), default));
Console.WriteLine(receipt.IsNew ? "accepted: it will not be lost" : "submitted before");

Task work = WorkAsync();
JobSummary summary;
do
{
    await elasticity.WaitForNewsAsync(default);
    if (work.IsFaulted)
    {
        await work; // Nobody else executes this job: say what is wrong instead of waiting for its end.
    }

    summary = Accepted(await elasticity.GetJobAsync(job, null, default));
    Console.WriteLine($"{summary.State}: {summary.Counts.Succeeded} of {summary.TaskCount}");
}
while (!summary.IsEnded);

await work;
TaskQuery all = new(WithPayloads: true);
foreach (TaskView task in Accepted(await elasticity.ListTasksAsync(job, all, null, 100, default)).Items)
{
    Console.WriteLine($"{task.Payload} squared is {task.Result}");
}

await host.StopAsync();

// An agent in a few lines; a real one sends heartbeats while it works.
async Task WorkAsync()
{
    AgentId agent = new(Environment.MachineName.ToLowerInvariant());
    SessionId session = new(Guid.NewGuid().ToString("N"));
    AgentOffer offer = new(["square"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
    Accepted(await elasticity.RegisterAsync(agent, session, offer, default));
    while (true)
    {
        LeaseRequest request = new(agent, session, Guid.NewGuid().ToString("N"), 10, TimeSpan.FromSeconds(2));
        LeaseGrant grant = Accepted(await elasticity.LeaseAsync(request, default));
        if (grant.Tasks.IsEmpty)
        {
            break;
        }

        ImmutableArray<TaskResult> results = [.. grant.Tasks.Select(Squared)];
        Accepted(await elasticity.SettleAsync(new SettleRequest(agent, session, results), default));
    }

    await elasticity.CloseAsync(agent, session, default);
}

// Where the silos are: their gateways, or the database in which they find each other.
static void Find(IClientBuilder client, string? database, string[] gateways)
{
    if (database is null)
    {
        client.UseStaticClustering([.. gateways.Select(IPEndPoint.Parse)]);
        return;
    }

    NpgsqlConnectionStringBuilder connection = new(database) { SearchPath = "elasticity_cluster", MaxPoolSize = 2 };
    client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", connection.ConnectionString));
}

static T Accepted<T>(Reply<T> reply)
    where T : class => reply.IsAccepted
    ? reply.Value
    : throw new InvalidOperationException($"{reply.Rejection.Code}: {reply.Rejection.Detail}");

static TaskResult Squared(LeasedTask task)
{
    int n = int.Parse(task.Payload.ToString(), CultureInfo.InvariantCulture);
    return new TaskResult(task.Task, task.Token, new Settlement.Succeeded(Payload.FromJson($"{n * n}")));
}
