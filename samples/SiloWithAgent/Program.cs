// A silo with an agent in it: where silos are, work is done. Options are those of elasticity-silo.
using Elasticity.Silo;

return await ElasticitySilo.RunAsync(
    args,
    agent => agent.AddHandler<int, int>("square", async (n, task, cancellation) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation); // So that there is something to see.
        return n * n;
    }),
    options => options.Slots = 4);
