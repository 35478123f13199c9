using Elasticity.Silo;
using Elasticity.Silo.Cassandra;

return await SiloCommand.RunAsync(CassandraClustering.Build, args);
