using Elasticity.Simulator;

return Campaign.Go(CommandLine.Parse(args), Console.Out);
