using Elasticity.Silo;

return await SiloCommand.RunAsync(SiloBuild.Plain, args);
