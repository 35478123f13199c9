using System.CommandLine;
using Elasticity.Benchmarks.Append;
using Elasticity.Benchmarks.QuartzPeer;

RootCommand root = new("What run.sh does not measure with 'elasticity bench': JSON lines on standard output.")
{
    new AppendCommand(),
    new QuartzCommand(),
};
return await root.Parse(args).InvokeAsync();
