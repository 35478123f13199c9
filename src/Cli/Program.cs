return await Elasticity.Cli.CommandLine.Root.RunAsync(args);
