using System.CommandLine;
using Elasticity.ClusterBench;

Option<string?> postgres = new("--postgres")
{
    Description = "An Npgsql connection string; it gets a new schema. Without it: in memory, which takes one silo.",
};
Option<int> silos = new("--silos") { DefaultValueFactory = _ => 1, Description = "Silos, all in this process." };
Option<int> jobs = new("--jobs") { DefaultValueFactory = _ => 10, Description = "Jobs a phase." };
Option<int> tasks = new("--tasks") { DefaultValueFactory = _ => 2_000, Description = "Tasks a job." };
Option<int> agents = new("--agents") { DefaultValueFactory = _ => 2, Description = "Agents, inside the silos." };
Option<int> batch = new("--batch") { DefaultValueFactory = _ => 200, Description = "Tasks leased in one call." };
Option<int> calls = new("--calls") { DefaultValueFactory = _ => 2, Description = "Calls an agent has under way." };
Option<int> rate = new("--rate") { DefaultValueFactory = _ => 100, Description = "Jobs a second, steady." };
Option<int> steady = new("--steady") { DefaultValueFactory = _ => 5, Description = "Seconds; 0 leaves it out." };
RootCommand root = new("How fast silos are: submitting, draining, both, and from submit to start at a steady rate.")
{
    postgres, silos, jobs, tasks, agents, batch, calls, rate, steady,
};
root.SetAction(async (parsed, _) =>
{
    BenchOptions options = new(
        parsed.GetValue(postgres),
        parsed.GetValue(silos),
        parsed.GetValue(jobs),
        parsed.GetValue(tasks),
        parsed.GetValue(agents),
        parsed.GetValue(batch),
        parsed.GetValue(calls),
        parsed.GetValue(rate),
        TimeSpan.FromSeconds(parsed.GetValue(steady)));
    await using BenchCluster cluster = await BenchCluster.StartAsync(options);
    using BenchRun run = new(cluster, options);
    await run.RunAsync();
    return 0;
});
return await root.Parse(args).InvokeAsync();
