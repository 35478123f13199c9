// A client of a cluster, and an agent beside it: submits a job, executes its tasks, watches it, prints the results.
// The arguments are gateways of silos, such as 127.0.0.1:30000.
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

IPEndPoint[] gateways = [.. (args.Length > 0 ? args : ["127.0.0.1:30000"]).Select(IPEndPoint.Parse)];
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.AddElasticityOrleansClient(client => client.UseStaticClustering(gateways));
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
Reply<SubmitReceipt> receipt = await elasticity.SubmitAsync(new JobSubmission(job, header, tasks), default);
Console.WriteLine(receipt.IsAccepted
    ? receipt.Value.IsNew ? "accepted: it will not be lost" : "submitted before"
    : $"{receipt.Rejection.Code}: {receipt.Rejection.Detail}");

Task work = WorkAsync();
JobSummary summary;
do
{
    await elasticity.WaitForNewsAsync(default);
    summary = (await elasticity.GetJobAsync(job, null, default)).Value!;
    Console.WriteLine($"{summary.State}: {summary.Counts.Succeeded} of {summary.TaskCount}");
}
while (!summary.IsEnded);

await work;
TaskQuery all = new(WithPayloads: true);
foreach (TaskView task in (await elasticity.ListTasksAsync(job, all, null, 100, default)).Value!.Items)
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
    await elasticity.RegisterAsync(agent, session, offer, default);
    while (true)
    {
        LeaseRequest request = new(agent, session, Guid.NewGuid().ToString("N"), 10, TimeSpan.FromSeconds(2));
        LeaseGrant grant = (await elasticity.LeaseAsync(request, default)).Value!;
        if (grant.Tasks.IsEmpty)
        {
            break;
        }

        ImmutableArray<TaskResult> results = [.. grant.Tasks.Select(Squared)];
        await elasticity.SettleAsync(new SettleRequest(agent, session, results), default);
    }

    await elasticity.CloseAsync(agent, session, default);
}

static TaskResult Squared(LeasedTask task)
{
    int n = int.Parse(task.Payload.ToString(), CultureInfo.InvariantCulture);
    return new TaskResult(task.Task, task.Token, new Settlement.Succeeded(Payload.FromJson($"{n * n}")));
}
